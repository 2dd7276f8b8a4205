-- SPDX-License-Identifier: MIT
--
-- cli.lua_lines: in which line of a Lua project each value is written. Reads
-- table constructors, local variables that hold them, and assignments to their
-- members; what comes of loops or calculations has the line of the statement
-- that uses it.

local M = {}

local patterns = {
  "^[%a_][%w_]*", "^0[xX][%x.]+[pP]?[+-]?%d*", "^%d+%.?%d*[eE]?[+-]?%d*", "^%.%d+[eE]?[+-]?%d*",
  "^%.%.%.?", "^[=~<>]=", "^::", "^.",
}

--- The end of a quoted string that begins at `at`.
local function end_of_quoted(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local char = text:sub(i, i)
    if char == quote then return i end
    i = i + (char == "\\" and 2 or 1)
  end
  return #text
end

--- The end of a long bracket that begins at `at`, or nil.
local function end_of_long(text, at)
  local equals = text:match("^%[(=*)%[", at)
  if not equals then return nil end
  local _, stop = text:find("]" .. equals .. "]", at, true)
  return stop or #text
end

--- Cuts a text into words; each has `text`, `line` and perhaps `is_string`.
local function words_of(text)
  local words, at, line = {}, 1, 1
  if text:sub(1, 1) == "#" then at = text:find("\n", 1, true) or #text + 1 end
  while at <= #text do
    local stop
    local is_word, is_string = true, false
    if text:find("^%s", at) then
      stop, is_word = select(2, text:find("^%s+", at)), false
    elseif text:sub(at, at + 1) == "--" then
      stop = end_of_long(text, at + 2) or (text:find("\n", at, true) or #text + 1) - 1
      is_word = false
    elseif text:find("^[\"']", at) then
      stop, is_string = end_of_quoted(text, at), true
    else
      stop = end_of_long(text, at)
      is_string = stop ~= nil
      for i = 1, stop and 0 or #patterns do
        stop = stop or select(2, text:find(patterns[i], at))
      end
    end
    local piece = text:sub(at, stop)
    if is_word then
      words[#words + 1] = { text = piece, line = line, is_string = is_string }
    end
    line = line + select(2, piece:gsub("\n", ""))
    at = stop + 1
  end
  return words
end

local openers = { ["("] = 1, ["{"] = 1, ["["] = 1, ["function"] = 1, ["do"] = 1, ["then"] = 1,
  ["repeat"] = 1 }
local closers = { [")"] = 1, ["}"] = 1, ["]"] = 1, ["end"] = 1, ["until"] = 1 }

local function is(state, text)
  local word = state.words[state.at]
  return word ~= nil and word.text == text and not word.is_string
end

local function is_name(word)
  return word ~= nil and not word.is_string and word.text:find "^[%a_]" ~= nil
end

--- The value of a word that is a key: a string or a number.
local function constant(word)
  local value = load("return " .. word.text, "=", "t", {})
  local ok, result = pcall(value or error)
  return ok and (type(result) == "string" or math.type(result) == "integer") and result or nil
end

--- Moves behind an expression that says nothing about tables.
local function skip_expression(state, stops)
  local depth = 0
  while state.words[state.at] do
    local word = state.words[state.at]
    local text = not word.is_string and word.text or ""
    if depth == 0 and (stops[text] or closers[text]) then return end
    if openers[text] then depth = depth + 1 end
    if closers[text] then depth = depth - 1 end
    state.at = state.at + 1
  end
end

local stops_in_table = { [","] = true, [";"] = true }
local stops_in_block = { ["local"] = true, ["return"] = true, [";"] = true, [","] = true }
local read_table

--- Reads an expression: a table, a variable that holds one, or anything.
local function read_expression(state, stops)
  local word, from = state.words[state.at], state.at
  if not word then return { line = state.last } end
  local node = { line = word.line }
  if is(state, "{") then
    node = read_table(state)
  elseif is_name(word) and state.variables[word.text] then
    node = state.variables[word.text]
    state.at = state.at + 1
  end
  local next_word = state.words[state.at]
  local is_more = next_word and not (stops[next_word.text] or closers[next_word.text])
  if is_more and stops == stops_in_table then -- it was a part of something longer
    state.at, node = from, { line = word.line }
    skip_expression(state, stops)
  elseif state.at == from and stops == stops_in_block then
    state.at = state.at + 1
  end
  return node
end

--- Reads the key of a field, if there is one, and moves behind its "=".
local function read_key(state)
  local first, second = state.words[state.at], state.words[state.at + 1]
  if is_name(first) and second and second.text == "=" then
    state.at = state.at + 2
    return first.text
  elseif is(state, "[") then
    local key = constant(second)
    state.at = state.at + 1
    skip_expression(state, {})
    state.at = state.at + 2
    return key, true
  end
end

function read_table(state)
  local node, index = { line = state.words[state.at].line, members = {} }, 0
  state.at = state.at + 1
  while state.words[state.at] and not is(state, "}") do
    if is(state, ",") or is(state, ";") then
      state.at = state.at + 1
    else
      local line = state.words[state.at].line
      local key, is_computed = read_key(state)
      if key == nil and not is_computed then
        index = index + 1
        key = index
      end
      local before = state.at
      local value = read_expression(state, stops_in_table)
      if key ~= nil then
        node.members[key] = value.members and value or { line = line }
      end
      if state.at == before then state.at = before + 1 end
    end
  end
  state.at = state.at + 1
  return node
end

--- `name.member[1].other = value`: notes the value at its place.
local function read_assignment(state)
  local node, key = state.variables[state.words[state.at].text], nil
  local at = state.at + 1
  while node do
    local word, after = state.words[at], state.words[at + 1]
    if not word or not after then return false end
    if key ~= nil then
      node = node.members and node.members[key]
      if not node then return false end
    end
    if word.text == "." and is_name(after) then
      key, at = after.text, at + 2
    elseif word.text == "[" then
      key, at = constant(after), at + 3
    else
      return false
    end
    if key == nil then return false end
    local equals = state.words[at]
    if equals and equals.text == "=" and node.members then
      state.at = at + 1
      node.members[key] = read_expression(state, stops_in_block)
      return true
    end
  end
  return false
end

--- `local name = value`
local function read_local(state)
  local name = state.words[state.at + 1]
  state.at = state.at + 1
  if not is_name(name) then return end
  state.at = state.at + 1
  if is(state, "<") then state.at = state.at + 3 end
  if not is(state, "=") then return end
  state.at = state.at + 1
  local value = read_expression(state, stops_in_block)
  if value.members then state.variables[name.text] = value end
end

--- Reads where everything is written. Never fails: what is not understood has
--- the line of what is around it.
---@param text string
---@return aistudios.cli.Node
function M.read(text)
  local words = words_of(text)
  local state = { words = words, at = 1, variables = {},
    last = words[#words] and words[#words].line or 1 }
  local returned
  while words[state.at] do
    local word = words[state.at]
    if is(state, "local") then
      read_local(state)
    elseif is(state, "return") then
      state.at = state.at + 1
      returned = read_expression(state, stops_in_block)
    elseif not (is_name(word) and read_assignment(state)) then
      state.at = state.at + 1
    end
  end
  return returned or { line = 1 }
end

return M
