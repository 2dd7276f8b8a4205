-- SPDX-License-Identifier: MIT
--
-- projects: what was created, and the progress of its render, which is a
-- function of the world's clock.

local copy = require "aistudios.util.copy"
local json = require "aistudios.sandbox.json"
local listing = require "aistudios.sandbox.listing"
local scenes = require "aistudios.sandbox.scenes"
local stamp = require "aistudios.sandbox.clock".stamp

local MAX_PROJECTS = 200000
local MAX_BYTES = 32 * 1024 * 1024 -- of all scenes together

---@class aistudios.sandbox.Projects
local Projects = {}
Projects.__index = Projects

local M = {}

---@param state aistudios.sandbox.State
---@return aistudios.sandbox.Projects
function M.new(state)
  return setmetatable({
    state = state, by_id = {}, ids = {}, first = 1, last = 0,
    bytes = 0, first_scenes = 1, count = 0, lists = listing.new(state),
  }, Projects)
end

-- ---- what is kept ----

local function size_of(project)
  if project.outline then return scenes.size(project.outline) end
  return #(project.scenes_text or project.body_text or "")
end

local function drop_scenes(self, at)
  local project = self.by_id[self.ids[at]]
  if not project then return end
  self.bytes = self.bytes - size_of(project)
  project.scenes_text, project.body_text, project.outline = nil, nil, nil
end

local function remove(self, at)
  drop_scenes(self, at)
  local id = self.ids[at]
  if not id then return end
  self.by_id[id], self.ids[at] = nil, nil
  self.count = self.count - 1
  self.lists:changed()
end

local function keep_bounds(self)
  while self.bytes > MAX_BYTES and self.first_scenes < self.last do
    drop_scenes(self, self.first_scenes)
    self.first_scenes = self.first_scenes + 1
  end
  while self.last - self.first >= MAX_PROJECTS do
    remove(self, self.first)
    self.first = self.first + 1
    self.first_scenes = math.max(self.first, self.first_scenes)
  end
end

--- Makes a project that is not rendered yet.
---@param fields table  name, orientation and what else is known; the scenes as
---  JSON in scenes_text, in the body of a request, body_text, or as an outline
---@return table project
function Projects:create(fields)
  local state = self.state
  local now, id = state:now(), state.random:hex(12)
  local project = {
    id = id, created = now, updated = now, name = "Default Template",
    orientation = "landscape", version = 0,
  }
  for key, value in pairs(fields) do
    if value ~= json.null then project[key] = value end
  end
  if project.build_began then project.build_seconds = self:build_time() end
  self.last, self.count = self.last + 1, self.count + 1
  self.ids[self.last], self.by_id[id] = id, project
  project.number = self.last
  self.bytes = self.bytes + size_of(project)
  keep_bounds(self)
  state:emit("project", { id = id, name = project.name })
  return project
end

--- Gives a project other scenes.
---@param project table
---@param text string  JSON
function Projects:set_scenes(project, text)
  self.bytes = self.bytes - size_of(project) + #text
  project.scenes_text, project.body_text, project.outline = text, nil, nil
  project.updated = self.state:now()
  keep_bounds(self)
end

--- The scenes of a project as JSON, as they were written: numbers keep their
--- digits.
---@return string
function Projects.scenes_text(project)
  if project.scenes_text then return project.scenes_text end
  if project.outline then return scenes.text(project.outline) end
  return project.body_text and json.member_text(project.body_text, "scenes") or "[]"
end

--- A new project with the fields of another, `changes` aside.
function Projects:copy(project, changes)
  local fields = copy(changes, {
    name = project.name, orientation = project.orientation,
    scenes_text = project.scenes_text, body_text = project.body_text, outline = project.outline,
    template_id = project.template_id,
  })
  if fields.scenes_text then fields.body_text, fields.outline = nil, nil end
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
  remove(self, project.number)
  return true
end

--- Iterates over the projects.
---@param skip integer  how many of the newest are left out
---@return fun(): table?
function Projects:newest_first(skip)
  local at = self.last + 1
  return function ()
    while at > self.first do
      at = at - 1
      local project = self.by_id[self.ids[at]]
      if project and skip <= 0 then return project end
      if project then skip = skip - 1 end
    end
  end
end

--- Gives the video of a project, or of all, other bytes and another ETag.
---@param id? string
function Projects:replace_videos(id)
  for key, project in pairs(self.by_id) do
    if not id or key == id then project.version = project.version + 1 end
  end
end

-- ---- renders ----

--- How long a tool builds a project now, in seconds.
---@return number
function Projects:build_time()
  local options = self.state.options
  return options.build_seconds or options.render_seconds
end

--- Starts the render. It takes `render_seconds`, give or take the part of it
--- that `jitter` says.
function Projects:export(project)
  local options = self.state.options
  local spread = options.jitter > 0 and (2 * self.state.random:number() - 1) * options.jitter or 0
  project.began = self.state:now()
  project.seconds = options.render_seconds * (1 + spread)
  project.updated = project.began
  self.lists:changed()
end

--- Ends the render now.
function Projects:finish(project)
  project.seconds = self.state:now() - project.began
  self.lists:changed()
end

--- Makes its address another one; the one that it had is refused from now on.
function Projects:renew_address(project)
  project.address = (project.address or 1) + 1
  self.lists:forget()
end

local function percent(gone, seconds)
  if gone >= seconds then return 100 end
  return math.floor(gone / seconds * 10000) / 100
end

---@return number progress  0 to 100, and never above `stuck_at`
function Projects:progress(project)
  if not project.began then return 0 end
  local progress = percent(self.state:now() - project.began, project.seconds)
  local limit = self.state.options.stuck_at
  return limit and math.min(progress, limit) or progress
end

---@return number progress  0 to 100, of a project that a tool builds
function Projects:build_progress(project)
  if not project.build_began then return 100 end
  return percent(self.state:now() - project.build_began, project.build_seconds)
end

---@return string state
function Projects:render_state(project)
  if not project.began then return "created" end
  return self:progress(project) >= 100 and "exported" or "exporting"
end

--- The address of the video; nil before the render is complete. After each
--- `expired_url` fault it is another one.
---@return string?
function Projects:download_url(project)
  if self:progress(project) < 100 then return nil end
  local query = project.address and "?address=" .. project.address or ""
  return ("%s/files/%s.mp4%s"):format(self.state:url(), project.id, query)
end

--- The id of its task, which webhooks name.
---@return string
function Projects.task_id(project)
  return project.id:reverse()
end

--- What the project list shows of a project.
---@return table
function Projects:summary(project)
  return {
    id = project.id, name = project.name, state = self:render_state(project),
    download_url = self:download_url(project), createdAt = stamp(project.created),
  }
end

-- Whether its render was started `list_lag` seconds ago or earlier.
local function is_visible(self, project)
  return project.began and project.began <= self.state:now() - self.state.options.list_lag
end

--- The project that is the last export of another.
---@param project table
---@return table?
function Projects:export_of(project)
  local last = self.by_id[project.export]
  return last and is_visible(self, last) and last or nil
end

--- The projects whose render is to be seen, oldest first.
---@return table[]
function Projects:exported()
  local list = {}
  for i = self.first, self.last do
    local project = self.by_id[self.ids[i]]
    if project and is_visible(self, project) then list[#list + 1] = project end
  end
  return list
end

--- The answer to list_projects.
---@return string body
function Projects:list_body()
  return self.lists:body(self)
end

return M
