-- SPDX-License-Identifier: MIT
--
-- storyboard: a project to look at before it costs anything. Called, it
-- returns a page of HTML; `storyboard.svg` returns one scene. Nothing is read
-- from disk or network: pictures are drawn from the bytes that the caller
-- hands in. Wrong use raises; a wrong project is drawn as far as it goes.

---@class aistudios.storyboard.Options
---@field images? table<string, string>  bytes of pictures (PNG, JPEG, GIF, WebP) by their URL

---@class aistudios.storyboard.FrameOptions: aistudios.storyboard.Options
---@field at? number  seconds from the scene's start, 0 or more: the moment that is drawn; without
---   it every clip is where it comes to rest

---@class aistudios.storyboard
---@overload fun(project: table, options?: aistudios.storyboard.Options): string
local M = {}

local of_page = { images = "table" }
local of_frame = { images = "table", at = "number" }

local function expect(condition, message, ...)
  if not condition then error("aistudios.storyboard" .. message:format(...), 4) end
end

--- Raises when a call is wrong, in the name of the caller's caller.
local function look_at_call(where, project, options, known)
  expect(type(project) == "table", "%s: a project is expected, got %s", where,
    type(project))
  if options == nil then return {} end
  expect(type(options) == "table", "%s: options are a table, got %s", where,
    type(options))
  for name, value in pairs(options) do
    expect(known[name], "%s: '%s' is not an option%s", where, tostring(name),
      require "aistudios.util.suggest".hint(name, known))
    expect(type(value) == known[name], "%s: option '%s' is a %s, got %s", where,
      name, known[name], type(value))
  end
  for url, bytes in pairs(options.images or {}) do
    expect(type(url) == "string" and type(bytes) == "string",
      "%s: option 'images' holds strings by URL, got %s by %s", where,
      type(bytes), type(url))
  end
  local at = options.at
  expect(not at or at >= 0 and at < math.huge,
    "%s: option 'at' is a time in seconds from 0, got %s", where, tostring(at))
  return options
end

--- Draws one scene as SVG.
---@param project table
---@param number integer  counts from 1, as in `project.scenes`
---@param options? aistudios.storyboard.FrameOptions
---@return string svg
function M.svg(project, number, options)
  options = look_at_call(".svg", project, options, of_frame)
  if math.type(number) ~= "integer" then
    error("aistudios.storyboard.svg: the scene is an integer from 1, got "
      .. (type(number) == "number" and tostring(number) or type(number)), 2)
  end
  local scenes = type(project.scenes) == "table" and project.scenes or {}
  if scenes[number] == nil then
    error(("aistudios.storyboard.svg: the project has no scene %d"):format(number), 2)
  end
  return require "aistudios.project.storyboard.scene".svg(project,
    scenes[number], options)
end

return setmetatable(M, {
  __name = "aistudios.storyboard",
  __call = function (_, project, options)
    options = look_at_call("", project, options, of_page)
    return require "aistudios.project.storyboard.page".html(project, options.images)
  end,
})
