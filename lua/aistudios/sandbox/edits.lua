-- SPDX-License-Identifier: MIT
--
-- edits: what edit_project changes in the scenes of a project.

--- Overwrites fields of the clips that updates name by scene and type.
---@param scenes table    changed
---@param updates table[]
---@return string? problem
return function (scenes, updates)
  for i, update in ipairs(updates) do
    local scene
    for _, candidate in ipairs(scenes) do
      if candidate.sceneIdx == update.sceneIdx then scene = candidate end
    end
    if not scene then
      return ("updates.value[%d].sceneIdx: the project has no such scene"):format(i - 1)
    end
    local targets = update.type == "background" and { scene.background } or {}
    for _, clip in ipairs(scene.clips) do
      if clip.type == update.type then targets[#targets + 1] = clip end
    end
    for _, target in ipairs(targets) do
      for key, value in pairs(update.values) do
        if key == "script" and type(value) == "string" and scene.scripts then
          if scene.scripts[1] then scene.scripts[1].org = value end
        else
          target[key] = value
        end
      end
    end
  end
end
