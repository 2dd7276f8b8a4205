-- SPDX-License-Identifier: MIT
--
-- rows.files: videos and generated files, as a CDN would serve them: no
-- credentials, ranges, entity tags.

local kinds = require "aistudios.sandbox.fault_kinds"
local http = require "aistudios.sandbox.http"

local MARGIN = 64 -- bytes that a padded video has beyond the plain one, at least

local function plain(status, text, headers)
  return { status = status, type = "text/plain", body = text .. "\n", headers = headers or {} }
end

--- The size of the video of a project, in bytes.
local function size_of(state, project)
  local size = math.max(state.options.download_bytes or 0, state.video_size)
  local is_padded = size > state.video_size or project.version > 0
  return is_padded and math.max(size, state.video_size + MARGIN) or size
end

--- What is at an address: { etag, size, type, and body or seed }.
local function find(state, name)
  local project = state.projects:get(name:match "^(%x+)%.mp4$")
  if project and state.projects:download_url(project) then
    return { type = "video/mp4", size = size_of(state, project), seed = project.version,
      etag = ('"%s-%d"'):format(project.id, project.version) }
  end
  local file, is_gone = state.media:get(name)
  if not file then return nil, is_gone end
  return { type = file.type, body = file.body, seed = 0, etag = ('"%s"'):format(name),
    size = file.body and #file.body or state.video_size }
end

-- A conditional range applies only as long as the tag is the same.
local function range_of(call, file)
  local condition = call.headers["if-range"]
  if condition and condition ~= file.etag then return nil end
  return http.parse_range(call.headers.range, file.size)
end

local function piece(state, file, from, to)
  local reply = {
    type = file.type, rate = state.options.download_rate,
    headers = { "ETag", file.etag, "Accept-Ranges", "bytes" },
  }
  if file.body then
    reply.body = file.body:sub(from + 1, to + 1)
  else
    reply.video = { size = file.size, from = from, length = to - from + 1, seed = file.seed }
  end
  return reply
end

-- Whether a project has had another address since this one.
local function is_old_address(state, call)
  local project = state.projects:get(call.path.file:match "^(%x+)%.mp4$")
  return project and project.address
      and tostring(project.address) ~= (call.query.address or "1")
end

local function download(state, call)
  if is_old_address(state, call) then return kinds.expired_url() end
  local file, is_gone = find(state, call.path.file)
  if not file then return plain(is_gone and 410 or 404, "no such file") end
  local from, to = range_of(call, file)
  if from and not to then
    return plain(416, "no such range", { "Content-Range", "bytes */" .. file.size })
  end
  local reply = piece(state, file, from or 0, to or file.size - 1)
  if call.headers["if-none-match"] == file.etag then
    return { status = 304, headers = reply.headers }
  end
  reply.status = from and 206 or 200
  if from then
    table.insert(reply.headers, "Content-Range")
    table.insert(reply.headers, ("bytes %d-%d/%d"):format(from, to, file.size))
  end
  return reply
end

return {
  { name = "download", method = "GET", path = "/files/{file}", auth = "none",
    serve = download },
  { name = "download", method = "HEAD", path = "/files/{file}", auth = "none",
    serve = download },
}
