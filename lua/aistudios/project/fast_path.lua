-- SPDX-License-Identifier: MIT
--
-- fast_path: writes a project as JSON, and tells on the way whether it is surely
-- free of errors. The core compares it with the schema; it does not say what is
-- wrong, and in doubt it answers no, so that project.validate decides.

local core = require "aistudios.core"
local public_url = require "aistudios.project.public_url"
local schema = require "aistudios.project.schema"

local find, marshal, match = string.find, core.marshal, string.match

local MAX_HOSTS, MAX_IDS = 256, 512 -- kept in memory
local MAX_SCRIPTS = 32 -- of a scene; each is looked for in all clips

local M = {}

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

local compiled = core.schema({ type = "object", fields = schema.project },
  { public = is_public, site = is_on_site })

-- The names alone: what is told of their values by it says nothing.
local names = {}
for name in pairs(schema.project) do names[name] = { type = "boolean" } end
local compiled_names = core.schema({ type = "object", fields = names }, {})

local function has_avatar(clips, script)
  for i = 1, #clips do
    local clip = clips[i]
    if clip.type == "aiModel" and clip.model.ai_name == script.modelId
        and clip.model.emotion == script.clothId then return true end
  end
  return false
end

local function has_clip_script(clips)
  for i = 1, #clips do
    local clip = clips[i]
    if clip.type == "aiModel" and type(clip.script) == "table" then return true end
  end
  return false
end

-- Does a scene have an id twice? `seen` has the last scene of each id of the
-- project, and is emptied at MAX_IDS: no table is made per scene.
local function has_repeated_ids(scene, seen)
  local scenes = seen.scenes
  if seen.count > MAX_IDS then
    for id in next, scenes do scenes[id] = nil end
    seen.count = 0
  end
  local clips = scene.clips
  for i = 1, #clips do
    local id = clips[i].id
    if scenes[id] == scene then return true end
    scenes[id] = scene
  end
  seen.count = seen.count + #clips
  return false
end

-- Has a scene scripts, and each script its avatar?
local function has_speakers(scene)
  local clips, scripts = scene.clips, scene.scripts
  if type(scripts) ~= "table" then return has_clip_script(clips) end
  if #scripts > MAX_SCRIPTS then return false end
  for i = 1, #scripts do
    if not has_avatar(clips, scripts[i]) then return false end
  end
  return true
end

-- Is a project whose fields are all good without errors? And the first scene that
-- `is_plain` denies: asked here, while the scene is in the processor's cache.
local function is_consistent(project, is_plain)
  local seen, scenes, doubtful = nil, project.scenes, nil
  for i = 1, #scenes do
    local scene = scenes[i]
    if not has_speakers(scene) then return false end
    if scene.clips[2] then
      seen = seen or { scenes = {}, count = 0 }
      if has_repeated_ids(scene, seen) then return false end
    end
    if is_plain and not doubtful and not is_plain(scene) then doubtful = i end
  end
  return project.isExport == false or scenes[1] ~= nil, doubtful
end

--- A project as JSON.
---@param project any
---@return aistudios.core.Body? body  nil: it has no JSON form
---@return boolean? is_clean  it has certainly no error and no `{{`
---@return boolean? is_documented  it has no unknown field either
function M.marshal(project)
  local body, is_clean, is_documented = marshal(project, compiled)
  if body then return body, is_clean and (is_consistent(project)), is_documented end
end

--- The same of one that is not checked.
---@param project any
---@return aistudios.core.Body? body
---@return boolean? is_documented  all its own fields are
function M.marshal_unchecked(project)
  local body, _, is_documented = marshal(project, compiled_names)
  return body, body and is_documented
end

--- What there is to say of one without its JSON.
---@param project any
---@param is_plain? fun(scene: table): boolean?  asked of scenes without a wrong or an
---unknown field, in order, up to the first that it denies
---@return boolean is_clean
---@return boolean is_documented  it has no unknown field either
---@return boolean is_encodable   it has a JSON form
---@return integer? doubtful  the number of the scene that is_plain denied
function M.check(project, is_plain)
  local is_clean, is_documented = core.check(project, compiled)
  local is_good, doubtful = false, nil
  if is_clean then is_good, doubtful = is_consistent(project, is_documented and is_plain) end
  return is_good, is_documented == true, is_clean ~= nil, doubtful
end

return M
