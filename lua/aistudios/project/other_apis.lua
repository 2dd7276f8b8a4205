-- SPDX-License-Identifier: MIT
--
-- other_apis: recognizes a body that was written for another API, by a field
-- that no project has, so that one sentence is said of it instead of a list.

local by_field = {
  video_inputs = "HeyGen's API", input = "Synthesia's API", script = "D-ID's API",
  videoCreative = "Colossyan's API", timeline = "Shotstack's API",
  elements = "Creatomate's API",
}

---@param project table
---@return string? message  nil when it may be a project
return function (project)
  local scenes = project.scenes
  if scenes == nil then
    for field, api in pairs(by_field) do
      if type(project[field]) == "table" then
        return ("is written for %s (%s); a project has scenes with clips, see aistudios.project")
          :format(api, field)
      end
    end
    return nil
  end
  local first = type(scenes) == "table" and scenes[1]
  if type(first) ~= "table" then return nil end
  if type(first.AIModel) == "table" then
    return "is written for version 2 of the API (scenes[1].AIModel); in version 3 the avatar is"
      .. ' a clip of the type "aiModel", and what it says is in the scene\'s scripts'
  elseif type(first.elements) == "table" then
    return "is written for JSON2Video's API (scenes[1].elements); a scene has clips, see"
      .. " aistudios.project"
  end
end
