-- SPDX-License-Identifier: MIT
--
-- listing: the answer to list_projects. It is kept until a project changes or
-- time changes one; the part of a project that is complete is kept longer, so a
-- list of many projects costs little.

local envelope = require "aistudios.sandbox.envelope"
local json = require "aistudios.sandbox.json"

---@class aistudios.sandbox.Listing
local Listing = {}
Listing.__index = Listing

local M = {}

---@param state aistudios.sandbox.State
---@return aistudios.sandbox.Listing
function M.new(state)
  return setmetatable({ state = state, items = {}, whole = nil, until_time = 0 }, Listing)
end

--- To be called when a project was exported or removed.
function Listing:changed()
  self.whole = nil
end

--- To be called when what is shown of complete projects may be different.
function Listing:forget()
  self.whole, self.items = nil, {}
end

-- The text of one project; nil, and when it is shown, while it is not.
local function item_text(self, projects, project, now)
  local visible = project.began + self.state.options.list_lag
  if visible > now then return nil, visible end
  local text = self.items[project.id]
  if text then return text end
  text = json.encode(projects:summary(project))
  local finish = project.began + project.seconds
  if finish > now then return text, finish end
  self.items[project.id] = text
  return text
end

---@param projects aistudios.sandbox.Projects
---@return string body
function Listing:body(projects)
  local now = self.state:now()
  if self.whole and now < self.until_time then return self.whole end
  local texts, ends = {}, math.huge
  for i = projects.first, projects.last do
    local project = projects.by_id[projects.ids[i]]
    if project and project.began then
      local text, changes = item_text(self, projects, project, now)
      texts[#texts + 1] = text
      if changes and changes < ends then ends = changes end
    end
  end
  self.whole, self.until_time = envelope.success_body(texts), ends
  return self.whole
end

return M
