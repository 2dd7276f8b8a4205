-- SPDX-License-Identifier: MIT
--
-- download: brings a file to disk. It is written to `path.part` and renamed
-- when it is whole; the next try goes on with a part that was left. No
-- credentials are sent, whatever the address.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local errors = require "aistudios.error"
local option_rules = require "aistudios.util.option_rules"
local response = require "aistudios.endpoints.response"
local send = require "aistudios.transport.send"
local timeouts = require "aistudios.transport.timeouts"
local url = require "aistudios.util.url"

local M = {}

local MOST_REDIRECTS = 5
local RANGE_NOT_SATISFIABLE = 416 -- the part is as long as the whole file
local HEADERS = { "Accept: */*" }

-- Stands for the endpoint's row.
local row = { name = "download", auth = "none", is_replayable = true, answer = {} }

---@class aistudios.DownloadOptions: aistudios.CallOptions
---@field overwrite? boolean  replace a file that is there (true)

--- The prepared call of a download.
local function prepare(client, address, path, chosen)
  local limits = timeouts.of_download(client, chosen.timeout)
  return {
    row = row, reader = response, timeout = limits, on_progress = chosen.on_progress,
    retries = math.tointeger(chosen.retries) or client.policy.retries,
    request = {
      method = "GET", url = address, headers = HEADERS, to = path,
      replayable = true, follow = MOST_REDIRECTS, resume = true,
      overwrite = chosen.overwrite, mp4 = path:lower():find("%.mp4$") ~= nil,
      connect_timeout = limits.connect, stall_timeout = limits.stall,
    },
  }
end

--- What is wrong with an address, as an error.
---@param address string
---@param endpoint string
---@return aistudios.Error?
function M.check_address(address, endpoint)
  local ok, wanted = url.parse(address)
  if ok then return nil end
  return errors.problem("url", "must be " .. wanted, nil, endpoint)
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

--- The options of a call as they are now; `to` is absolute, and `shown_path` as
--- the caller wrote it, for the result.
---@generic T: aistudios.CallOptions
---@param chosen? T
---@param endpoint string
---@return T? chosen
---@return aistudios.Error? err
function M.options(chosen, endpoint)
  local out, err = copy(chosen), nil
  out.shown_path = out.to
  if out.to then out.to, err = M.place(out.to, endpoint) end
  if err then return nil, err end
  return out
end

--- Downloads the file at `address` to `path`, inside a job.
---@param job aistudios.Job
---@param address string
---@param path string
---@param chosen aistudios.DownloadOptions
---@return { path: string, size: integer, download_url: string }? result
---@return aistudios.Error? err
function M.run(job, address, path, chosen)
  local err = M.check_address(address, job.endpoint)
  if err then return nil, err end
  local result
  job.seen.phase = "download"
  result, err = send.run(job, prepare(job.client, address, path, chosen))
  if not result and err.status == RANGE_NOT_SATISFIABLE then -- the part was removed
    result, err = send.run(job, prepare(job.client, address, path, chosen))
  end
  if not result then return nil, err end
  result.download_url, result.path = address, chosen.shown_path or path
  return result
end

--- Can a file of that name be written? Asked of the I/O thread: no disk ever
--- holds up the host. A part of an earlier download stays what it is.
---@param job aistudios.Job
---@param path string
---@param overwrite? boolean
---@return aistudios.Error?
function M.check_writable(job, path, overwrite)
  local ended, refusal = job:exchange({
    try_file = true, to = path, resume = true, overwrite = overwrite,
  })
  if refusal or not ended.failure then return nil end
  local err = send.cancelled(job, "not_sent")
  if ended.failure == "file" then
    err.kind, err.message = "file", errors.line(ended.message)
  end
  return err
end

--- Downloads the file at `address`. `path` exists only once it is whole.
---@type aistudios.Operation
function M.operation(client, address, path, chosen) -- luacheck: ignore client
  local wrong = option_rules.expect_text("download", "url", address)
    or option_rules.expect_text("download", "path", path)
    or option_rules.check_all("download", M.rules, chosen)
  if wrong then return nil, nil, wrong end
  local err = M.check_address(address, "download")
  if err then return nil, err end
  local place
  place, err = M.place(path, "download")
  if err then return nil, err end
  chosen = copy({ shown_path = path }, copy(chosen))
  return function (job) return M.run(job, address, place, chosen) end
end

M.rules = copy(option_rules.of_a_call, { overwrite = option_rules.boolean })

return M
