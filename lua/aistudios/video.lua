-- SPDX-License-Identifier: MIT
--
-- video: the operations that take more than one call: waiting for a render,
-- bringing its file home, and all of it at once.

local api = require "aistudios.api"
local call = require "aistudios.call"
local endpoint = require "aistudios.endpoint"
local errors = require "aistudios.error"
local options = require "aistudios.options"
local poll = require "aistudios.poll"
local requests = require "aistudios.request"
local url = require "aistudios.url"

---@type table<string, aistudios.Operation>
local M = {}

local MOST_REDIRECTS = 5
local DOWNLOAD_HEADERS = { "Accept: */*" }

-- A download, for what reads rows.
local download_row = {
  name = "download", auth = "none", is_replayable = true, answer = {},
}

local common = endpoint.option_rules

local wait_rules = {
  timeout = common.timeout, retries = common.retries,
  on_progress = common.on_progress,
  deadline = options.seconds, stalled = options.seconds,
  interval = options.seconds, longest_interval = options.seconds,
}

local download_rules = {
  timeout = common.timeout, retries = common.retries,
  on_progress = common.on_progress, overwrite = options.boolean,
}

local render_rules = { to = options.text, overwrite = options.boolean }
for name, rule in pairs(wait_rules) do render_rules[name] = rule end

local function check(what, rules, chosen)
  if chosen == nil then return nil end
  if type(chosen) ~= "table" then
    return ("%s: options must be a table, got %s"):format(what, type(chosen))
  end
  return (options.check(what, rules, chosen))
end

local function expect_text(what, name, value)
  if type(value) == "string" then return nil end
  return ("%s: %s must be a string, got %s"):format(what, name,
    value == nil and "nothing" or type(value))
end

--- The options of one of several calls.
local function part(chosen)
  return { timeout = chosen.timeout, retries = chosen.retries }
end

---@class aistudios.WaitOptions: aistudios.CallOptions
---@field deadline? number   seconds for the whole wait (1800)
---@field stalled? number    seconds without any movement (600)
---@field interval? number   seconds between the first polls (3)
---@field longest_interval? number  seconds between polls at most (15)

-- Waits until a render is at 100 per cent and has a download_url.
function M.wait_for_video(client, id, chosen)
  local wrong = expect_text("wait_for_video", "the project's id", id)
    or check("wait_for_video", wait_rules, chosen)
  if wrong then return nil, nil, wrong end
  chosen = chosen or {}
  local made, err, misuse =
    endpoint.prepare(client, api.get_progress, id, part(chosen))
  if not made then return nil, err, misuse end
  return function (job) return poll.run(job, made, id, chosen) end
end

--- The call that brings `address` to the file `path`.
local function fetch(client, address, path, chosen)
  local limits = requests.timeouts(client, chosen.timeout, { total = math.huge })
  return {
    row = download_row, timeout = limits, on_progress = chosen.on_progress,
    retries = math.tointeger(chosen.retries) or client.policy.retries,
    request = {
      method = "GET", url = address, headers = DOWNLOAD_HEADERS, to = path,
      replayable = true, follow = MOST_REDIRECTS, resume = true,
      overwrite = chosen.overwrite, mp4 = path:lower():find("%.mp4$") ~= nil,
      connect_timeout = limits.connect, stall_timeout = limits.stall,
    },
  }
end

local function check_address(address, name)
  local ok, wanted = url.parse(address)
  if ok then return nil end
  return errors.problem("url", "must be " .. wanted, nil, name)
end

local function run_download(job, address, made)
  job.seen.phase = "download"
  local result, err = call.run(job, made)
  if not result then return nil, err end
  result.download_url = address
  return result
end

---@class aistudios.DownloadOptions: aistudios.CallOptions
---@field overwrite? boolean  replace a file that is there (true)

-- Brings the file at `address` to `path`, which is there when it is whole.
function M.download(client, address, path, chosen)
  local wrong = expect_text("download", "url", address)
    or expect_text("download", "path", path)
    or check("download", download_rules, chosen)
  if wrong then return nil, nil, wrong end
  local err = check_address(address, "download")
  if err then return nil, err end
  if path == "" or path:find("\0", 1, true) then
    return nil, errors.problem("path", "must be the name of a file", path, "download")
  end
  local made = fetch(client, address, path, chosen or {})
  return function (job) return run_download(job, address, made) end
end

-- Can a file of that name be written? Asked of the I/O thread, with a request
-- that libcurl refuses to make once the file is open: no disk ever holds up
-- the host, and nothing is sent.
local function try_file(job, path, chosen)
  local response, refusal = job.loop:exchange(job, {
    method = "GET", url = "file-only://nowhere/", to = path, resume = true,
    overwrite = chosen.overwrite, replayable = true,
  })
  if refusal or response.failure == "protocol" then return nil end
  local err = call.cancelled(job, "not_sent")
  if response.failure == "file" then
    err.kind, err.message = "file", response.message
  end
  return err
end

--- An error of `render` once there is a project: rendering again would cost
--- again.
local function go_on(err, phase, id)
  err.endpoint, err.phase, err.project_id = "render", phase, id
  err.outcome, err.retryable = "unknown", false
  err.message = err.message .. (phase == "wait" and "; go on with wait_for_video"
    or "; go on with wait_for_video and download")
  return err
end

local function run_render(job, create, chosen)
  local seen = job.seen
  seen.phase = "create"
  local err = chosen.to and try_file(job, chosen.to, chosen)
  if err then return nil, err end
  local created
  created, err = call.run(job, create)
  if not created then
    err.phase = "create"
    return nil, err
  end
  local id = created.project_id
  seen.phase, seen.project_id = "wait", id
  local made = endpoint.prepare(job.client, api.get_progress, id, part(chosen))
  local result
  result, err = poll.run(job, made, id, chosen)
  if not result then return nil, go_on(err, "wait", id) end
  if not chosen.to then return result end
  local address = result.download_url
  err = check_address(address, "render")
  if err then return nil, go_on(err, "download", id) end
  local file
  file, err = run_download(job, address,
    fetch(job.client, address, chosen.to, { retries = chosen.retries,
      on_progress = chosen.on_progress, overwrite = chosen.overwrite }))
  if not file then return nil, go_on(err, "download", id) end
  result.path, result.size = file.path, file.size
  return result
end

---@class aistudios.RenderOptions: aistudios.WaitOptions, aistudios.DownloadOptions
---@field to? string  where the file goes; without it, nothing is downloaded

-- Creates a project, waits for its video and brings it home.
function M.render(client, project, chosen)
  local wrong = check("render", render_rules, chosen)
  if wrong then return nil, nil, wrong end
  chosen = chosen or {}
  local create, err, misuse =
    endpoint.prepare(client, api.create_project, project, part(chosen))
  if not create then
    if err then err.endpoint = "render" end
    return nil, err, misuse and misuse:gsub("^create_project", "render")
  end
  if project.isExport == false then
    return nil, errors.problem("isExport", "must not be false to render", false, "render")
  end
  return function (job) return run_render(job, create, chosen) end
end

return M
