-- SPDX-License-Identifier: MIT
--
-- builder: a project with methods that add scenes and clips. The builder is the
-- project itself: a table of the documented fields, whose metatable has the
-- methods. There is no other state, so fields may be read and changed in
-- between. Each method adds to the last scene and returns the project.

local builder_clips = require "aistudios.project.builder_clips"
local known = require "aistudios.project.colors".known
local schema = require "aistudios.project.schema"
local suggest = require "aistudios.util.suggest"
local visibility = require "aistudios.project.visibility"

---@class aistudios.ClipOptions  fields of the clip, as documented, and:
---@field at? string|aistudios.Length[]    "center", "top left", "bottom" ..., or { left, top }
---@field size? string|aistudios.Length[]  { width, height }, "full", "half", "50%" ...
---@field left? aistudios.Length           of the canvas; the same for the next three
---@field top? aistudios.Length
---@field width? aistudios.Length
---@field height? aistudios.Length
---@field margin? aistudios.Length         between clip and border, where `at` is in words
---@field scale? number                    scaleX and scaleY
---@field animation? string|table          "fade-in", "fade-in 2", "fade-in 2 after 3"
---@field id? string                       made of kind, scene and place when missing
---@field layer? integer                   one above the scene's others when missing
---@field color? string                    fill
---@field [1]? string                      the text, the address, or the shape's name
---@field url? string                      the same, of an image, a video or audio
---@field shape? string                    the same, of a shape
---@field font? string                     fontFamily
---@field fontSize? integer|string         pt, or "64px"

---@class aistudios.AvatarOptions: aistudios.ClipOptions
---@field model string|table  an id, an entry of a list of models, or a whole `model`
---@field clothes? string     the entry's own, or its first, when missing
---@field say? string         added to the scene's scripts

---@class aistudios.SceneOptions  fields of the scene, as documented, and:
---@field background? string|table  a colour, an address, or the documented table

---@class aistudios.ProjectBuilder: aistudios.Project  with methods to add to it
local Builder = {}
local meta = { __name = "aistudios.project", __index = Builder }

local function expect_table(self, given, method)
  if getmetatable(self) ~= meta then
    error(("project:%s: call it with a colon, on what aistudios.project made"):format(method), 3)
  end
  if type(given) == "table" then return given end
  error(("project:%s: a table is expected, got %s"):format(method, type(given)), 3)
end

-- Raises for a field that is none, at the caller's caller.
local function check_names(where, given, fields, more)
  for name in pairs(given) do
    if not fields[name] and not (more and more[name]) then
      error(("%s: '%s' is not a field that is documented%s"):format(where, tostring(name),
        suggest.hint(name, fields)), 3)
    end
  end
end

