-- SPDX-License-Identifier: MIT
--
-- row_choice: what is to be known of the rows of a template before they are drawn: how long
-- their texts are and what is wrong with them, and which of many rows are drawn.

local check = require "aistudios.project.check"
local read = require "aistudios.project.storyboard.read"
local text_fit = require "aistudios.project.text_fit"

local M = {}

local MOST_DRAWN = 200 -- rows; more make a page that browsers are slow with
local MOST_RANGES = 40 -- of numbers of rows that are named

---@class aistudios.storyboard.Row
---@field number integer    counts from 1, as the rows were given
---@field values table
---@field length number     of its texts, in font sizes
---@field err? aistudios.Error  why it cannot be filled in
---@field errors integer     that the check finds once it is filled in
---@field overflowing integer  texts that are larger than their boxes
---@field is_wrong boolean   any of these

-- How many texts of a project are larger than their boxes.
local function overflowing(project)
  local count = 0
  for _, scene in read.each(project, "scenes") do
    if type(scene) == "table" then
      for _, clip in read.each(scene, "clips") do
        if type(clip) == "table" and clip.type == "textImage" and text_fit.overflow(clip) then
          count = count + 1
        end
      end
    end
  end
  return count
end

local function length(template, values)
  local sum = 0
  for _, field in ipairs(template.fields) do
    local value = values[field.name]
    if field.type == "string" and value ~= nil then
      sum = sum + text_fit.width(tostring(value))
    end
  end
  return sum
end

--- The rows, the one with the longest text first.
---@param template aistudios.Template
---@param rows table<string, any>[]
---@return aistudios.storyboard.Row[]
function M.measure(template, rows)
  local all = {}
  for number, values in ipairs(rows) do
    local project, err = template:fill(values)
    local errors, over = project and #check(project) or 0, project and overflowing(project) or 0
    all[number] = { number = number, values = values, length = length(template, values),
      err = err, errors = errors, overflowing = over,
      is_wrong = err ~= nil or errors > 0 or over > 0 }
  end
  table.sort(all, function (a, b)
    if a.length ~= b.length then return a.length > b.length end
    return a.number < b.number
  end)
  return all
end

--- The rows that are drawn, and those that are not, in their order. Drawn are the first one,
--- those with something wrong, and others while there is room.
---@param all aistudios.storyboard.Row[]
---@return aistudios.storyboard.Row[] drawn
---@return aistudios.storyboard.Row[] left
function M.choose(all)
  local drawn, left, is_drawn, room = {}, {}, { [all[1]] = true }, MOST_DRAWN - 1
  for _, is_wrong in ipairs { true, false } do
    for i = 2, #all do
      local row = all[i]
      if row.is_wrong == is_wrong and room > 0 then is_drawn[row], room = true, room - 1 end
    end
  end
  for _, row in ipairs(all) do
    local list = is_drawn[row] and drawn or left
    list[#list + 1] = row
  end
  return drawn, left
end

--- The numbers of those rows that have, or have not, something wrong: "rows 1–5, 8"; nil
--- when there are none.
---@param rows aistudios.storyboard.Row[]
---@param is_wrong boolean
---@return string?
function M.numbers(rows, is_wrong)
  local numbers, parts, at = {}, {}, 1
  for _, row in ipairs(rows) do
    if row.is_wrong == is_wrong then numbers[#numbers + 1] = row.number end
  end
  table.sort(numbers)
  while numbers[at] and #parts < MOST_RANGES do
    local first = at
    while numbers[at + 1] == numbers[at] + 1 do at = at + 1 end
    parts[#parts + 1] = at == first and tostring(numbers[at])
      or ("%d–%d"):format(numbers[first], numbers[at])
    at = at + 1
  end
  if not parts[1] then return nil end
  local more = #numbers - at + 1
  return (#numbers == 1 and "row " or "rows ") .. table.concat(parts, ", ")
    .. (more > 0 and (" and %d more"):format(more) or "")
end

return M
