-- SPDX-License-Identifier: MIT
--
-- colors: which texts are colours as CSS and SVG have them, and what was meant by
-- one that is none.

local suggest = require "aistudios.util.suggest"

local M = {}

local names = {}
for name in ([[
  aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet
  brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan
  darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta
  darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue
  darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey
  dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray
  green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush
  lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen
  lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey
  lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue
  mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise
  mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy none oldlace olive
  olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip
  peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown
  salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray slategrey snow
  springgreen steelblue tan teal thistle tomato transparent turquoise violet wheat white
  whitesmoke yellow yellowgreen]]):gmatch "%a+" do
  names[name] = true
end

local hex_lengths = { [4] = true, [5] = true, [7] = true, [9] = true }

--- Is this a colour: `#rgb` to `#rrggbbaa`, `rgb()`, `rgba()`, `hsl()`, `hsla()` or a
--- name? Then it is safe in an attribute of HTML and SVG.
---@param text string
---@return boolean
function M.is_color(text)
  if text:find "^#%x+$" then return hex_lengths[#text] or false end
  if #text > 48 then return false end
  text = text:lower()
  return names[text] or text:find "^rgba?%s*%([%d%s.,%%/]+%)$" ~= nil
    or text:find "^hsla?%s*%([%d%s.,%%/]+%)$" ~= nil
end

--- Is this certainly no colour? A function that CSS has besides, as
--- `linear-gradient()`, may be one.
---@param text string
---@return boolean
function M.is_wrong(text)
  return not M.is_color(text)
    and not (text:find "^[%a-]+%(.*%)$" and not text:lower():find "^rgb" and not
      text:lower():find "^hsl")
end

--- "; did you mean '#FFFFFF'?" or "".
---@param text string  that is wrong
---@return string
function M.hint(text)
  local core = text:match "^[%s#;]*0?[xX]?(.-)[%s;]*$"
  for _, meant in ipairs { text:match "^%s*(.-)[%s;]*$", "#" .. core } do
    if M.is_color(meant) then return ("; did you mean '%s'?"):format(meant) end
  end
  return suggest.hint(text, names)
end

return M
