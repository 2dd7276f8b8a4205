-- SPDX-License-Identifier: MIT
--
-- projects: what was created, and the progress of its render. A render takes
-- `render_seconds` of a monotonic clock.

local json = require "aistudios.sandbox.json"

local MAX_PROJECTS = 50000
local MAX_BYTES = 32 * 1024 * 1024 -- of all scenes together

---@class aistudios.sandbox.Projects
local Projects = {}
Projects.__index = Projects

local M = {}

---@param state table
---@return aistudios.sandbox.Projects
function M.new(state)
  return setmetatable({
    state = state, by_id = {}, ids = {}, first = 1, last = 0,
    bytes = 0, first_scenes = 1,
  }, Projects)
end

local function timestamp(state)
  return os.date("!%Y-%m-%dT%H:%M:%S.000Z", math.floor(state.wall()))
end

local function drop_scenes(self, at)
  local project = self.by_id[self.ids[at]]
  if project and project.scenes_text then
    self.bytes = self.bytes - #project.scenes_text
    project.scenes_text = nil
  end
end

local function keep_bounds(self)
  while self.bytes > MAX_BYTES and self.first_scenes < self.last do
    drop_scenes(self, self.first_scenes)
    self.first_scenes = self.first_scenes + 1
  end
  while self.last - self.first >= MAX_PROJECTS do
    drop_scenes(self, self.first)
    local id = self.ids[self.first]
    if id then self.by_id[id] = nil end
    self.ids[self.first] = nil
    self.first = self.first + 1
    self.first_scenes = math.max(self.first, self.first_scenes)
  end
end

--- Makes a project that is not rendered yet.
---@param fields table  name, orientation, scenes_text and what else is known
---@return table project
function Projects:create(fields)
  local state = self.state
  local now = timestamp(state)
  local id = ("%08x"):format(math.floor(state.wall())) .. state.native.random(8)
  local project = {
    id = id, task_id = state.native.random(12), created_at = now, updated_at = now,
    name = "Default Template", orientation = "landscape",
    scenes_text = "[]", version = 0,
  }
  for key, value in pairs(fields) do
    if value ~= json.null then project[key] = value end
  end
  self.last = self.last + 1
  self.ids[self.last], self.by_id[id] = id, project
  project.number = self.last
  self.bytes = self.bytes + #project.scenes_text
  keep_bounds(self)
  return project
end

--- Gives a project other scenes.
---@param project table
---@param text string  JSON
function Projects:set_scenes(project, text)
  self.bytes = self.bytes - #(project.scenes_text or "") + #text
  project.scenes_text = text
  project.updated_at = timestamp(self.state)
  keep_bounds(self)
end

--- A new project with the fields of another, `changes` aside.
function Projects:copy(project, changes)
  local fields = {
    name = project.name, orientation = project.orientation,
    scenes_text = project.scenes_text, template_id = project.template_id,
  }
  for key, value in pairs(changes or {}) do fields[key] = value end
  return self:create(fields)
end

---@param id any
---@return table? project
function Projects:get(id)
  return self.by_id[id]
end

---@param id any
---@return boolean was_there
function Projects:delete(id)
  local project = self.by_id[id]
  if not project then return false end
  drop_scenes(self, project.number)
  self.by_id[id], self.ids[project.number] = nil, nil
  return true
end

--- Starts the render.
function Projects:export(project)
  project.began = self.state.now()
  project.updated_at = timestamp(self.state)
end

--- Ends the render now.
function Projects:finish(project)
  project.began = self.state.now() - self.state.options.render_seconds
end

---@return number progress  0 to 100
function Projects:progress(project)
  if not project.began then return 0 end
  local seconds = self.state.options.render_seconds
  local gone = self.state.now() - project.began
  if gone >= seconds then return 100 end
  return math.floor(gone / seconds * 10000) / 100
end

---@return number progress  0 to 100, of a project that a tool builds
function Projects:build_progress(project)
  if not project.build_began then return 100 end
  local seconds = self.state.options.build_seconds or self.state.options.render_seconds
  local gone = self.state.now() - project.build_began
  if gone >= seconds then return 100 end
  return math.floor(gone / seconds * 10000) / 100
end

---@return string state
function Projects:render_state(project)
  if not project.began then return "created" end
  return self:progress(project) >= 100 and "exported" or "exporting"
end

--- The address of the video; nil before the render is complete.
---@return string?
function Projects:download_url(project)
  if self:progress(project) < 100 then return nil end
  return ("%s/files/%s.mp4"):format(self.state.url, project.id)
end

--- The projects whose render was started `list_lag` seconds ago or earlier,
--- oldest first.
---@return table[]
function Projects:exported()
  local list = {}
  local latest = self.state.now() - self.state.options.list_lag
  for i = self.first, self.last do
    local project = self.by_id[self.ids[i]]
    if project and project.began and project.began <= latest then list[#list + 1] = project end
  end
  return list
end

---@return integer
function Projects:count()
  local count = 0
  for _ in pairs(self.by_id) do count = count + 1 end
  return count
end

return M
