-- SPDX-License-Identifier: MIT
--
-- fast: tells a scene of which nothing can be said from one that must be looked
-- at more closely, for a fraction of what the closer look costs. The core walks
-- the scene beside the schema; it never says what is wrong, and when in doubt it
-- says no.

local core = require "aistudios.core"
local judge = require "aistudios.project.public_url".judge
local schema = require "aistudios.project.schema"

local next, find, match = next, string.find, string.match

-- Beginnings of addresses, up to the first `/` of the path, that were found
-- public, and the last of them: addresses of a project seldom have many. Begun
-- anew before it grows large.
local public, public_count, last = {}, 0, nil

local function is_public(url)
  if last and find(url, last, 1, true) == 1 then return true end
  local host = match(url, "^https?://[%w.-]+/")
  if not (host and public[host]) then
    if judge(url) then return false end
    if not host then return true end
    if public_count >= 256 then public, public_count = {}, 0 end
    public[host], public_count = true, public_count + 1
  end
  last = host
  return true
end

local function is_on_site(url)
  return url == "" or find(url, "^/[^/]") ~= nil or is_public(url)
end

-- The schema as core.look wants it: sets of names that point to each other.
local JUDGES = { public = 1, site = 2 }
local sets = {}

local set_of

-- The set of the values that there are.
local function set_of_values(values)
  local set = {}
  for _, value in next, values do set[value] = { type = "string" } end
  sets[#sets + 1] = set
  return #sets
end

-- The set of the types of clips, each an object.
local function set_of_variants()
  local set = {}
  for kind, fields in next, schema.clips do
    set[kind] = { type = "object", inside = set_of(fields) }
  end
  sets[#sets + 1] = set
  return #sets
end

local known = {}

-- The set of these fields' names.
function set_of(fields)
  if known[fields] then return known[fields] end
  local set, place = {}, #sets + 1
  sets[place], known[fields] = set, place
  for name, field in next, fields do
    local items = field.items
    set[name] = {
      type = field.type, required = field.required, nullable = field.nullable,
      or_empty = field.or_empty, min = field.min, max = field.max,
      has_variants = items == "clip", judge = field.url and JUDGES[field.url],
      inside = field.enum and set_of_values(field.enum)
        or items == "clip" and set_of_variants() or items and set_of(items),
    }
  end
  return place
end

set_of(schema.scene)
local scene_schema = core.schema(sets, { is_public, is_on_site })

local function is_spoken(clips, id)
  for _, clip in next, clips do
    if clip.type == "aiModel" and clip.model.ai_name == id then return true end
  end
  return false
end

-- Do the ids of its clips differ, and is there somebody to speak each script?
local function fits_together(scene, seen)
  if seen.count > 512 then seen.ids, seen.count = {}, 0 end
  local clips, scripts, ids, met = scene.clips, scene.scripts, seen.ids, seen.count
  for _, clip in next, clips do
    local id = clip.id
    if ids[id] == scene then return false end
    ids[id], met = scene, met + 1
  end
  seen.count = met
  if scripts then
    for _, script in next, scripts do
      if not is_spoken(clips, script.modelId) then return false end
    end
  end
  return true
end

---@class aistudios.project.Seen  the same for all scenes of a check
---@field ids table<string, table>  the scene in which an id was last met
---@field count integer             the ids are begun anew before they grow large

--- Is nothing wrong with this scene?
---@param scene table
---@param seen aistudios.project.Seen
---@return integer? bytes  of its JSON, at most; nil: look closer
---@return boolean? is_spotless  nor is there a field that is not documented
return function (scene, seen)
  local bytes, is_spotless = core.look(scene, "{{", scene_schema)
  if bytes and fits_together(scene, seen) then return bytes, is_spotless end
end
