-- SPDX-License-Identifier: MIT
--
-- scenes: the scenes of a project that the service makes itself: one per text,
-- with an avatar, a title and a subtitle. They are kept as an outline, which is
-- short, and written when somebody asks for them.

local json = require "aistudios.sandbox.json"

local M = {}

---@param outline table  texts, model, clothes
---@return string json
function M.text(outline)
  local scenes = {}
  local model, clothes = outline.model or "M000045058", outline.clothes or "BG00002320"
  for i, text in ipairs(outline.texts) do
    scenes[i] = {
      sceneIdx = i - 1,
      background = { id = "background", type = "background", source_type = "image",
        source_url = "/images/background/bg_blue_gradient.png" },
      scripts = { { org = text, isTTS = false, tts = json.null, modelId = model,
        clothId = clothes } },
      clips = {
        { id = "avatar-" .. i, type = "aiModel", layer = 1, left = 600, top = 100, width = 679,
          height = 2229, model = { ai_name = model, emotion = clothes } },
        { id = "title-" .. i, type = "textImage", layer = 2, left = 80, top = 80, width = 900,
          height = 120, fill = "#ffffff", fontSize = 60, text = "Title " .. i, tag = "title" },
        { id = "subtitle-" .. i, type = "textImage", layer = 3, left = 80, top = 220, width = 900,
          height = 80, fill = "#ffffff", fontSize = 36, text = "Subtitle " .. i,
          tag = "subtitles" },
      },
    }
  end
  return json.encode(json.list(scenes))
end

--- The size of an outline, in bytes of its texts.
---@param outline table
---@return integer
function M.size(outline)
  local size = 0
  for _, text in ipairs(outline.texts) do size = size + #text end
  return size
end

return M
