-- SPDX-License-Identifier: MIT
--
-- worlds: the worlds of one sandbox, by AppId. A request belongs to the world
-- that issued its token or holds its UserKey or file; one that shows nothing of
-- these belongs to the first world.

local randoms = require "aistudios.sandbox.random"
local states = require "aistudios.sandbox.state"

local MAX_WORLDS = 10000

---@class aistudios.sandbox.Worlds
---@field random aistudios.sandbox.Random  of what new worlds are called; no reset begins it anew
local Worlds = {}
Worlds.__index = Worlds

local M = {}

---@param options table  of the first world
---@param shared table   see state.lua; gets the registry
---@return aistudios.sandbox.Worlds
function M.new(options, shared)
  shared.registry = { tokens = {}, keys = {} } -- to the state that knows them
  local self = setmetatable({ shared = shared, list = {}, by_app_id = {},
    random = randoms.new(options.seed, "worlds") }, Worlds)
  self.first = assert(self:create(options))
  return self
end

--- Makes a world.
---@param options table  of options.world, checked
---@return aistudios.sandbox.State? state
---@return string? problem
function Worlds:create(options)
  if self.by_app_id[options.app_id] then return nil, "there is a world of this app_id already" end
  local keys = self.shared.registry.keys
  if keys[options.user_key] then return nil, "another world has this user_key" end
  if #self.list >= MAX_WORLDS then return nil, "there are too many worlds" end
  local state = states.new(options, self.shared)
  keys[options.user_key] = state
  self.by_app_id[options.app_id] = state
  table.insert(self.list, state)
  return state
end

--- Removes a world with all that it holds. The first one stays.
---@param state aistudios.sandbox.State
---@return boolean was_removed
function Worlds:remove(state)
  if state == self.first then return false end
  state:reset()
  self.shared.registry.keys[state.initial.user_key] = nil
  self.by_app_id[state.initial.app_id] = nil
  for i, each in ipairs(self.list) do
    if each == state then table.remove(self.list, i) end
  end
  return true
end

---@param app_id? any  nil: that of the first world
---@return aistudios.sandbox.State? state
function Worlds:get(app_id)
  if app_id == nil then return self.first end
  return self.by_app_id[app_id]
end

local function holder_of_file(self, name)
  local id = name:match "^(%x+)%.mp4$"
  for _, state in ipairs(self.list) do
    if state.projects:get(id) or state.media:has(name) then return state end
  end
end

--- The world of a request, as far as its headers and its path tell.
---@param row? table
---@param headers table<string, string>
---@param path table<string, string>  parameters of the path
---@return aistudios.sandbox.State? state  nil: its body has to tell
function Worlds:find(row, headers, path)
  if not self.list[2] or not row then return self.first end
  local registry, header = self.shared.registry, headers.authorization
  if row.auth == "token" then return registry.tokens[header] or self.first end
  if row.auth == "bearer" then
    return registry.tokens[header and header:match "^Bearer (.+)$"] or self.first
  end
  if row.auth == "key" then return registry.keys[headers["studio-api-key"]] or self.first end
  if row.serve then return holder_of_file(self, path.file) or self.first end
end

--- The world that a body with an `appId` is for.
---@param body string
---@return aistudios.sandbox.State
function Worlds:of_body(body)
  local app_id = body:match '"appId"%s*:%s*"([^"]*)"'
  return self.by_app_id[app_id] or self.first
end

return M
