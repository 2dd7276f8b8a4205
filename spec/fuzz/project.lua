-- SPDX-License-Identifier: MIT
--
-- project: a value in the place of a project, from bytes. Most fields are as
-- the schema has them, some are what people write by mistake, and some are
-- what nobody writes.

local bytes = require "spec.fuzz.bytes"
local json = require "aistudios.json"
local schema = require "aistudios.project.schema"

local MOST_VALUES = 400
local DEEPEST = 12

local function sorted_names(fields)
  local names = {}
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local names_of = setmetatable({}, { __mode = "k", __index = function (self, fields)
  self[fields] = sorted_names(fields)
  return self[fields]
end })

local numbers = { 0, 1, -1, 0.5, 100, 1920, 1080, 1e9, 2^53, 1e308, -1e308, 1e-320, 0 / 0,
  1 / 0, -1 / 0, math.maxinteger, math.mininteger, 360, 45, 1000000 }
local texts = { "", "a", "{{name}}", "{{", "<p>Hi <span>you</span></p>", "<script>", "&amp;",
  "rgb(1,2,3)", "#ff0000", "rgba(1,2,3,0.5)", "hsl(1 2% 3%)", "red", "transparent", "url(#x)",
  "https://example.com/a.png", "http://127.0.0.1/x", "//x", "data:image/png;base64,AAAA", "1080",
  "\u{202E}right", "\u{1F600}\u{200D}\u{1F468}", "กำลังพยากรณ์อากาศaใหม่ๆ",
  "\xFF\xFE", "\xED\xA0\x80",
  "a\0b", "a\r\nb", ("word "):rep(300), ("x"):rep(3000), "'", '"', "]]>", "</svg>", "<!--",
  "true", "16:9", "M000045058", "\u{661}\u{662}", "\u{65E5}\u{672C}\u{8A9E}" }
local keys = { 1, 2, 3, "a", "type", "clips", true }
local odd = { false, true, json.null, print, coroutine.create(print), io.stdout }

local shown = { __pairs = function () return next, { a = 1 } end }

local build

local function any(b, state)
  local kind = b:below(12)
  if kind < 3 then return b:pick(texts) end
  if kind < 6 then return b:pick(numbers) end
  if kind == 6 then return b:pick(odd) end
  if kind == 7 then return b:take(b:below(24)) end
  if kind == 8 then return state.seen[b:below(#state.seen) + 1] end -- twice, or a circle
  if kind == 9 then return setmetatable({}, shown) end
  local t = {}
  for _ = 1, b:below(4) do
    local key = b:pick(b:below(3) == 0 and numbers or keys)
    if key == key and state.depth < DEEPEST then
      state.depth = state.depth + 1
      t[key] = any(b, state)
      state.depth = state.depth - 1
    end
  end
  return t
end

local function object(b, state, rule)
  local t = {}
  state.seen[#state.seen + 1] = t
  local fields = rule.fields
  if rule.variants then
    t.type = b:pick(names_of[rule.variants])
    fields = rule.variants[t.type].fields
  end
  if not fields then return any(b, state) end
  for _, name in ipairs(names_of[fields]) do
    local field = fields[name]
    local choice = b:below(8)
    if name == "type" and rule.variants then
      if choice == 7 then t.type = any(b, state) end
    elseif choice == 6 then
      t[name] = any(b, state)
    elseif choice < 5 or choice == 5 and field.required then
      t[name] = build(b, state, field)
    end
  end
  if b:below(16) == 15 then t[b:pick(texts)] = any(b, state) end
  return t
end

local makers = {
  string = function (b, _, rule)
    if rule.enum and b:below(8) > 0 then return b:pick(rule.enum) end
    return b:pick(texts)
  end,
  boolean = function (b) return b:below(2) == 1 end,
  integer = function (b, _, rule) return (rule.min or 0) + b:below(200) end,
  number = function (b)
    if b:below(3) == 0 then return b:pick(numbers) end
    return b:below(256) * b:pick { 1, 8, 0.25, -1 }
  end,
  object = object,
  list = function (b, state, rule)
    local t = {}
    state.seen[#state.seen + 1] = t
    for i = 1, b:below(5) do
      t[i] = rule.items and b:below(16) > 0 and build(b, state, rule.items) or any(b, state)
    end
    return t
  end,
}

function build(b, state, rule)
  state.left = state.left - 1
  if state.left < 0 or b:is_over() or state.depth > DEEPEST then return nil end
  state.depth = state.depth + 1
  local value = makers[rule.type](b, state, rule)
  state.depth = state.depth - 1
  return value
end

--- A table from bytes.
---@param text string
---@return table
return function (text)
  local b, state = bytes(text), { seen = {}, depth = 0, left = MOST_VALUES }
  local project = object(b, state, { type = "object", fields = schema.project })
  state.seen[1] = project
  return project
end
