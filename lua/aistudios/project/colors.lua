-- SPDX-License-Identifier: MIT
--
-- colors: what a text says as a colour of CSS: a name, `#rgb`, `#rgba`, `#rrggbb`,
-- `#rrggbbaa`, `rgb()`, `rgba()`, `hsl()` or `hsla()`. Nothing else is one, for the
-- check and for the storyboard alike.

local suggest = require "aistudios.util.suggest"

local M = {}

--- A colour.
---@class aistudios.project.Color
---@field red number        0 to 255
---@field green number      0 to 255
---@field blue number       0 to 255
---@field alpha number      0 to 1
---@field luminance number  relative, as WCAG 2 defines it, without its alpha: 0 to 1
---@field bytes string      red, green, blue and alpha as the C core takes them
---@field text string       `#rrggbb`, or `#rrggbbaa` when it is not opaque

local names = { transparent = "00000000" }
for name, hex in ([[
  aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc
  bisque ffe4c4 black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a
  burlywood deb887 cadetblue 5f9ea0 chartreuse 7fff00 chocolate d2691e coral ff7f50
  cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff darkblue 00008b darkcyan 008b8b
  darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkgrey a9a9a9 darkkhaki bdb76b
  darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000
  darksalmon e9967a darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f
  darkslategrey 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 deepskyblue 00bfff
  dimgray 696969 dimgrey 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0
  forestgreen 228b22 fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700
  goldenrod daa520 gray 808080 green 008000 greenyellow adff2f grey 808080 honeydew f0fff0
  hotpink ff69b4 indianred cd5c5c indigo 4b0082 ivory fffff0 khaki f0e68c lavender e6e6fa
  lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 lightcoral f08080
  lightcyan e0ffff lightgoldenrodyellow fafad2 lightgray d3d3d3 lightgreen 90ee90 lightgrey d3d3d3
  lightpink ffb6c1 lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa
  lightslategray 778899 lightslategrey 778899 lightsteelblue b0c4de lightyellow ffffe0 lime 00ff00
  limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa
  mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371
  mediumslateblue 7b68ee mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585
  midnightblue 191970 mintcream f5fffa mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead
  navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23 orange ffa500 orangered ff4500
  orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee palevioletred db7093
  papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6
  purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1
  saddlebrown 8b4513 salmon fa8072 sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d
  silver c0c0c0 skyblue 87ceeb slateblue 6a5acd slategray 708090 slategrey 708090 snow fffafa
  springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 thistle d8bfd8 tomato ff6347
  turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 yellow ffff00
  yellowgreen 9acd32]]):gmatch "(%a+) (%x+)" do
  names[name] = hex
end

local function linear(value)
  value = value / 255
  return value <= 0.04045 and value / 12.92 or ((value + 0.055) / 1.055) ^ 2.4
end

--- The linear values of 0 to 255 in sRGB.
---@type number[]
M.linear = {}
for value = 0, 255 do M.linear[value] = linear(value) end

--- The relative luminance of an opaque colour.
---@param red number    0 to 255
---@param green number
---@param blue number
---@return number
function M.luminance(red, green, blue)
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
end

--- The contrast ratio of WCAG 2 between two luminances: 1 to 21.
---@param a number
---@param b number
---@return number
function M.contrast(a, b)
  if a < b then a, b = b, a end
  return (a + 0.05) / (b + 0.05)
end

local function clamp(value, most) return value < 0 and 0 or value > most and most or value end

local function byte_of(value) return math.floor(clamp(value, 255) + 0.5) end

local function new(red, green, blue, alpha)
  local color = { red = byte_of(red), green = byte_of(green), blue = byte_of(blue),
    alpha = clamp(alpha, 1) }
  color.bytes = ("dddd"):pack(color.red, color.green, color.blue, color.alpha)
  color.luminance = M.luminance(color.red, color.green, color.blue)
  color.text = ("#%02x%02x%02x"):format(color.red, color.green, color.blue)
  if color.alpha < 1 then
    color.text = color.text .. ("%02x"):format(byte_of(color.alpha * 255))
  end
  return color
end

local hex_lengths = { [3] = "%x", [4] = "%x", [6] = "%x%x", [8] = "%x%x" }