local function copy_of(list)
  return type(list) == "table" and table.move(list, 1, #list, 1, {}) or {}
end

-- Nil and a message when it is no colour, address or table.
local function read_background(given)
  if type(given) == "table" then return given end
  local background = { id = "background", type = "background" }
  if type(given) == "string" then
    if known[given] then
      background.source_color = given
    elseif given:lower():find "^https?:" or given:find "^/[^/]" then
      background.source_type, background.source_url = "image", given
    elseif given:find "[/\\]" then
      return nil, ("%q is no address that the service can fetch"):format(given)
    else
      background.source_color = given
    end
  elseif given ~= nil then
    return nil, "a colour, an address or a table is expected, got " .. type(given)
  end
  return background
end

--- Adds a scene; what follows goes into it.
---@param given? aistudios.SceneOptions
---@return aistudios.ProjectBuilder self
function Builder:scene(given)
  given = expect_table(self, given == nil and {} or given, "scene")
  check_names("project:scene", given, schema.scene)
  local scene = { sceneIdx = #self.scenes, clips = {}, scripts = {} }
  for key, value in pairs(given) do scene[key] = value end
  if given.clips ~= nil then scene.clips = copy_of(given.clips) end
  if given.scripts ~= nil then scene.scripts = copy_of(given.scripts) end
  local background, wrong = read_background(given.background)
  if not background then error("project:scene: background: " .. wrong, 2) end
  scene.background = background
  self.scenes[#self.scenes + 1] = scene
  return self
end

local function free_id(scene, id)
  local taken = {}
  for _, clip in ipairs(scene.clips) do
    if type(clip) == "table" and type(clip.id) == "string" then taken[clip.id] = true end
  end
  while taken[id] do id = id .. "x" end
  return id
end

local function next_layer(scene)
  local top = 0
  for _, clip in ipairs(scene.clips) do
    local layer = type(clip) == "table" and math.type(clip.layer) and math.tointeger(clip.layer)
    if layer and layer > top then top = layer end
  end
  return top + 1
end

local function add(self, method, kind, given)
  expect_table(self, given, method)
  if not self.scenes[1] then self:scene() end
  local scene = self.scenes[#self.scenes]
  local ok, clip, script = pcall(builder_clips[kind], given, visibility.canvas(self))
  if not ok then
    local what = type(clip) == "table" and clip.builder
    if not what then error(clip, 0) end
    error(("project:%s: %s"):format(method, what), 2)
  end
  if clip.id == nil then
    clip.id = free_id(scene, ("%s-%d-%d"):format(kind, #self.scenes, #scene.clips + 1))
  end
  if clip.layer == nil then clip.layer = next_layer(scene) end
  scene.clips[#scene.clips + 1] = clip
  if script then
    scene.scripts = scene.scripts or {}
    table.insert(scene.scripts, script)
  elseif clip.script ~= nil and scene.scripts and next(scene.scripts) == nil then
    scene.scripts = nil -- the clip has the older form of a script; both are not allowed
  end
  return self
end

--- Adds an avatar.
---@param given aistudios.AvatarOptions
---@return aistudios.ProjectBuilder self
function Builder:avatar(given) return add(self, "avatar", "aiModel", given) end

--- Adds a text: `{ "Hello", at = "bottom", fontSize = 48 }`; `fontSize` in
--- pt, or "64px"; `font` is its family.
---@param given aistudios.ClipOptions
---@return aistudios.ProjectBuilder self
function Builder:text(given) return add(self, "text", "textImage", given) end

--- Adds an image: `{ "https://...", size = "half" }`; the whole canvas when no
--- size is given.
---@param given aistudios.ClipOptions
---@return aistudios.ProjectBuilder self
function Builder:image(given) return add(self, "image", "image", given) end

--- Adds a video; the whole canvas when no size is given.
---@param given aistudios.ClipOptions
---@return aistudios.ProjectBuilder self
function Builder:video(given) return add(self, "video", "videoImage", given) end

--- Adds audio: `{ "https://.../a.mp3", volume = 20 }`.
---@param given aistudios.ClipOptions
---@return aistudios.ProjectBuilder self
function Builder:audio(given) return add(self, "audio", "audio", given) end

--- Adds a shape: `{ "Circle", fill = "#ff0000" }`.
---@param given aistudios.ClipOptions
---@return aistudios.ProjectBuilder self
function Builder:shape(given) return add(self, "shape", "shape", given) end

--- The project without the methods; the same scenes.
---@return table project
function Builder:build()
  local project = {}
  for key, value in pairs(self) do project[key] = value end
  return project
end

-- A copy of the caller's scene that clips can be added to.
local function own_scene(scene)
  if type(scene) ~= "table" then return scene end
  local own = {}
  for key, value in pairs(scene) do own[key] = value end
  own.clips = copy_of(scene.clips)
  if type(scene.scripts) == "table" then own.scripts = copy_of(scene.scripts) end
  return own
end

--- Begins a project with these fields; the caller's tables stay as they are.
---@param fields? table  as documented: name, orientation, resolution ...
---@return aistudios.ProjectBuilder
return function (fields)
  local project, scenes = {}, {}
  check_names("aistudios.project", fields or {}, schema.project, schema.answered)
  for key, value in pairs(fields or {}) do project[key] = value end
  for i, scene in ipairs(type(project.scenes) == "table" and project.scenes or {}) do
    scenes[i] = own_scene(scene)
  end
  project.scenes = scenes
  return setmetatable(project, meta)
end
