-- SPDX-License-Identifier: MIT
--
-- download: brings a file home. It is written to `path.part` and gets its
-- name when it is whole; a part that is left is continued by the next try.
-- No credentials go with it, wherever it is.

local call = require "aistudios.transport.send"
local copy = require "aistudios.util.copy"
local errors = require "aistudios.error"
local options = require "aistudios.util.option_rules"
local requests = require "aistudios.endpoints.request"
local url = require "aistudios.util.url"

local M = {}

local MOST_REDIRECTS = 5
local NOTHING_LEFT = 416 -- of a file whose part is as long as the whole
local HEADERS = { "Accept: */*" }

-- For what reads rows.
local row = { name = "download", auth = "none", is_replayable = true, answer = {} }

---@class aistudios.DownloadOptions: aistudios.CallOptions
---@field overwrite? boolean  replace a file that is there (true)

--- A download takes as long as it takes, unless the call itself says more.
local function limits_of(client, given)
  if type(given) ~= "table" then given = { total = given } end
  return requests.timeouts(client, {
    connect = given.connect, stall = given.stall, total = given.total or math.huge,
  })
end

--- The call that brings the file.
local function prepare(client, address, path, chosen)
  local limits = limits_of(client, chosen.timeout)
  return {
    row = row, timeout = limits, on_progress = chosen.on_progress,
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

--- What is wrong with a path, as an error.
---@param path string
---@param endpoint string
---@return aistudios.Error?
function M.check_path(path, endpoint)
  if path ~= "" and not path:find("\0", 1, true) then return nil end
  return errors.problem("path", "must be the name of a file", path, endpoint)
end

--- Brings the file at `address` to `path`.
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
  result, err = call.run(job, prepare(job.client, address, path, chosen))
  if not result and err.status == NOTHING_LEFT then -- and the part is gone now
    result, err = call.run(job, prepare(job.client, address, path, chosen))
  end
  if not result then return nil, err end
  result.download_url = address
  return result
end

--- Can a file of that name be written? Asked of the I/O thread, with a request
--- that libcurl refuses to make once the file is open: no disk ever holds up
--- the host, and nothing is sent. A part of an earlier download is lost.
---@param job aistudios.Job
---@param path string
---@param chosen aistudios.DownloadOptions
---@return aistudios.Error?
function M.try_file(job, path, chosen)
  local response, refusal = job.loop:exchange(job, {
    method = "GET", url = "file-only://nowhere/", to = path, resume = true,
    overwrite = chosen.overwrite, replayable = true,
  })
  if refusal or response.failure == "protocol" then return nil end
  local err = call.cancelled(job, "not_sent")
  if response.failure == "file" then
    err.kind, err.message = "file", errors.line(response.message)
  end
  return err
end

--- Brings the file at `address` to `path`, which is there when it is whole.
---@type aistudios.Operation
function M.operation(client, address, path, chosen) -- luacheck: ignore client
  local wrong = options.expect_text("download", "url", address)
    or options.expect_text("download", "path", path)
    or options.check_all("download", M.rules, chosen)
  if wrong then return nil, nil, wrong end
  local err = M.check_address(address, "download") or M.check_path(path, "download")
  if err then return nil, err end
  return function (job) return M.run(job, address, path, chosen or {}) end
end

M.rules = copy(options.of_a_call, { overwrite = options.boolean })

return M
