-- SPDX-License-Identifier: MIT
--
-- aistudios preview: the storyboard of a project, in a browser.

local aistudios = require "aistudios"
local failure = require "aistudios.cli.failure"
local findings = require "aistudios.cli.findings"
local status = require "aistudios.cli.status"
local terminal = require "aistudios.cli.terminal"
local uv = require "luv"

--- A place for the page that nobody else can have prepared.
local function new_path(source)
  local directory, message = uv.fs_mkdtemp((os.getenv "TMPDIR" or "/tmp")
    .. "/aistudios-XXXXXX")
  if not directory then return nil, message end
  local name = source:match "([%w_-]+)%.%w+$" or "storyboard"
  return ("%s/%s.html"):format(directory, name)
end

local function write(path, text)
  local file, message = io.open(path, "wb")
  if not file then return nil, message end
  local ok
  ok, message = file:write(text)
  if ok then ok, message = file:close() else file:close() end
  return ok, message and path .. ": " .. message
end

local function has_display()
  return os.getenv "BROWSER" or os.getenv "DISPLAY" or os.getenv "WAYLAND_DISPLAY"
end

--- Opens a file in a browser; no shell sees its name.
local function open(path)
  local program = os.getenv "BROWSER" or "xdg-open"
  local handle, message = uv.spawn(program,
    { args = { uv.fs_realpath(path) }, detached = true }, function () end)
  if not handle then return nil, ("%s: %s"):format(program, message) end
  handle:unref()
  return true
end

local function run(context, given)
  local file, list, message = findings.look(given.file, given.fill)
  local path
  if file then
    path = given.to
    if not path then path, message = new_path(given.file) end
    if path then message = select(2, write(path, aistudios.storyboard(file.project))) end
  elseif not message then
    message = findings.text(list[1])
  end
  if message then
    local is_mistake = list[1] and not file
    return failure.refuse(context.output, message, is_mistake
      and { kind = "invalid", code = status.findings } or nil)
  end
  context.output:write({ path = path, problems = #list }, path)
  local wants_browser = given.open or terminal.is_terminal(1) and has_display()
  if wants_browser and not given.no_open then
    local ok
    ok, message = open(path)
    if not ok and given.open then
      return failure.refuse(context.output, message)
    end
  end
  return status.done
end

---@type aistudios.cli.Command
return {
  name = "preview",
  about = "Draws the storyboard of a project as a page of HTML, and prints its path",
  details = "Nothing is sent. On a terminal the page is opened in a browser ($BROWSER, else "
    .. "xdg-open). Mistakes of the project are pinned to its clips.",
  arguments = { { "FILE", "The project; - is standard input." } },
  options = {
    { "--fill ROW", "A JSON object with the values for {{name}} in the project." },
    { "--to PATH", "Where the page goes; else a new temporary directory." },
    { "--open", "Open it in a browser also when the output is no terminal." },
    { "--no-open", "Open no browser." },
  },
  run = run,
}
