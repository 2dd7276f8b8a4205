-- SPDX-License-Identifier: MIT
--
-- rows.files: the films of finished projects, as a CDN would serve them: no
-- credentials, ranges, entity tags.

local http = require "aistudios.sandbox.http"

local MARGIN = 64 -- bytes that a film has at least beyond the video itself

local function plain(status, text, headers)
  return { status = status, type = "text/plain", body = text .. "\n", headers = headers or {} }
end

--- How long the film of a project is.
local function size_of(world, project)
  local size = math.max(world.options.download_bytes or 0, world.video_size)
  local is_padded = size > world.video_size or project.version > 0
  return is_padded and math.max(size, world.video_size + MARGIN) or size
end

local function etag_of(project)
  return ('"%s-%d"'):format(project.id, project.version)
end

-- Whether a conditional range still applies: no condition, or the same tag.
local function still_fits(condition, etag)
  return condition == nil or condition == etag
end

local function range_of(call, etag, size)
  if not still_fits(call.headers["if-range"], etag) then return nil end
  return http.parse_range(call.headers.range, size)
end

local function film(world, project, from, to, size)
  return {
    type = "video/mp4", rate = world.options.download_rate,
    film = { size = size, from = from, length = to - from + 1, seed = project.version },
  }
end

local function download(world, call)
  local id = call.path.file:match "^(%x+)%.mp4$"
  local project = world.projects:get(id)
  if not project or not world.projects:download_url(project) then
    return plain(404, "no such file")
  end
  local etag, size = etag_of(project), size_of(world, project)
  local from, to = range_of(call, etag, size)
  if from and not to then
    return plain(416, "no such range", { "Content-Range", "bytes */" .. size })
  end
  local reply = film(world, project, from or 0, to or size - 1, size)
  reply.headers = { "ETag", etag, "Accept-Ranges", "bytes" }
  if call.headers["if-none-match"] == etag then
    return { status = 304, headers = reply.headers }
  end
  reply.status = from and 206 or 200
  if from then
    table.insert(reply.headers, "Content-Range")
    table.insert(reply.headers, ("bytes %d-%d/%d"):format(from, to, size))
  end
  return reply
end

return {
  { name = "download", method = "GET", path = "/files/{file}", auth = "none",
    serve = download },
  { name = "download", method = "HEAD", path = "/files/{file}", auth = "none",
    serve = download },
}
