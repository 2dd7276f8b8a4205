-- SPDX-License-Identifier: MIT
--
-- cli.json_lines: in which line of a JSON text each value begins. For texts
-- that aistudios.decode has taken; of others, what can be told.

local aistudios = require "aistudios"

local M = {}

--- Where a value begins, and what it holds.
---@class aistudios.cli.Node
---@field line integer
---@field members? table<any, aistudios.cli.Node>  by name, or by index from 1

-- The number of line ends before each place is counted as the text is read.
local function advance(state, to)
  local from = state.at
  while true do
    local found = state.text:find("\n", from, true)
    if not found or found >= to then break end
    state.line, from = state.line + 1, found + 1
  end
  state.at = to
end

local function skip_blanks(state)
  advance(state, state.text:find("[^ \t\r\n]", state.at) or #state.text + 1)
end

--- Moves behind the string that begins here; returns it with its quotes.
local function read_string(state)
  local from, at = state.at, state.at + 1
  repeat
    local stop = state.text:find('["\\]', at)
    if not stop then
      advance(state, #state.text + 1)
      return nil
    end
    at = state.text:byte(stop) == 92 and stop + 2 or stop + 1
  until state.text:byte(stop) == 34
  advance(state, at)
  return state.text:sub(from, at - 1)
end

local read_value

local function read_members(state, node, close, is_object)
  node.members = {}
  advance(state, state.at + 1)
  local index = 0
  while true do
    skip_blanks(state)
    local char = state.text:sub(state.at, state.at)
    if char == "" then return end
    if char == close then return advance(state, state.at + 1) end
    local key
    if char == "," then
      advance(state, state.at + 1)
    else
      if is_object then
        local name = char == '"' and read_string(state)
        key = name and aistudios.decode(name)
        local colon = key and state.text:find(":", state.at, true)
        if not colon then return end
        advance(state, colon + 1)
        skip_blanks(state)
      else
        index = index + 1
        key = index
      end
      node.members[key] = read_value(state)
    end
  end
end

function read_value(state)
  local node = { line = state.line }
  local char = state.text:sub(state.at, state.at)
  if char == "{" then
    read_members(state, node, "}", true)
  elseif char == "[" then
    read_members(state, node, "]", false)
  elseif char == '"' then
    read_string(state)
  else
    advance(state, state.text:find("[,%]}%s]", state.at + 1) or #state.text + 1)
  end
  return node
end

--- Reads where everything begins.
---@param text string
---@return aistudios.cli.Node
function M.read(text)
  local state = { text = text, at = 1, line = 1 }
  skip_blanks(state)
  return read_value(state)
end

--- The line of a byte of a text.
---@param text string
---@param byte integer
---@return integer
function M.line_of(text, byte)
  local _, ends = text:sub(1, byte - 1):gsub("\n", "")
  return ends + 1
end

return M
