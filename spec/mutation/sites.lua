-- SPDX-License-Identifier: MIT
--
-- mutation.sites: the places of a source text at which one token can be turned
-- around: comparisons, constants and what a function returns. Comments, strings
-- and lines of the preprocessor have none.

local M = {}

local comparisons = {
  ["=="] = { "!=", "~=" }, ["!="] = { "==" }, ["~="] = { "==" },
  ["<"] = { ">=", "<=" }, [">"] = { "<=", ">=" },
  ["<="] = { ">", "<" }, [">="] = { "<", ">" },
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
  choice = "^%s*([%w_%.>-]+) %? ([%w_%.>-]+) : ([%w_%.>-]+)",
  ending = ";",
}

languages.lua = {
  skipped = { "^%-%-%[%[.-%]%]", "^%-%-[^\n]*", '^"[^"\n]*"', "^'[^'\n]*'", "^%[%[.-%]%]",
    "^<close>", "^<const>", "^<<", "^>>" },
  words = { ["true"] = "false", ["false"] = "true", ["nil"] = false },
  unequal = "~=",
  negate = function (value) return value == "nil" and "true" or "nil" end,
  returns = "^return[ ]+([^\n;]+)",
  choice = "^%s*([%w_%.]+) and ([%w_%.]+) or ([%w_%.]+)",
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

-- Does `a < b ? a : b` or the like stand there? Where both are equal it is one of them.
local function is_choice(language, text, at, token)
  local a = text:sub(1, at - 1):match "([%w_%.>-]+)%s*$"
  local rest = text:match("[^\n]*", at + #token):gsub("%(%l+%)", "") -- without casts
  local b, yes, no = rest:match(language.choice)
  return a and b and (yes == a and no == b or yes == b and no == a)
end

local function add_operator(language, text, sites, at, token)
  local is_same = is_choice(language, text, at, token)
  for _, new in ipairs(comparisons[token]) do
    local is_other = not (new == "!=" or new == "~=") or new == language.unequal
    if is_other and not (is_same and new:sub(1, 1) == token:sub(1, 1)) then
      add(sites, at, at + #token - 1, "comparison", new)
    end
  end
end

local function add_number(sites, at, token)
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
    if tonumber(number) then add_number(sites, at, number) end
    return #number
  end
  local operator = text:match("^[=!~<>]=", at) or text:match("^[<>]", at)
  if operator and comparisons[operator] then
    add_operator(language, text, sites, at, operator)
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
