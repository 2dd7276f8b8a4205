-- SPDX-License-Identifier: MIT
--
-- geometry: sizes and positions that the builder takes in px, per cent of the
-- canvas, or words, as the numbers of a clip.

local trim = require "aistudios.util.trim"

local M = {}

--- A length: px, or "50%" of the canvas in that direction.
---@alias aistudios.Length number|string

--- Ends a call of the builder, which raises the message at its caller.
---@param message string
function M.refuse(message)
  error({ builder = message })
end

--- Ends a call of the builder for a value that it cannot use.
---@param what string  the option's name
---@param value any
---@param expected string
function M.fail(what, value, expected)
  M.refuse(("%s: %s is expected, got %s"):format(what, expected,
    type(value) == "string" and ("%q"):format(value) or tostring(value)))
end

local fail = M.fail

--- px of a length.
---@param value aistudios.Length
---@param whole number  px of the canvas in that direction
---@param what string   the option's name
---@return number
function M.length(value, whole, what)
  if type(value) == "number" then return value end
  if type(value) == "string" then
    local share = tonumber(value:match "^%s*(-?[%d.]+)%s*%%%s*$")
    if share then return share * whole / 100 end
    local pixels = tonumber(value:match "^%s*(-?[%d.]+)%s*px%s*$")
    if pixels then return pixels end
  end
  return fail(what, value, 'px or "50%"')
end

--- Fails for a value that is there and no finite number.
---@param value any
---@param what string  the option's name
function M.number(value, what)
  if value ~= nil and (type(value) ~= "number" or value - value ~= 0) then
    fail(what, value, "a number")
  end
end

local sizes = { full = 1, half = 1 / 2, third = 1 / 3, quarter = 1 / 4 }

--- Width and height of `size`: { width, height }, a word, or a share of both.
---@param size aistudios.Length|aistudios.Length[]
---@param canvas { width: number, height: number }
---@return number width
---@return number height
function M.size(size, canvas)
  if type(size) == "table" then
    return M.length(size[1], canvas.width, "size[1]"),
      M.length(size[2], canvas.height, "size[2]")
  end
  local share = sizes[size]
  if share then return canvas.width * share, canvas.height * share end
  if type(size) == "string" and size:find "%%" then
    return M.length(size, canvas.width, "size"), M.length(size, canvas.height, "size")
  end
  return fail("size", size, '{ width, height }, "full", "half", "third", "quarter" or "50%"')
end

local across = { left = true, right = true }
local down = { top = true, bottom = true }

local function read_words(at)
  local x, y
  for word in at:gmatch "[^%s-]+" do
    if across[word] and not x then
      x = word
    elseif down[word] and not y then
      y = word
    elseif word ~= "center" and word ~= "middle" then
      return fail("at", at, '{ left, top } or words as "center", "top left", "bottom"')
    end
  end
  return x or "center", y or "center"
end

local function along(word, whole, length, margin)
  if word == "center" then return (whole - length) / 2 end
  if word == "left" or word == "top" then return margin end
  return whole - length - margin
end

--- Left and top of a clip.
---@param at string|aistudios.Length[]  words, or { left, top }
---@param width number    px as shown
---@param height number   px as shown
---@param canvas { width: number, height: number }
---@param margin? aistudios.Length  between clip and border, for words
---@return number left
---@return number top
function M.at(at, width, height, canvas, margin)
  if type(at) == "table" then
    return M.length(at[1], canvas.width, "at[1]"), M.length(at[2], canvas.height, "at[2]")
  elseif type(at) ~= "string" then
    return fail("at", at, '{ left, top } or words as "center", "top left", "bottom"')
  end
  local x, y = read_words(at)
  return along(x, canvas.width, width, M.length(margin or 0, canvas.width, "margin")),
    along(y, canvas.height, height, M.length(margin or 0, canvas.height, "margin"))
end

local animation_words = '"fade-in", "fade-in 2" or "fade-in 2 after 3"'

--- An animation of its shorthand: type, duration (1), and delay (0).
---@param given string|table
---@return table animation
function M.animation(given)
  if type(given) == "table" then
    local animation = { duration = 1, delay = 0 }
    for key, value in pairs(given) do animation[key] = value end
    return animation
  elseif type(given) ~= "string" then
    return fail("animation", given, animation_words)
  end
  local kind, rest = trim(given):match "^([%a-]+)%s*(.*)$"
  local duration = rest and (rest:match "^(%d+)$" or rest:match "^(%d+)%s+after%s+%d+$")
  local delay = rest and rest:match "^%d*%s*after%s+(%d+)$"
  if not kind or rest ~= "" and not (duration or delay) or #rest > 40
      or not math.tointeger(tonumber(duration or 1)) then
    return fail("animation", given, animation_words)
  end
  return { type = kind, duration = math.tointeger(tonumber(duration or 1)),
    delay = math.tointeger(tonumber(delay or 0)) }
end

return M
