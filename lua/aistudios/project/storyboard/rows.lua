-- SPDX-License-Identifier: MIT
--
-- rows: the storyboard of a template with the rows that fill it, as one page to step
-- through: the row with the longest text first, rows with something wrong marked. Of many
-- rows these are drawn before others. One row is shown at a time by the choice of a radio
-- button, without a script; all of them on paper and in browsers that know no `:has()`.

local page = require "aistudios.project.storyboard.page"
local panel = require "aistudios.project.storyboard.panel"
local pens = require "aistudios.project.storyboard.pen"
local pins = require "aistudios.project.storyboard.pins"
local row_choice = require "aistudios.project.storyboard.row_choice"
local sheet = require "aistudios.project.storyboard.sheet"
local text = require "aistudios.project.storyboard.text"

local M = {}

local MOST_VALUE, MOST_VALUES = 60, 160 -- characters shown of a row in the list

local STYLE = [[
.rows {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 8px;
  max-height: 340px; margin: 8px 0 0; padding: 4px; overflow: auto; border: 0;
}
.rows legend { margin-bottom: 8px; }
.rows label {
  display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 9px; padding: 8px 11px;
  border: 1px solid var(--rule); border-radius: 5px; background: var(--card); font-size: 13px;
  line-height: 1.45; cursor: pointer; align-content: start;
}
.rows label:has(:checked) { border-color: var(--speech); box-shadow: 0 0 0 1px var(--speech); }
.rows small { grid-column: 2; color: var(--soft); font-size: 12.5px; overflow-wrap: anywhere; }
.rows em { font-style: normal; color: var(--warning); white-space: nowrap; }
.rows em.error { color: var(--error); }
.row { margin-top: 36px; }
.row > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 20px; }
.row > header h2 { margin: 0; font-size: 30px; }
.row > header label { color: var(--speech); font-size: 14px; cursor: pointer; }
.row .scene { margin-top: 24px; }
.values { columns: 260px 2; margin: 14px 0 0; font-size: 14px; }
.values div { break-inside: avoid; }
.values dt { float: left; margin-right: 8px; color: var(--soft); }
.values dt::after { content: ":"; }
.values dd { margin: 0 0 4px; overflow-wrap: anywhere; }
@media print {
  .rows { max-height: none; overflow: visible; }
  .rows label { break-inside: avoid; }
  .row { margin-top: 12pt; }
  .row + .row { break-before: page; }
  .row > header label { display: none; }
}
]]

-- Which rows are not drawn.
local function left_out(all, drawn, left)
  if not left[1] then return "" end
  local wrong, good = row_choice.numbers(left, true), row_choice.numbers(left, false)
  return ('<p class="none">%d of %d rows are drawn: the one with the longest text, those with '
    .. "something wrong, then those with longer texts. %s%sTo see them, draw fewer rows at a "
    .. "time.</p>"):format(#drawn, #all,
      wrong and ("Not drawn, and something is wrong with them: %s. "):format(wrong) or "",
      good and ("Not drawn, and nothing is wrong with them: %s. "):format(good) or "")
end

local function shown(value) return type(value) == "table" and "null" or tostring(value) end

