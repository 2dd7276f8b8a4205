-- SPDX-License-Identifier: MIT
--
-- storyboard: a project to look at before it costs anything. Called, it
-- returns a page of HTML: of a project, of a template with its rows, or of what
-- two versions differ in; `storyboard.svg` returns one scene. Nothing is read
-- from disk or network: pictures are drawn from the bytes that the caller
-- hands in. Wrong use raises; a wrong project is drawn as far as it goes.

---@class aistudios.storyboard.Options
---@field images? table<string, string>  bytes of pictures (PNG, JPEG, GIF, WebP) by their URL

---@class aistudios.storyboard.PageOptions: aistudios.storyboard.Options
---@field rows? table<string, any>[]  values for each {{name}}, as template:fill takes them: a page
---   that steps through the rows, the one with the longest text first

---@class aistudios.storyboard.FrameOptions: aistudios.storyboard.Options
---@field at? number  seconds from the scene's start, 0 or more: the moment that is drawn; without
---   it every clip is where it comes to rest

---@class aistudios.storyboard
---@overload fun(project: table, options?: aistudios.storyboard.PageOptions): string
---@overload fun(template: aistudios.Template, options?: aistudios.storyboard.PageOptions): string
---@overload fun(versions: table[], options?: aistudios.storyboard.Options): string  before, after
local M = {}

local of_page = { images = "table", rows = "table" }
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

--- Raises when rows are wrong, in the name of the caller's caller.
local function look_at_rows(rows)
  expect(rows[1] ~= nil, ": option 'rows' is a list of rows, and has none; give at least one, "
    .. "{ { name = value } }")
  for i, row in ipairs(rows) do
    expect(type(row) == "table", ": option 'rows' holds tables of values by name, row %d is a %s",
      i, type(row))
  end
end

local function is_template(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and meta.__name == "aistudios.template"
end

-- The template that rows fill in; a project with {{name}} is one.
local function template_of(project)
  if is_template(project) then return project end
  local found, err = require "aistudios.project.template".new(project)
  expect(found, ": rows fill in a template; the project is none: %s", tostring(err))
  return found
end

-- Two versions of a project; nil when it is one project.
local function versions_of(given, options)
  if type(given[1]) ~= "table" or given.scenes ~= nil then return nil end
  expect(type(given[2]) == "table" and given[3] == nil,
    ": two versions are { before, after }, got a list of %d with a %s in the second place",
    #given, type(given[2]))
  expect(not options.rows, ": option 'rows' goes with one template, not with two versions")
  return given[1], given[2]
end

return setmetatable(M, {
  __name = "aistudios.storyboard",
  __call = function (_, project, options)
    options = look_at_call("", project, options, of_page)
    local before, after = versions_of(project, options)
    if before then
      return require "aistudios.project.storyboard.versions".html(before, after, options.images)
    elseif options.rows then
      look_at_rows(options.rows)
      return require "aistudios.project.storyboard.rows".html(template_of(project),
        options.rows, options.images)
    end
    if is_template(project) then project = project.project end
    return require "aistudios.project.storyboard.page".html(project, options.images)
  end,
})
