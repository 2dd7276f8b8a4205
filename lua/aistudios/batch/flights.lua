-- SPDX-License-Identifier: MIT
--
-- batch.flights: what a worker does for one row that it has: the draft, the
-- paid call, the download. Each step begins when the change before it is
-- committed, and ends in a change for the store, which is decided here. Resume
-- tokens have no place in it: the row says what one would (name, draft and
-- project), in the transaction that says what was paid for.

local aistudios = require "aistudios"
local core = require "aistudios.core"
local failures = require "aistudios.batch.failures"

local M = {}

local MOST_TRIES = 10      -- of a row whose draft comes to nothing
local MOST_DOWNLOADS = 5   -- in one worker
local DOWNLOAD_PAUSE = 10  -- s before the next
local LONGEST_MESSAGE = 500 -- bytes
local OF_ANOTHER = "the service may have answered with that of another row"

--- A row that this worker has.
---@class aistudios.batch.Flight
---@field row aistudios.batch.Row
---@field step "draft"|"submit"|"download"
---@field job? aistudios.Job  nil while a change of it is being written

local function change(flight, transition, more)
  local out = more or {}
  out.transition, out.flight = transition, flight
  out.number, out.key, out.attempt = flight.row.number, flight.row.key, flight.row.attempt
  return out
end

-- A line about an error, for the row.
local function describe(err)
  return failures.cut(tostring(err), LONGEST_MESSAGE)
end

--- The change after proof that nothing was bought, or, of a draft, that nothing could be. A
--- draft that the service does not have any more is replaced.
local function not_bought(worker, flight, err)
  local is_lost = flight.step == "submit" and flight.row.draft_id ~= nil and err.status == 404
  local result = { outcome = err.outcome, message = describe(err), drops_draft = is_lost }
  if err.kind == "auth" then worker:fail(err) end
  local is_passing = err.kind == "auth" or err.kind == "cancelled" or err.status == 429
    or err.outcome ~= "rejected" and err.kind ~= "invalid" or err.retryable or is_lost
  local is_limited = is_lost or err.outcome == "unknown" and err.kind ~= "cancelled" -- of a draft
  if not is_passing or is_limited and flight.row.attempt >= MOST_TRIES then
    return change(flight, "refuse", result)
  end
  if not is_lost and err.kind ~= "auth" and err.kind ~= "cancelled" then worker:trouble(err) end
  return change(flight, "release", result)
end

local begin, finish = {}, {}

-- The template with the values of a row.
local function fill(worker, row)
  return worker.template:fill(assert(aistudios.decode(row.fields)), worker.fill)
end

--- The project of a row, under a name that no other attempt of any batch has.
---@param worker aistudios.batch.Worker
---@param row aistudios.batch.Row
---@return table? project
---@return aistudios.Error? err
local function project_of(worker, row)
  local project, err = fill(worker, row)
  if not project then return nil, err end
  local title = tostring(project.name or "Video"):gsub("%z", " ") -- which no store takes
  row.name = ("%s [%s-%d-%d]"):format(title, worker.batch.mark, row.number, row.attempt)
  project.name = row.name
  if worker.webhook and worker.batch.is_direct == 1 then
    project.webhookUrl = worker.webhook(row) -- else of the export alone, which it is evidence of
  end
  return project
end

-- Begins a call; what cannot begin has failed like any other.
local function call(flight, job, err)
  flight.job = job or { is_done = true, result = function () return nil, err end }
end

function begin.draft(worker, flight)
  local row = flight.row
  local message = row.path and worker.places:prepare(row.path)
  if message then
    return change(flight, "refuse", { outcome = "not_sent", message = message })
  end
  if row.draft_id and row.name then return change(flight, "submit", {
    name = row.name, draft_id = row.draft_id, next_step = "submit" }) end
  local project, err = project_of(worker, row)
  if not project then return call(flight, nil, err) end
  if worker.batch.is_direct == 1 then
    flight.project = project
    err = select(2, aistudios.check(project))
    if err and err.kind == "invalid" then return call(flight, nil, err) end
    return change(flight, "submit", { name = row.name, next_step = "submit" })
  end
  project.isExport = false
  call(flight, worker.client.async:create_project(project))
