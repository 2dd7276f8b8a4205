-- SPDX-License-Identifier: MIT
--
-- aistudios preview: the storyboard of a project, of a template with its rows, or of
-- two versions, in a browser.

local aistudios = require "aistudios"
local errors = require "aistudios.error"
local failure = require "aistudios.cli.failure"
local findings = require "aistudios.cli.findings"
local optional = require "aistudios.cli.optional"
local project_file = require "aistudios.cli.project_file"
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
  if not handle then
    uv.run "nowait" -- luv frees what it could not start, which libuv has in its loop until then
    return nil, ("%s: %s"):format(program, message)
  end
  handle:unref()
  return true
end

-- As `batch plan` reads rows.
local FILL = { coerce = true, empty = true, extra = true }

---@class aistudios.cli.Preview  nil page: `list` or `message` says why
---@field page? string
---@field about? table     what is told of it, besides its path
---@field list? aistudios.cli.Finding[]
---@field message? string  a file cannot be read

local function read_rows(path)
  local rows, missing = optional.load("aistudios.batch.rows", "aistudios-batch")
  if not rows then return nil, missing end
  local reader, close = rows.open(path)
  if not reader then return nil, close.message end
  local all = {}
  while true do
    local row, line, message = reader()
    if not row then
      close()
      if errors.is(message) then return nil, message.message end
      if message then return nil, ("%s:%s: %s"):format(path, line or "?", message) end
      return all[1] and all, path .. ": has no rows"
    end
    all[#all + 1] = row
  end
end

---@return aistudios.cli.Preview
local function preview_rows(given)
  local file, wrong, message = project_file.read(given.file)
  if not file then return { list = { wrong }, message = message } end
  local template, err = aistudios.template(file.project, FILL)
  if not template then return { list = file:findings(err.problems) } end
  local rows
  rows, message = read_rows(given.rows)
  if not rows then return { message = message } end
  return { page = aistudios.storyboard(template, { rows = rows }), about = { rows = #rows } }
end

---@return aistudios.cli.Preview
local function preview_project(given)
  local file, list, message = findings.look(given.file, given.fill)
  if not file then return { list = list, message = message } end
  if not given.after then
    return { page = aistudios.storyboard(file.project), about = { problems = #list } }
  end
  local after
  after, list, message = findings.look(given.after, given.fill)
  if not after then return { list = list, message = message } end
  return { page = aistudios.storyboard { file.project, after.project },
    about = { problems = #list, changes = #aistudios.diff(file.project, after.project) } }
end

local function run(context, given)
  if given.rows and (given.fill or given.after) then
    return failure.usage(context.output, "--rows goes with one FILE, and without --fill")
  end
  local drawn = (given.rows and preview_rows or preview_project)(given)
  local path, message = given.to, drawn.message
  if drawn.page then
    if not path then path, message = new_path(given.after or given.file) end
    if path then message = select(2, write(path, drawn.page)) end
  elseif not message then
    return failure.refuse(context.output, findings.text(drawn.list[1]),
      { kind = "invalid", code = status.findings })
  end
  if message then return failure.refuse(context.output, message) end
  drawn.about.path = path
  context.output:write(drawn.about, path)
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
    .. "xdg-open). Mistakes of the project are pinned to its clips. With AFTER the page "
    .. "shows the scenes that differ, side by side; with --rows it steps through the rows of a "
    .. "template, the one with the longest text first, and marks texts that overflow.",
  arguments = { { "FILE", "The project; - is standard input." },
    { "[AFTER]", "A later version of it." } },
  options = {
    { "--fill ROW", "A JSON object with the values for {{name}} in the project." },
    { "--rows PATH", "Rows with the values for {{name}}, as of batch plan: .csv, .tsv, .jsonl." },
    { "--to PATH", "Where the page goes; else a new temporary directory." },
    { "--open", "Open it in a browser also when the output is no terminal." },
    { "--no-open", "Open no browser." },
  },
  run = run,
}
