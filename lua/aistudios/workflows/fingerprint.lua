-- SPDX-License-Identifier: MIT
--
-- fingerprint: a short text by which a project is found again among those of
-- the account when its id is not known. It is made of the name and of all texts,
-- addresses, avatars, clothes and colours, and tells nothing of them.

local M = {}

local VERSION = "-2" -- its end; one without it was made of less
local BASIS, PRIME = 0xcbf29ce484222325, 0x100000001b3 -- FNV-1a, eight bytes at a time

local function hash(text)
  local value = BASIS ~ #text
  text = text .. ("\0"):rep(-#text % 8)
  for at = 1, #text, 8 do
    value = (value ~ string.unpack("<i8", text, at)) * PRIME
    value = value ~ (value >> 29)
  end
  return ("%016x"):format(value)
end

local function items(value)
  return ipairs(type(value) == "table" and value or {})
end

local function add(parts, object, ...)
  for _, name in ipairs { ... } do
    local value = type(object) == "table" and object[name]
    parts[#parts + 1] = type(value) == "string" and value or ""
  end
end

--- Of a name.
---@param name any
---@return string
function M.of_name(name)
  return hash(type(name) == "string" and name or "")
end

--- Of a project as it was written, or as the service shows it.
---@param project table
---@return string
function M.of(project)
  local parts = { project.orientation == "portrait" and "portrait" or "landscape" }
  for _, scene in items(project.scenes) do
    scene = type(scene) == "table" and scene or {}
    parts[#parts + 1] = "scene"
    add(parts, scene.background, "source_url", "source_color")
    for _, clip in items(scene.clips) do
      add(parts, clip, "type", "text", "source_url", "source_color", "fill", "stroke",
        "backgroundColor")
      clip = type(clip) == "table" and clip or {}
      add(parts, clip.model, "ai_name", "emotion")
      add(parts, clip.script, "org", "modelId", "clothId")
    end
    for _, script in items(scene.scripts) do add(parts, script, "org", "modelId", "clothId") end
  end
  return M.of_name(project.name) .. hash(table.concat(parts, "\0")) .. VERSION
end

--- Can a project have this fingerprint? None has that of an earlier version.
---@param fingerprint string
---@return boolean
function M.is_current(fingerprint)
  return fingerprint:sub(-#VERSION) == VERSION
end

--- Has a project with this fingerprint that name?
---@param fingerprint string
---@param name any
---@return boolean
function M.has_name(fingerprint, name)
  return fingerprint:sub(1, 16) == M.of_name(name)
end

return M
