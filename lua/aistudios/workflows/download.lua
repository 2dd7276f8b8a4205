-- SPDX-License-Identifier: MIT
--
-- download: brings a file to disk. It is written to `path.part` and renamed
-- when it is whole; the next try goes on with a part that was left. No
-- credentials are sent, whatever the address.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local format = require "aistudios.util.decimal".format
local option_rules = require "aistudios.util.option_rules"
local outcome = require "aistudios.transport.outcome"
local response = require "aistudios.endpoints.response"
local send = require "aistudios.transport.send"
local timeouts = require "aistudios.transport.timeouts"
local url = require "aistudios.util.url"

local M = {}

local MOST_REDIRECTS = 5
local MOST_VERSIONS = 3           -- of a file that changes while it is fetched
local LOWEST_SPEED = 1000         -- bytes per second, over M.SPEED_WINDOW
M.SPEED_WINDOW = 60 -- s; the specs do not wait that long
local FIRST_PAUSE, LONGEST_PAUSE = 1, 15 -- s between tries at a file that is not there yet
local PATIENCE = 120              -- s for all of them
local JOB_INTERVAL = 0.05         -- s between two looks at a job that brings an address

-- Stands for the endpoint's row, and reads what is no file.
local row = { name = "download", auth = "none", is_replayable = true, answer = {} }
local reader = { complaint = response.complaint, read = function ()
  return nil, { kind = "protocol", is_no = false, message = "the answer is no file" }
end }

-- Text files that may be what others are refused for.
local markup = { html = true, htm = true, xhtml = true, xml = true, svg = true, ttml = true }
local json = { json = true, geojson = true, jsonl = true }

---@class aistudios.DownloadOptions: aistudios.CallOptions
---@field overwrite? boolean     replace a file that is there (true)
---@field lowest_speed? number   bytes per second over a minute; below, it is tried again (1000)
---@field url? fun(): string|aistudios.Job|table|nil  brings a fresh address when one is refused;
---  a job's result or a table has it as `download_url`
M.rules = copy(option_rules.of_a_call, { overwrite = option_rules.boolean,
  lowest_speed = option_rules.number(0), url = option_rules.callable })

--- A function that tells whether fewer bytes came within the last window than wanted.
local function speedometer(lowest)
  local at, before = core.now(), 0
  return function (received)
    local now = core.now()
    if received - before >= lowest * M.SPEED_WINDOW then at, before = now, received end
    return now - at >= M.SPEED_WINDOW
  end
end

--- The prepared call of a download.
local function prepare(client, address, path, chosen, timeout)
  local limits = timeouts.of_download(client, timeout)
  local lowest = chosen.lowest_speed or LOWEST_SPEED
  local extension = (path:match "%.(%w+)$" or ""):lower()
  return {
    row = row, reader = reader, timeout = limits, on_progress = chosen.on_progress,
    retries = math.tointeger(chosen.retries) or client.policy.retries, is_continued = true,
    is_too_slow = lowest > 0 and speedometer(lowest) or nil,
    too_slow = format("below %g bytes per second (lowest_speed)", lowest),
    request = {
      method = "GET", url = address, to = path,
      replayable = true, follow = MOST_REDIRECTS, resume = true,
      overwrite = chosen.overwrite, mp4 = extension == "mp4",
      markup = markup[extension], json = json[extension],
      connect_timeout = limits.connect, stall_timeout = limits.stall,
      brief = not client.policy.on_event,
    },
  }
end

--- An address that can be asked for, or what is wrong with it, as an error.
local function read_address(client, address, endpoint)
  address = url.tidy(address, client.policy.base_url)
  local ok, wanted = url.parse(address)
  if ok then return address end
  return nil, errors.problem("url", "must be " .. wanted, nil, endpoint)
end

--- Where a file goes, whatever the working directory will be by then.
---@param path string
---@param endpoint string
---@return string? path
---@return aistudios.Error? err
function M.place(path, endpoint)
  if path == "" or path:find("\0", 1, true) then
    return nil, errors.problem("path", "must be the name of a file", path, endpoint)
  end
  local place, message = core.absolute(path)
  if place then return place end
  return nil, errors.new { kind = "file", outcome = "not_sent", message = message,
    endpoint = endpoint }
end

--- The options of a call as they are now, whatever the caller does with the tables.
local function keep(chosen)
  local out = {}
  for name, value in pairs(chosen or out) do
    local is_shared = (name == "timeout" or name == "targets") and type(value) == "table"
    out[name] = is_shared and copy(value) or value
  end
  return out
end

--- The options of a call as they are now; `to` is absolute, and `shown_path` as
--- the caller wrote it, for the result.
---@generic T: aistudios.CallOptions
---@param chosen? T
---@param endpoint string
---@return T? chosen
---@return aistudios.Error? err
function M.options(chosen, endpoint)
  local out, err = keep(chosen), nil
  out.shown_path = out.to
  if out.to then out.to, err = M.place(out.to, endpoint) end
  if err then return nil, err end
  return out
end

--- Is the part that is there of no use? The core has removed it.
local function is_other_version(err)
  return err.status == 412 or err.status == 416 or err.status == 206 and err.kind == "protocol"
end