local function summary(template, row)
  local words = {}
  for _, field in ipairs(template.fields) do
    local value = row.values[field.name]
    if value ~= nil then
      local head, left_off = text.head(shown(value), MOST_VALUE)
      words[#words + 1] = left_off > 0 and head .. "…" or head
    end
  end
  return panel.short(table.concat(words, " · "), MOST_VALUES)
end

local function mark(row)
  if row.err then return ' <em class="error">cannot be filled in</em>' end
  local errors, over = row.errors, row.overflowing
  return (errors == 0 and "" or (' <em class="error">%s</em>'):format(sheet.count(errors, "error")))
    .. (over == 0 and "" or (" <em>%s</em>"):format(over == 1 and "1 text overflows"
      or over .. " texts overflow"))
end

--- The list of rows, and the rules that show the chosen one alone.
local function list(template, drawn)
  local parts = { '<fieldset class="rows"><legend class="small">Rows, the longest text first'
    .. "</legend>" }
  local rules = { "<style>@media screen { @supports selector(:has(*)) { .row { display: none; }" }
  for place, row in ipairs(drawn) do
    parts[#parts + 1] = ('<label><input type="radio" name="row" id="pick-%d"%s><span><b>Row %d'
      .. '</b>%s</span><small><bdi>%s</bdi></small></label>'):format(place,
      place == 1 and " checked" or "", row.number, mark(row), summary(template, row))
    rules[#rules + 1] = ("body:has(#pick-%d:checked) #row-%d { display: block; }"):format(place,
      row.number)
  end
  parts[#parts + 1] = "</fieldset>\n"
  rules[#rules + 1] = "} }</style>\n"
  return table.concat(parts) .. table.concat(rules, "\n")
end

local function values_of(template, row)
  local parts = { '<dl class="values">' }
  for _, field in ipairs(template.fields) do
    local value = row.values[field.name]
    if value ~= nil then
      parts[#parts + 1] = ('<div><dt><bdi>%s</bdi></dt><dd><bdi dir="auto">%s</bdi></dd></div>')
        :format(panel.short(field.name, MOST_VALUE), panel.short(shown(value), 600))
    end
  end
  return table.concat(parts) .. "</dl>"
end

-- The scenes that are not the same for all rows; nil: all of them.
local function varying(template)
  local found = {}
  for _, field in ipairs(template.fields) do
    for _, path in ipairs(field.paths) do
      local index = path:match "^scenes%[(%d+)%]"
      if path == "orientation" then return nil end
      if index then found[math.tointeger(tonumber(index))] = true end
    end
  end
  return found
end

-- What is wrong with the values of a row, as pins behind the last one.
local function wrong_values(err, last)
  local found = {}
  for i, problem in ipairs(err.problems or {}) do
    found[i] = { problem = problem, where = problem.path }
  end
  if not found[1] then found[1] = { problem = err, where = "" } end
  return found, pins.number(found, last)
end

local function step(drawn, place, words)
  local row = drawn[place]
  return row and ('<label for="pick-%d">%s</label>'):format(place, words:format(row.number)) or ""
end

--- One row: its values, and its scenes; of all but the first row only those that
--- are not the same for all.
local function draw_row(pen, template, drawn, place, which, last)
  local row = drawn[place]
  local parts = { ('<section class="row" id="row-%d"><header><h2>Row %d</h2>%s%s</header>%s\n')
    :format(row.number, row.number, step(drawn, place - 1, "← Row %d"),
      step(drawn, place + 1, "Row %d →"), values_of(template, row)) }
  local project = template:fill(row.values)
  if not project then
    local found, number = wrong_values(row.err, last)
    parts[#parts + 1] = panel.problems(found) .. "</section>\n"
    return table.concat(parts), number
  end
  local found = pins.of(project)
  local all, _, number = page.prepare(project, found, ("row-%d-"):format(row.number), last)
  parts[#parts + 1] = panel.problems(found.project) .. '<div class="scenes">'
  local same = 0
  for _, one in ipairs(all) do
    if place == 1 or not which or which[one.index] then
      page.scene(parts, pen, project, one)
    else
      same = same + 1
    end
  end
  parts[#parts + 1] = "</div>"
  if same > 0 then
    parts[#parts + 1] = ('<p class="none">%s that no value changes: see <label for="pick-1">'
      .. "row %d</label>.</p>"):format(sheet.count(same, "more scene"), drawn[1].number)
  end
  parts[#parts + 1] = "</section>\n"
  return table.concat(parts), number
end

local function facts(template, all)
  local over, invalid, unfilled = 0, 0, 0
  for _, row in ipairs(all) do
    if row.overflowing > 0 then over = over + 1 end
    if row.errors > 0 then invalid = invalid + 1 end
    if row.err then unfilled = unfilled + 1 end
  end
  local function count(number) return number == 0 and "none" or tostring(number) end
  return page.facts {
    { "Rows", tostring(#all) }, { "Fields", tostring(#template.fields) },
    { "Rows whose texts overflow", count(over) }, { "Rows with errors", count(invalid) },
    { "Rows that cannot be filled in", count(unfilled) },
  }
end

--- The page.
---@param template aistudios.Template
---@param rows table<string, any>[]  values for template:fill, at least one
---@param images? table<string, string>
---@return string
function M.html(template, rows, images)
  local all = row_choice.measure(template, rows)
  local drawn, left = row_choice.choose(all)
  local parts = page.begin(template.project, "Storyboard of a template", STYLE)
  parts[#parts + 1] = facts(template, all)
  parts[#parts + 1] = list(template, drawn)
  parts[#parts + 1] = left_out(all, drawn, left)
  parts[#parts + 1] = "</header>\n<main>\n"
  local pen, which, last = pens.new(images, true), varying(template), 0
  for place = 1, #drawn do
    parts[#parts + 1], last = draw_row(pen, template, drawn, place, which, last)
  end
  return page.finish(parts, pen)
end

return M
