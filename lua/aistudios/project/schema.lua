-- SPDX-License-Identifier: MIT
--
-- schema: the fields of projects, scenes, scripts and clips with their types,
-- ranges and units, as the API documents them (pages create-project and
-- edit-project). Data only.

--- One field.
---@class aistudios.project.Field
---@field type "string"|"boolean"|"integer"|"number"|"object"|"list"
---@field required? boolean
---@field nullable? boolean    JSON null is a value too
---@field or_empty? boolean    the empty string is a value too
---@field assumed? any         by the service when the field is missing
---@field min? number          inclusive
---@field max? number          inclusive
---@field enum? any[]         all that there are; integers in requests only
---@field meant? table<string, string>  what people write, and the value of `enum` or the
--- variant for it
---@field name? string         what the variants are called
---@field zero? string         what to do instead of writing 0
---@field unit? string         "px", "pt", "%", "degrees"
---@field fields? aistudios.project.Object  what the object holds
---@field items? aistudios.project.Field  what the list holds
---@field variants? table<string, aistudios.project.Field>  the objects that it may be, by `type`
---@field values? aistudios.project.Field  what every member of an object is
---@field is_filled? boolean  the list, or the text, must not be empty
---@field is_flag? boolean    a boolean will do for the words "true" and "false"
---@field is_secret? boolean  never shown again
---@field url? "public"|"site"  an address that the service can fetch; or also a path of its site
---@field is_color? boolean   as CSS has them
---@field usual? table<string, true>  what is known of an open list of words
---@field is_callback? boolean  an address that the service calls
---@field is_html? boolean    the text may hold markup: <p> and <span>
---@field only_seen? boolean   not in the documentation's tables, but in samples

---@alias aistudios.project.Object table<string, aistudios.project.Field>

local M = {}

--- Size of the canvas in px, by orientation.
M.canvas = {
  landscape = { width = 1920, height = 1080 },
  portrait = { width = 1080, height = 1920 },
}

local function merge(...)
  local all = {}
  for _, fields in ipairs { ... } do
    for name, field in pairs(fields) do all[name] = field end
  end
  return all
end

local function required(field) return merge(field, { required = true }) end

local function seen(field) return merge(field, { only_seen = true }) end

local text = { type = "string" }
local address = { type = "string", url = "public" }
local color = { type = "string", is_color = true }
local no_color = merge(color, { or_empty = true, assumed = "" }) -- "": none
local flag = { type = "boolean" }
local object = { type = "object" }
local pixels = { type = "number", unit = "px" }
local percent = { type = "integer", min = 1, max = 100, assumed = 100, unit = "%" }
local angle = { type = "number", assumed = 0, unit = "degrees" } -- clockwise
local scale = { type = "number", assumed = 1 }
local thickness = { type = "integer", min = 0, assumed = 0, unit = "px" }

M.shadow = {
  color = merge(color, { assumed = "#00000060" }),
  blur = { type = "number", min = 0, max = 10, assumed = 0 },
  offsetX = { type = "number", min = 0.1, max = 10, assumed = 5 },
  offsetY = { type = "number", min = 0.1, max = 10, assumed = 5 },
  enabled = flag,
}

-- The unit of duration and delay is not documented.
M.animation = {
  type = { type = "string", required = true, enum = {
    "fade-in", "fade-out", "in-right", "in-down", "in-left", "in-up",
    "out-right", "out-down", "out-left", "out-up", "zoom-in", "zoom-out",
  } },
  duration = { type = "integer", required = true, min = 1, max = 30 },
  delay = { type = "integer", required = true, min = 0, max = 30 },
}

local shadow = { type = "object", fields = M.shadow }
local animation = { type = "object", fields = M.animation }
local voice = { type = "object", nullable = true }
local spoken = { type = "string", required = true, is_html = true }

M.script = {
  org = spoken,
  isTTS = required(flag),
  tts = required(voice), -- null with isTTS = false
  modelId = required(text),
  clothId = required(text),
}

M.background = {
  id = seen(text),
  type = seen { type = "string", enum = { "background" } },
  source_type = seen(text),
  source_url = seen { type = "string", url = "site" },
  source_color = seen(color),
}

local common = {
  id = required(text),
  type = required(text),
  layer = required { type = "integer" }, -- higher is in front
  tag = text,
  name = seen(text),
  lockScalingFlip = seen(flag), lockRotation = seen(flag),
  lockMovementX = seen(flag), lockMovementY = seen(flag),
  lockScalingX = seen(flag), lockScalingY = seen(flag),
  lockSkewingX = seen(flag), lockSkewingY = seen(flag),
  lockUniScaling = seen(flag),
}

local extent = merge(pixels, { min = 0 })

local box = {
  left = required(pixels), top = required(pixels),
  width = required(extent), height = required(extent),
  scaleX = scale, scaleY = scale,
}