--- Downloads the file at `address` to `path`, inside a job.
---@param job aistudios.Job
---@param address string
---@param path string
---@param chosen aistudios.DownloadOptions
---@param timeout? aistudios.Timeouts  of the transfer; `chosen` may have those of other calls
---@return { path: string, size: integer, download_url: string }? result
---@return aistudios.Error? err
function M.run(job, address, path, chosen, timeout)
  local result, err
  address, err = read_address(job.client, address, job.endpoint)
  if err then return nil, err end
  job.seen.phase = "download"
  local worst = "not_sent"
  for _ = 1, MOST_VERSIONS do
    result, err = send.run(job, prepare(job.client, address, path, chosen, timeout))
    if err then
      worst = outcome.worse(worst, err.outcome)
      err.outcome = worst
    end
    if result or not is_other_version(err) then break end
  end
  if not result then return nil, err end
  result.download_url, result.path = address, chosen.shown_path or path
  return result
end

-- Statuses of a file that is not there yet, or whose address has expired.
local passing = { [202] = true, [401] = true, [403] = true, [404] = true, [410] = true }

--- Can another try, maybe at another address, succeed?
local function may_pass(err)
  if err.kind == "cancelled" or err.kind == "file" or err.kind == "invalid" then return false end
  return err.retryable or passing[err.status] or err.status == 400
    and (err.body or ""):find("ExpiredToken", 1, true) ~= nil
end

--- Downloads a file that may not be there yet, from an address that may expire:
--- tries again for two minutes, each time at the address that `renew` brings.
---@param job aistudios.Job
---@param address string
---@param path string
---@param chosen aistudios.RenderOptions
---@param renew fun(job: aistudios.Job): string?, aistudios.Error?  nil without an error:
---  the old address is tried again
---@param timeout? aistudios.Timeouts  as `run` takes them
---@return { path: string, size: integer, download_url: string }? result
---@return aistudios.Error? err
function M.fetch(job, address, path, chosen, renew, timeout)
  local pause = math.min(FIRST_PAUSE, chosen.interval or FIRST_PAUSE)
  local deadline = core.now() + math.min(PATIENCE, chosen.deadline or PATIENCE)
  while true do
    local file, err = M.run(job, address, path, chosen, timeout)
    if file or not may_pass(err) or core.now() + pause > deadline then return file, err end
    if not job:sleep(pause) then return nil, send.cancelled(job, "unknown") end
    pause = math.min(2 * pause, chosen.longest_interval or LONGEST_PAUSE)
    local fresh, problem = renew(job)
    if problem then return nil, problem end
    address = fresh or address
  end
end

--- Downloads the film of an item that a workflow has waited for, to `chosen.to`. The limits
--- of the workflow's calls are none of the download.
---@param job aistudios.Job
---@param item table  with a download_url; gets the members of the file
---@param chosen aistudios.RenderOptions
---@param ask fun(): table?, aistudios.Error?  the item again: its address may have expired
---@return table? item
---@return aistudios.Error? err
function M.bring_home(job, item, chosen, ask)
  local file, err = M.fetch(job, item.download_url, chosen.to, chosen, function ()
    local fresh, problem = ask()
    if fresh then return fresh.download_url end
    return nil, problem.kind == "cancelled" and problem or nil
  end)
  if not file then return nil, err end
  item.path, item.size, item.download_url = file.path, file.size, file.download_url
  return item
end

--- What a host's function says where the file is.
local function ask_host(f, endpoint)
  return function (job)
    local found, err = job:call_back(f), nil
    if getmetatable(found) == getmetatable(job) then -- a job of client.async
      while not found:done() and job:sleep(JOB_INTERVAL) do end -- luacheck: ignore
      found, err = found:result()
    end
    if job.is_cancelled or job.scheduler.is_closed then
      return nil, send.cancelled(job, "unknown")
    end
    if err then return nil, err end
    if type(found) == "table" then found = found.download_url end
    if type(found) == "string" then return found end
    return nil, errors.problem("url", "gave no address: a string, a table with download_url or "
      .. "a job is expected, got " .. type(found), nil, endpoint)
  end
end

--- Can a file of that name be written? Asked of the I/O thread: no disk ever
--- holds up the host. A part of an earlier download stays what it is.
---@param job aistudios.Job
---@param path string
---@param overwrite? boolean
---@return aistudios.Error?
function M.check_writable(job, path, overwrite)
  local ended, refusal = job:exchange({ request = {
    try_file = true, to = path, resume = true, overwrite = overwrite,
  } })
  if refusal or not ended.failure then return nil end
  local err = send.cancelled(job, "not_sent")
  if ended.failure == "file" then
    err.kind, err.message = "file", errors.line(ended.message)
  end
  return err
end

--- Downloads the file at `address`. `path` exists only once it is whole.
---@type aistudios.Operation
function M.operation(client, address, path, chosen)
  local is_asked = option_rules.callable(address) == nil
  local wrong = not is_asked and option_rules.expect_text("download", "url", address)
    or option_rules.expect_text("download", "path", path)
    or option_rules.check_all("download", M.rules, chosen)
  if wrong then return nil, nil, wrong end
  local err, place
  if not is_asked then address, err = read_address(client, address, "download") end
  if not err then place, err = M.place(path, "download") end
  if err then return nil, err end
  chosen = copy({ shown_path = path }, keep(chosen))
  local renew = is_asked and ask_host(address, "download")
    or chosen.url and ask_host(chosen.url, "download")
  if not renew then
    return function (job) return M.run(job, address, place, chosen, chosen.timeout) end
  end
  return function (job)
    local first, problem = address, nil
    if is_asked then first, problem = renew(job) end
    if problem then return nil, problem end
    return M.fetch(job, first, place, chosen, renew, chosen.timeout)
  end
end

return M
