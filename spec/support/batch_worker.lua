-- SPDX-License-Identifier: MIT
--
-- batch_worker: a worker of a batch as a process of its own, which kills itself
-- with SIGKILL at a chosen point of its work. For spec/batch.
--
--   lua5.4 spec/support/batch_worker.lua STORE ID URL SETTINGS
--
-- SETTINGS is JSON: kill_at (counts the points; 0: never), app_id, user_key,
-- directory, lease, interval, window, max_in_flight. Prints "over" and the number of
-- points when it ends by itself, and the error otherwise.

local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local native = require "spec.support.native"

local store, id, url = arg[1], arg[2], arg[3]
local settings = assert(aistudios.decode(arg[4]))
local points = 0

-- A place where a process may end: before and after each commit that changes a row,
-- between the statements of such a transaction, and around each request.
local function point()
  points = points + 1
  if points == settings.kill_at then native.kill(native.pid(), 9) end
end

local function is_change(written)
  return type(written) == "table" and written.changes
    and (written.changes[1] or written.waiting[1] or written.ready[1])
end

local was_queued = false
local client <close> = assert(aistudios.new {
  base_url = url, app_id = settings.app_id, user_key = settings.user_key,
  max_in_flight = settings.max_in_flight,
  on_event = function (event)
    point()
    was_queued = was_queued or event.type == "queued"
  end,
})

local batch <close> = assert(batches.open { store = store, id = id,
  directory = settings.directory })

batch.database.hook = function (at, what)
  if at == "statement" then
    if what:find("update aistudios_row set state", 1, true) then point() end
  elseif is_change(what) then
    point()
  end
end

local wait = require "aistudios.batch.worker".wait_for(client)
local status, err = batch:run(client, {
  lease = settings.lease, interval = settings.interval, window = settings.window,
  download_pause = 0.05,
  wait = function (seconds)
    if was_queued then -- some of it is on its way
      was_queued = false
      wait(0.003)
      point()
    end
    wait(seconds)
  end,
})
print(status and "over" or tostring(err), points)