end

function finish.draft(worker, flight, result, err)
  if not result then return not_bought(worker, flight, err) end
  flight.row.draft_id = result.project_id
  return change(flight, "submit", { name = flight.row.name, draft_id = result.project_id,
    next_step = "submit" })
end

--- The paid call. The row is `submitting` in the store. It is not sent where a signed webhook
--- reports that an attempt before bought, however the row came to wait after that.
function begin.submit(worker, flight)
  local row, async = flight.row, worker.client.async
  local reports = row.attempt == 1 and {}
    or worker.store:run("webhook_of", { number = row.number, attempt = row.attempt })
  if not reports or not worker:may_submit() then
    return change(flight, "release", { outcome = "not_sent", message = "stopped before sending" })
  end
  if reports[1] then
    return change(flight, "lose", { outcome = "unknown",
      message = "a signed webhook reports the render" })
  end
  if flight.project then
    call(flight, async:create_project(flight.project))
    flight.project = nil
    return
  end
  local own, err = fill(worker, row)
  if not own then return call(flight, nil, err) end
  call(flight, async:export_project(row.draft_id, { resolution = own.resolution,
    workspaceId = own.workspaceId,
    webhookUrl = worker.webhook and worker.webhook(row) or own.webhookUrl }))
end

function finish.submit(worker, flight, result, err)
  if result then
    worker.troubles = 0
    return change(flight, "buy", { project_id = result.project_id, delay = worker.shortest })
  end
  if err.outcome == "unknown" then
    worker:trouble(err)
    return change(flight, "lose", { outcome = "unknown", message = describe(err) })
  end
  return not_bought(worker, flight, err)
end

function begin.download(worker, flight)
  local row = flight.row
  if not row.path then return change(flight, "deliver", { bytes = 0 }) end
  call(flight, worker.client.async:wait_for_video(row.project_id, { to = worker.places:of(row.path),
    deadline = worker.render_deadline, interval = worker.shortest }))
end

function finish.download(worker, flight, result, err)
  local number = flight.row.number
  if result then return change(flight, "deliver", { bytes = result.size }) end
  local tries = (worker.downloads[number] or 0) + (err.kind == "cancelled" and 0 or 1)
  worker.downloads[number] = tries
  if tries < MOST_DOWNLOADS and err.next ~= "look" then
    return change(flight, "put_back", { message = describe(err), delay = err.kind == "cancelled"
      and 0 or worker.download_pause or DOWNLOAD_PAUSE })
  end
  return change(flight, "fail_delivery", { outcome = "unknown", message = describe(err) })
end

--- What is written of a row instead of a change that the store's constraints refuse: the
--- service answered with the draft, or the project, of another row.
---@param refused aistudios.batch.Change
---@return aistudios.batch.Change? instead
function M.instead(refused)
  local flight = refused.flight
  if not flight then return nil end
  if refused.transition == "submit" then
    return change(flight, flight.row.attempt < MOST_TRIES and "release" or "refuse",
      { outcome = "not_sent", delay = 1, message = "the store refuses the draft: " .. OF_ANOTHER })
  elseif refused.transition == "buy" then
    return change(flight, "lose", { outcome = "unknown",
      message = "it was bought, and the store refuses its project: " .. OF_ANOTHER })
  end
end

--- Begins a step.
---@param worker aistudios.batch.Worker
---@param flight aistudios.batch.Flight
---@param step string
---@return aistudios.batch.Change? change  it has ended already
function M.begin(worker, flight, step)
  flight.step, flight.job, flight.began = step, nil, core.now()
  return begin[step](worker, flight)
end

--- Takes the end of a step.
---@param worker aistudios.batch.Worker
---@param flight aistudios.batch.Flight
---@return aistudios.batch.Change change
function M.finish(worker, flight)
  local result, err = flight.job:result()
  flight.job = nil
  return finish[flight.step](worker, flight, result, err)
end

return M
