-- SPDX-License-Identifier: MIT
--
-- mutation.sites: the places of a source text at which one token can be turned
-- around: comparisons, constants and what a function returns. Comments, strings
-- and lines of the preprocessor have none. A comparison becomes its opposite; its bound is
-- not moved by one ("<" to "<=", "> 0" to "> 1"), which mostly is no other program: of a time,
-- a descriptor, a count that is never 1.

local M = {}

local opposites = {
  ["!="] = "==", ["~="] = "==", ["<"] = ">=", [">"] = "<=", ["<="] = ">", [">="] = "<",
}

local languages = {}

-- Each pattern is tried in order at a place; what matches is skipped or is a token.
languages.c = {
  skipped = { "^/%*.-%*/", "^//[^\n]*", '^"[^"\n]*"', "^'[^'\n]*'", "^#[^\n]*", "^%->",
    "^<<=?", "^>>=?" },
  words = { ["true"] = "false", ["false"] = "true", ["NULL"] = false },
  unequal = "!=",
  negate = function (value) return "!(" .. value .. ")" end,
  returns = "^return%s+([^;]+);",
  ending = ";",
}

languages.lua = {
  skipped = { "^%-%-%[%[.-%]%]", "^%-%-[^\n]*", '^"[^"\n]*"', "^'[^'\n]*'", "^%[%[.-%]%]",
    "^<close>", "^<const>", "^<<", "^>>" },
  words = { ["true"] = "false", ["false"] = "true", ["nil"] = false },
  unequal = "~=",
  negate = function (value) return value == "nil" and "true" or "nil" end,
  returns = "^return[ ]+([^\n;]+)",
  ending = "",
}

-- A quote that is escaped does not end a string: it is hidden from the patterns.
local function hide_escapes(text)
  return (text:gsub("\\[\\\"']", "__"))
end

-- Is the whole value on the line? What goes on in the next one is left alone.
local function is_whole(value)
  local depth = 0
  for mark in value:gmatch "[%(%){}%[%]]" do
    depth = depth + (mark:find "[%({%[]" and 1 or -1)
    if depth < 0 then return false end
  end
  return depth == 0 and not value:find "^function" and not value:find "[%+%-%*/,=%.]%s*$"
    and not value:find " and%s*$" and not value:find " or%s*$"
end

local function add(sites, first, last, kind, new)
  sites[#sites + 1] = { first = first, last = last, kind = kind, new = new }
end

local function add_return(language, text, sites, at)
  local value = text:match(language.returns, at)
  -- The module's table is every module's last line.
  if not value or value == "M" or value:find "%f[%w]end%f[%W]" or not is_whole(value) then
    return
  end
  -- These are constants, and have sites as such.
  if language.words[value] or tonumber(value) then return end
  local first = text:find(value, at, true)
  add(sites, first, first + #value - 1, "return", language.negate(value))
end

local function add_number(text, sites, at, token)
  local before, after = text:sub(1, at - 1), at + #token
  local is_bound = before:find "[=!~<>]=%s*%-?$" or before:find "[<>]%s*%-?$"
    or text:find("^%s*[=!~<>]=", after) or text:find("^%s*[<>]", after)
  if is_bound then return end
  local new = tonumber(token) == 0 and "1" or "0"
  add(sites, at, at + #token - 1, "constant", new)
end

-- One token at `at`; its length.
local function take(language, text, sites, at)
  for _, pattern in ipairs(language.skipped) do
    local found = text:match(pattern, at)
    if found then return #found end
  end
  local word = text:match("^[%a_][%w_]*", at)
  if word then
    if word == "return" then add_return(language, text, sites, at) end
    local new = language.words[word]
    if new then add(sites, at, at + #word - 1, "constant", new) end
    return #word
  end
  local number = text:match("^%d[%w%.]*", at)
  if number then
    if tonumber(number) then add_number(text, sites, at, number) end
    return #number
  end
  local operator = text:match("^[=!~<>]=", at) or text:match("^[<>]", at)
  local opposite = operator == "==" and language.unequal or opposites[operator]
  if opposite then
    add(sites, at, at + #operator - 1, "comparison", opposite)
    return #operator
  end
  return 1
end

--- The sites of a text, in the order of their places.
---@param text string
---@param kind "c"|"lua"
---@return table[] sites  first, last (bytes that are replaced), kind, new
function M.of(text, kind)
  local language, sites, at = languages[kind], {}, 1
  local plain = hide_escapes(text)
  while at <= #plain do
    at = at + take(language, plain, sites, at)
  end
  return sites
end

--- The text with one site turned around, and its line before and after.
---@return string changed
---@return integer number
---@return string before
---@return string after
function M.apply(text, site)
  local changed = text:sub(1, site.first - 1) .. site.new .. text:sub(site.last + 1)
  local start = (text:sub(1, site.first - 1):find "[^\n]*$")
  local _, number = text:sub(1, site.first - 1):gsub("\n", "")
  local function line_of(whole) return (whole:match("^[^\n]*", start):gsub("^%s+", "")) end
  return changed, number + 1, line_of(text), line_of(changed)
end

return M
