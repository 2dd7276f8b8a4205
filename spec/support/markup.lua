-- SPDX-License-Identifier: MIT
--
-- markup: raises where a text is not well formed: elements that are not closed
-- or not in order, attributes without quotes or twice, a bare < or &, what is
-- no UTF-8 or no character of XML.

local M = {}

local is_void = { meta = true, link = true, br = true, hr = true, img = true, input = true,
  col = true }
-- Those that end where the next one begins or the one around them ends.
local may_stay_open = { tr = true, td = true, th = true, li = true, p = true }
local is_raw = { style = true, script = true }

local function expect_characters(text)
  assert(utf8.len(text), "no UTF-8")
  local at = text:find "[%z\1-\8\11\12\14-\31\127]" or text:find "\xEF\xBF[\xBE\xBF]"
  assert(not at, at and ("a control character at byte %d"):format(at))
end

local function expect_text(text)
  assert(not text:find("<", 1, true), text)
  for at in text:gmatch "()&" do
    assert(text:find("^&#?%w+;", at), text:sub(at, at + 20))
  end
end

local function read_attribute(text, at, is_html)
  local name, value, stop = text:match('^%s+([%a_:][%w_:.-]*)="([^"<]*)"()', at)
  if not name and is_html then
    name, value, stop = text:match("^%s+([%a_:][%w_:.-]*)=([^%s\"'=<>`]+)()", at)
  end
  if not name then
    name, stop = text:match("^%s+([%a_:][%w_:.-]*)()", at) -- HTML: hidden, open
    value = ""
  end
  return name, value, stop
end

local function expect_attributes(text, is_html)
  local seen, at = {}, 1
  while text:find("%S", at) do
    local name, value, stop = read_attribute(text, at, is_html)
    assert(name, text)
    assert(not seen[name], "twice: " .. name)
    seen[name] = true
    expect_text(value)
    at = stop
  end
end

local function expect_elements(text, is_html)
  local open, at = {}, 1
  while true do
    local from = text:find("<", at, true)
    expect_text(text:sub(at, (from or 0) - 1))
    if not from then break end
    local closing, name, rest, empty, stop =
      text:match('^<(/?)([%a][%w:-]*)([^<>]*)(/?)>()', from)
    if rest and rest:sub(-1) == "/" then rest, empty = rest:sub(1, -2), "/" end
    assert(name, text:sub(from, from + 60))
    if closing == "/" then
      local last = table.remove(open)
      while is_html and last ~= name and may_stay_open[last] do last = table.remove(open) end
      assert(last == name, "closed out of order: " .. name)
    else
      assert(empty ~= "/" or not rest:find "=[^\"%s]*$", "a value that ends with /")
      expect_attributes(rest, is_html)
      if empty ~= "/" and not (is_html and is_void[name]) then open[#open + 1] = name end
      if is_html and is_raw[name] then
        stop = assert(text:find("</" .. name .. ">", stop, true), "not closed: " .. name)
      end
    end
    at = stop
  end
  assert(not open[1], "not closed: " .. table.concat(open, " "))
end

--- A page of HTML, as strictly written as XML but for elements without an end.
---@param text string
function M.expect_html(text)
  expect_characters(text)
  local start = text:match "^%s*<!doctype html>()"
  assert(start, "no doctype")
  expect_elements(text:sub(start), true)
end

---@param text string
function M.expect_xml(text)
  expect_characters(text)
  expect_elements(text:gsub("^<%?xml[^>]*%?>", ""), false)
end

return M