local function of_hex(digits)
  local one = not digits:find "%X" and hex_lengths[#digits]
  if not one then return false end
  local values = {}
  for part in digits:gmatch(one) do
    values[#values + 1] = tonumber(#part == 1 and part .. part or part, 16)
  end
  return new(values[1], values[2], values[3], (values[4] or 255) / 255)
end

-- A number, or a share of `whole` that is written with %; nil for another text.
local function number(text, whole)
  local digits, unit = text:match "^([+-]?[0-9]*%.?[0-9]+)(%%?)$"
  local value = tonumber(digits)
  if not value or unit == "" then return value end
  return value * whole / 100
end

local turns = { [""] = 1, deg = 1, turn = 360, grad = 0.9, rad = 180 / math.pi }

local function hue(text)
  local digits, unit = text:match "^([+-]?[0-9]*%.?[0-9]+)(%a*)$"
  local degrees = turns[unit]
  return degrees and tonumber(digits) * degrees
end

local COMMAS = "^%s*([^%s,/]+)%s*,%s*([^%s,/]+)%s*,%s*([^%s,/]+)%s*(.-)%s*$"
local BLANKS = "^%s*([^%s,/]+)%s+([^%s,/]+)%s+([^%s,/]+)%s*(.-)%s*$"

-- The three values and the alpha of a function's arguments, with commas (true follows) or,
-- as CSS has it since, with blanks and a slash.
local function arguments(inside)
  local a, b, c, alpha = inside:match(COMMAS)
  if a then
    return a, b, c, alpha == "" and "1" or alpha:match "^,%s*([^%s,/]+)$", true
  end
  a, b, c, alpha = inside:match(BLANKS)
  return a, b, c, alpha == "" and "1" or alpha and alpha:match "^/%s*([^%s,/]+)$"
end

local function is_share(text) return text:byte(-1) == 37 end -- %

-- With commas, all values are shares or none is.
local function of_rgb(a, b, c, alpha, has_commas)
  if has_commas and not (is_share(a) == is_share(b) and is_share(a) == is_share(c)) then
    return false
  end
  local red, green, blue = number(a, 255), number(b, 255), number(c, 255)
  return red and green and blue and new(red, green, blue, alpha) or false
end

-- With commas, saturation and lightness are shares.
local function of_hsl(a, b, c, alpha, has_commas)
  if has_commas and not (is_share(b) and is_share(c)) then return false end
  local angle, saturation, light = hue(a), number(b, 100), number(c, 100)
  if not (angle and saturation and light) then return false end
  saturation, light = clamp(saturation, 100) / 100, clamp(light, 100) / 100
  local reach = saturation * math.min(light, 1 - light)
  local function channel(n)
    local k = (n + angle / 30) % 12
    return 255 * (light - reach * math.max(-1, math.min(k - 3, 9 - k, 1)))
  end
  return new(channel(0), channel(8), channel(4), alpha)
end

local functions = { rgb = of_rgb, rgba = of_rgb, hsl = of_hsl, hsla = of_hsl }

-- Small letters, whatever the process's locale takes for them.
local small = {}
for i = 65, 90 do small[string.char(i)] = string.char(i + 32) end

local LONGEST = 64 -- bytes; a longer text is no colour

local function read(text)
  if #text > LONGEST then return false end
  if text:byte() == 35 then return of_hex(text:sub(2)) end
  text = text:gsub("[A-Z]", small)
  if names[text] then return of_hex(names[text]) end
  local name, inside = text:match "^(%a+)%((.*)%)$"
  local of = functions[name]
  if not of then return false end
  local a, b, c, given, has_commas = arguments(inside)
  local alpha = given and number(given, 1)
  return alpha and of(a, b, c, alpha, has_commas) or false
end

local MOST_KNOWN = 512 -- texts kept in memory
local count = 0

--- The colour of a text; false for everything else. Read it, never write to it.
---@type table<any, aistudios.project.Color|false>
M.known = setmetatable({}, { __index = function (known, text)
  if type(text) ~= "string" then return false end
  local color = read(text)
  if #text > LONGEST then return color end
  if count >= MOST_KNOWN then
    for key in next, known do known[key] = nil end
    count = 0
  end
  known[text], count = color, count + 1
  return color
end })

--- What to write instead of a text that is no colour, in words.
---@param text string
---@return string
function M.hint(text)
  if #text > LONGEST then return M.remedy end
  local core = text:match "^[%s#;'\"]*0?[xX]?(.-)[%s;'\"]*$"
  for _, meant in ipairs { text:match "^%s*(.-)[%s;]*$", "#" .. core, core,
    (core:gsub("%s", "")) } do
    if M.known[meant] then return ("; did you mean '%s'?"):format(meant) end
  end
  local near = suggest.hint(text, names)
  return near ~= "" and near or M.remedy
end

M.remedy = '; write a name as "white", "#rrggbb", "#rrggbbaa", "rgb(r, g, b)" or "hsl(h, s%, l%)"'

return M
