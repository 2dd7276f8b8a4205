-- SPDX-License-Identifier: MIT
--
-- fast_path: recognizes a scene without errors at a fraction of the price of the
-- full check. The core compares the scene with the schema; it does not say what
-- is wrong, and in doubt it answers no, so that the full check decides.

local core = require "aistudios.core"
local public_url = require "aistudios.project.public_url"
local schema = require "aistudios.project.schema"

local next, find, match = next, string.find, string.match

local MAX_HOSTS, MAX_IDS = 256, 512 -- kept in memory
local MAX_SCRIPTS = 32 -- of a scene; each is looked for in all clips

-- Addresses up to the first `/` of their path that were found public, and the
-- last of them: a project seldom has many. Emptied at MAX_HOSTS.
local public, public_count, last = {}, 0, nil

local function is_public(url)
  if find(url, "&amp;", 1, true) then return false end -- a warning
  if last and find(url, last, 1, true) == 1 then return true end
  local host = match(url, "^https?://[%w.-]+/")
  if not (host and public[host]) then
    if public_url(url) then return false end
    if not host then return true end
    if public_count >= MAX_HOSTS then public, public_count = {}, 0 end
    public[host], public_count = true, public_count + 1
  end
  last = host
  return true
end

local function is_on_site(url)
  return url == "" or find(url, "^/[^/]") ~= nil or is_public(url)
end

-- The schema as core.schema expects it: sets of fields that name each other by
-- index, and functions that check addresses.
local URL_CHECKS = { public = 1, site = 2 }
local sets = {}

local set_of

-- The set of an enumeration's values.
local function set_of_values(values)
  local set = {}
  for _, value in next, values do set[value] = { type = "string" } end
  sets[#sets + 1] = set
  return #sets
end

-- The set of clip types, each an object.
local function set_of_variants()
  local set = {}
  for kind, fields in next, schema.clips do
    set[kind] = { type = "object", inside = set_of(fields) }
  end
  sets[#sets + 1] = set
  return #sets
end

local known = {}

-- The index of the set of these fields.
function set_of(fields)
  if known[fields] then return known[fields] end
  local set, index = {}, #sets + 1
  sets[index], known[fields] = set, index
  for name, field in next, fields do
    local items = field.items
    set[name] = {
      type = field.type, required = field.required, nullable = field.nullable,
      or_empty = field.or_empty, min = field.min, max = field.max,
      has_variants = items == "clip", validator = field.url and URL_CHECKS[field.url],
      inside = field.enum and set_of_values(field.enum)
        or items == "clip" and set_of_variants() or items and set_of(items),
    }
  end
  return index
end

set_of(schema.scene)
local scene_schema = core.schema(sets, { is_public, is_on_site })

local function has_avatar(clips, script)
  for _, clip in next, clips do
    if clip.type == "aiModel" and clip.model.ai_name == script.modelId
        and clip.model.emotion == script.clothId then return true end
  end
  return false
end

local function has_clip_script(clips)
  for _, clip in next, clips do
    if clip.type == "aiModel" and type(clip.script) == "table" then return true end
  end
  return false
end

local function has_repeated_ids(scene, seen)
  if seen.count > MAX_IDS then seen.scenes, seen.count = {}, 0 end
  local scenes = seen.scenes
  for _, clip in next, scene.clips do
    local id = clip.id
    if scenes[id] == scene then return true end
    scenes[id], seen.count = scene, seen.count + 1
  end
  return false
end

-- Do the ids of its clips differ, has it scripts, and each script its avatar?
local function is_consistent(scene, seen)
  local clips, scripts = scene.clips, scene.scripts
  if clips[2] and has_repeated_ids(scene, seen) then return false end
  if type(scripts) ~= "table" then return has_clip_script(clips) end
  if #scripts > MAX_SCRIPTS then return false end
  for _, script in next, scripts do
    if not has_avatar(clips, script) then return false end
  end
  return true
end

--- One table for all scenes of a validation, so that none is made per scene.
---@class aistudios.project.IdsSeen
---@field scenes table<string, table>  by clip id, the last scene that had it
---@field count integer                ids added; both start anew at MAX_IDS

--- Is this scene certainly free of errors and of `{{`?
---@param scene table
---@param seen aistudios.project.IdsSeen
---@return integer? bytes  the most that its JSON takes; nil: the full check decides
---@return boolean? is_documented  it has no unknown field either
return function (scene, seen)
  local bytes, is_documented = core.check(scene, "{{", scene_schema)
  if bytes and is_consistent(scene, seen) then return bytes, is_documented end
end
