-- SPDX-License-Identifier: MIT
--
-- sandbox: the annotations of the sandbox's options, settings and faults, from
-- the rows that check them.

local faults = require "aistudios.sandbox.fault_options"
local kinds = require "aistudios.sandbox.fault_kinds".rows
local options = require "aistudios.sandbox.options"
local routes = require "aistudios.sandbox.routes"
local writer = require "spec.support.annotations.writer"

local function takes_any(row, values)
  for _, value in ipairs(values) do
    if row[1](value) then return true end
  end
  return false
end

--- The values that a row names in quotes, if it takes no other text.
local function literals_of(row)
  local found = {}
  for word in row[2]:gmatch '"([^"]+)"' do
    if row[1](word) then found[#found + 1] = word end
  end
  return found
end

--- The type of what a row takes, found out by asking its check.
local function type_of(row)
  if row.type then return row.type end
  local types = {}
  if row[1] "x" then types[1] = "string" else types[1] = writer.union(literals_of(row)) end
  if types[1] == "" then types = {} end
  if takes_any(row, { 0.25, 1.5 }) then
    types[#types + 1] = "number"
  elseif takes_any(row, { 0, 1, 200 }) then
    types[#types + 1] = "integer"
  end
  if row[1](true) then types[#types + 1] = "boolean"
  elseif row[1](false) then types[#types + 1] = "false" end
  if row[1] {} then types[#types + 1] = "table" end
  assert(types[1], row[2])
  return table.concat(types, "|")
end

--- What a row is, what it must be where the type does not say it, its default.
local function note_of(row)
  local notes = { row.about }
  local says_range = row[2]:find "%d" and not row[2]:find "seconds from 0" and not row.type
  local says_more = not row.about and not row[2]:find "^a string$" and row[2] ~= "a boolean"
  if says_range or says_more then notes[#notes + 1] = row[2] end
  if row.default ~= nil and row.default ~= -1 then
    local shown = type(row.default) == "string" and ("%q"):format(row.default)
      or ("%s"):format(row.default)
    notes[#notes + 1] = shown .. " when absent"
  end
  return table.concat(notes, "; ")
end

local function put_field(out, name, row)
  local line = ("---@field %s? %s  %s"):format(name, type_of(row), note_of(row))
  out:put("%s", (line:gsub(" +$", "")))
end

local function put_options(out)
  for _, class in ipairs {
    { "aistudios.sandbox.Settings", of = "setting" },
    { "aistudios.sandbox.WorldOptions: aistudios.sandbox.Settings", of = "world" },
    { "aistudios.sandbox.Options: aistudios.sandbox.WorldOptions", of = "server" },
  } do
    out:put("---@class %s", class[1])
    for _, name in ipairs(writer.sorted(options.rows)) do
      local row = options.rows[name]
      if row.of == class.of then put_field(out, name, row) end
    end
    out:put ""
  end
end

local function put_faults(out)
  local targets = writer.sorted(routes.names)
  out:put "---@alias aistudios.sandbox.FaultTarget"
  for _, name in ipairs(targets) do out:put('---| "%s"', name) end
  out:put ""
  out:put "---@class aistudios.sandbox.AnyFault"
  out:put "---@field on aistudios.sandbox.FaultTarget"
  for _, name in ipairs { "nth", "probability", "times" } do
    put_field(out, name, faults.rules[name])
  end
  out:put ""
  for _, kind in ipairs(writer.sorted(kinds)) do
    out:put("--- %s.", (kinds[kind].about:gsub("^%l", string.upper)))
    out:put("---@class aistudios.sandbox.fault.%s: aistudios.sandbox.AnyFault", kind)
    out:put("---@field kind %q", kind)
    local takes = table.move(kinds[kind].takes, 1, #kinds[kind].takes, 1, {})
    table.sort(takes)
    for _, name in ipairs(takes) do put_field(out, name, faults.rules[name]) end
    out:put ""
  end
  out:put "---@alias aistudios.sandbox.Fault"
  for _, kind in ipairs(writer.sorted(kinds)) do
    out:put("---| aistudios.sandbox.fault.%s", kind)
  end
  out:put ""
end

--- The text of the file.
---@return string
return function ()
  local out = writer.new(
    "The sandbox's options, settings and faults, for editors; never loaded. Written by",
    "`make annotations` from sandbox/options.lua, fault_options.lua and fault_kinds.lua:",
    "change those.")
  put_options(out)
  put_faults(out)
  return out:text()
end
