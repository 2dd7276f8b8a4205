-- SPDX-License-Identifier: MIT
--
-- small_project: a project of one scene that is complete.

local cjson = require "cjson"

---@param change? fun(whole: table, scene: table, clip: table, script: table)  may spoil it
---@return table
return function (change)
  local clip = { id = "a", type = "aiModel", layer = 1, left = 0, top = 0, width = 10,
    height = 10, model = { ai_name = "M1", emotion = "B1" } }
  local script = { org = "Hello.", isTTS = false, tts = cjson.null, modelId = "M1",
    clothId = "B1" }
  local scene = { sceneIdx = 0, background = { type = "background" },
    scripts = { script }, clips = { clip } }
  local whole = { name = "small", scenes = { scene } }
  if change then change(whole, scene, clip, script) end
  return whole
end