M.model = {
  ai_name = required(text),
  emotion = required(text),
  language = seen(text), source_url = seen(text), maskFile = seen(text),
  editor = seen(object), origin = seen(object), deployImage = seen(object),
  deploySize = seen(object), editorValue = seen(object),
}

--- The clip types.
---@type table<string, aistudios.project.Object>
M.clips = {
  aiModel = merge(common, box, {
    model = { type = "object", required = true, fields = M.model },
    script = { type = "object", fields = { org = spoken, tts = voice } },
    effects = seen { type = "list" },
    fill = seen(color),
    opacity = seen(percent),
    headOnly = seen { type = "boolean", nullable = true },
    voiceOnly = seen(flag),
    isDelete = seen(flag),
  }),
  shape = merge(common, box, {
    shapeName = { type = "string", required = true, enum = {
      "Line_v2", "Arrow_1_v2", "Arrow_2_v2", "Circle", "Triangle", "Square",
      "Parallelogram", "Drop_1", "Polygon", "Pentagon", "Oval_1", "Oval_2",
      "Hexagon_1", "Hexagon_2", "Diamond", "Star", "Rectangle_corner0",
    } },
    fill = required(color), angle = angle, opacity = percent,
    stroke = no_color, strokeWidth = thickness, strokeRadius = thickness,
    shadow = shadow, animation = animation,
  }),
  image = merge(common, box, {
    source_url = required(address), fill = seen(color),
    angle = angle, opacity = percent, animation = animation,
  }),
  textImage = merge(common, box, {
    text = required(text), fill = required(color),
    fontSize = { type = "number", required = true, min = 1, unit = "pt" },
    fontFamily = { type = "string", assumed = "Noto Sans CJK" },
    fontWeight = { type = "integer", or_empty = true },
    fontStyle = { type = "string", enum = { "italic", "" } },
    underline = { type = "boolean", assumed = false },
    align = { type = "string", assumed = "left", usual = { left = true, center = true,
      right = true, justify = true, ["justify-left"] = true, ["justify-center"] = true,
      ["justify-right"] = true } },
    angle = angle, opacity = percent, backgroundColor = no_color,
    stroke = no_color, strokeWidth = thickness,
    shadow = shadow, animation = animation,
  }),
  videoImage = merge(common, box, {
    video_url = required(address),
    volume = merge(percent, { zero = "to mute it, use a file without sound" }),
    opacity = percent, fill = seen(color), source_url = seen(text),
  }),
  audio = merge(common, box, {
    source_url = required(address), label = required(text),
    volume = merge(percent, { zero = "leave the clip out to mute it" }),
  }),
}

M.clip = { type = "object", name = "clip type", variants = {}, meant = {
  text = "textImage", video = "videoImage", avatar = "aiModel", model = "aiModel",
  picture = "image", img = "image", music = "audio", sound = "audio",
} }
for kind, fields in pairs(M.clips) do
  M.clip.variants[kind] = { type = "object", fields = fields }
end

M.scene = {
  sceneIdx = { type = "integer", required = true, min = 0 },
  background = { type = "object", required = true, fields = M.background },
  clips = { type = "list", required = true, items = M.clip },
  scripts = { type = "list", items = { type = "object", fields = M.script } },
  watermark = seen(flag),
  thumbnailUrl = seen { type = "string", nullable = true },
}

M.project = {
  name = { type = "string", assumed = "Default Template" },
  orientation = { type = "string", assumed = "landscape",
    enum = { "landscape", "portrait" }, meant = {
      ["16:9"] = "landscape", ["1920x1080"] = "landscape", horizontal = "landscape",
      ["9:16"] = "portrait", ["1080x1920"] = "portrait", vertical = "portrait",
    } },
  scenes = { type = "list", required = true, items = { type = "object", fields = M.scene } },
  isExport = { type = "boolean", assumed = true },
  workspaceId = text,
  resolution = { type = "string", assumed = "1080",
    enum = { "4k", "1080", "720", "480" }, meant = {
      ["2160p"] = "4k", ["3840x2160"] = "4k", uhd = "4k", ["1080p"] = "1080",
      ["1920x1080"] = "1080", fhd = "1080", ["720p"] = "720", ["1280x720"] = "720",
      hd = "720", ["480p"] = "480", sd = "480",
    } },
  webhookUrl = { type = "string", is_callback = true },
  dictionary = seen(object),
}

--- The fields of a table that stands where the rule is.
---@param rule aistudios.project.Field
---@param value table
---@return aistudios.project.Object?
function M.fields_of(rule, value)
  if rule.variants then rule = rule.variants[value.type] end
  return rule and rule.fields
end

--- Fields of a project that only get_project returns. Sent again, they mean nothing.
M.answered = {
  _id = true, userId = true, templateId = true, state = true, thumbnailUrl = true,
  baseInfoId = true, backendTaskId = true, exportType = true, progress = true,
  creditSubstracted = true, createdAt = true, updatedAt = true, download_url = true,
}

return M
