-- SPDX-License-Identifier: MIT
--
-- pins: the problems of the check, numbered, and the scene and clip that each
-- concerns.

local M = {}

---@class aistudios.storyboard.Pin
---@field number integer   counts from 1 through the page
---@field problem aistudios.Problem
---@field scene? integer
---@field clip? integer    index in the scene's clips
---@field where string     the path behind that of the scene

---@class aistudios.storyboard.Pins
---@field all aistudios.storyboard.Pin[]
---@field project aistudios.storyboard.Pin[]  those of no scene
---@field scenes table<integer, aistudios.storyboard.Pin[]>
---@field errors integer
---@field warnings integer

local function problems_of(project)
  local errors, warnings = require "aistudios.project.check"(project)
  local all = table.move(errors, 1, #errors, 1, {})
  table.move(warnings, 1, #warnings, #all + 1, all)
  return all, #errors, #warnings
end

local function read_path(path)
  local scene, rest = path:match "^scenes%[(%-?%d+)%]%.?(.*)$"
  if not scene then return nil, nil, path end
  local clip = rest:match "^clips%[(%-?%d+)%]"
  return math.tointeger(tonumber(scene)), math.tointeger(tonumber(clip)), rest
end

--- Looks at a project; its problems by where they are.
---@param project table
---@return aistudios.storyboard.Pins
function M.of(project)
  local problems, errors, warnings = problems_of(project)
  local pins = { all = {}, project = {}, scenes = {}, errors = errors,
    warnings = warnings }
  for _, problem in ipairs(problems) do
    local scene, clip, where = read_path(problem.path)
    local pin = { problem = problem, scene = scene, clip = clip, where = where }
    local list = pins.project
    if scene then
      list = pins.scenes[scene] or {}
      pins.scenes[scene] = list
    end
    list[#list + 1] = pin
    pins.all[#pins.all + 1] = pin
  end
  return pins
end

--- Numbers a list's pins, going on from `last`: clip by clip, as they stand.
---@param list aistudios.storyboard.Pin[]?
---@param last integer
---@return integer last
function M.number(list, last)
  for _, pin in ipairs(list or {}) do
    last = last + 1
    pin.number = last
  end
  return last
end

--- The pins of one scene by clip.
---@param list aistudios.storyboard.Pin[]?
---@return table<integer, aistudios.storyboard.Pin[]>
function M.by_clip(list)
  local found = {}
  for _, pin in ipairs(list or {}) do
    if pin.clip then
      local mine = found[pin.clip] or {}
      found[pin.clip] = mine
      mine[#mine + 1] = pin
    end
  end
  return found
end

return M
