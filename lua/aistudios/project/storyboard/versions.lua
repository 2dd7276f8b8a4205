-- SPDX-License-Identifier: MIT
--
-- versions: two versions of a project side by side: the scenes that changed, with
-- what project.diff says of each. Both versions of a scene play together.

local clock = require "aistudios.project.storyboard.clock"
local diff = require "aistudios.project.diff"
local frame = require "aistudios.project.storyboard.frame"
local page = require "aistudios.project.storyboard.page"
local panel = require "aistudios.project.storyboard.panel"
local pens = require "aistudios.project.storyboard.pen"
local read = require "aistudios.project.storyboard.read"
local scenes = require "aistudios.project.storyboard.scene"
local write = require "aistudios.util.decimal".format

local M = {}

local MOST_CHANGES = 60 -- of a scene that are listed

local STYLE = [[
.sides { display: flex; flex-wrap: wrap; gap: 24px; margin-top: 18px; }
.side { flex: 1 1 0; }
.side.portrait { max-width: 330px; }
.sides figcaption { margin-bottom: 6px; color: var(--soft); font-size: 13px; font-weight: 600; }
.sides .absent {
  display: grid; place-items: center; aspect-ratio: 16 / 9; border: 1px dashed var(--rule);
  border-radius: 6px; color: var(--soft); font-size: 14px;
}
.side.portrait .absent { aspect-ratio: 9 / 16; }
.sides .controls { flex: 1 0 100%; margin: 0; }
.changes { margin: 16px 0 0; padding: 0; list-style: none; font-size: 14px; }
.changes li { padding: 6px 0; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }

@media screen and (max-width: 900px) { .side { flex-basis: 100%; } }
@media print { .side.portrait { max-width: 60mm; } }
]]

---@class aistudios.storyboard.ScenePair
---@field from? integer  index of the scene in the first version
---@field to? integer    in the second
---@field kind "added"|"removed"|"changed"|"moved"
---@field changes aistudios.Change[]

local function order(a, b)
  local left, right = a.to or a.from, b.to or b.from
  if left ~= right then return left < right end
  return a.to == nil and b.to ~= nil
end

--- Changes by scene, in the order of the second version; and those of no scene.
---@return aistudios.storyboard.ScenePair[]
---@return aistudios.Change[]
local function pair(before, after)
  local pairs_of, known, others = {}, {}, {}
  local changes, place_before = diff(before, after)
  for _, change in ipairs(changes) do
    local index, rest = change.path:match "^scenes%[(%d+)%](.*)$"
    index = math.tointeger(tonumber(index))
    local is_removed = change.kind == "removed" and rest == ""
    local key = index and (is_removed and "-" or "+") .. index
    if not index then
      others[#others + 1] = change
    elseif not known[key] then
      local one = { kind = rest == "" and change.kind or "changed", changes = {} }
      if not is_removed then one.to = index end
      if one.kind ~= "added" then
        one.from = is_removed and index or place_before[index] or index
      end
      known[key] = one
      pairs_of[#pairs_of + 1] = one
    end
    if index then table.insert(known[key].changes, change) end
  end
  table.sort(pairs_of, order)
  return pairs_of, others
end

local function list(changes)
  if not changes[1] then return "" end
  local parts = { '<ul class="changes">' }
  for i = 1, math.min(#changes, MOST_CHANGES) do
    parts[#parts + 1] = ("<li><bdi>%s</bdi></li>"):format(panel.short(tostring(changes[i]), 600))
  end
  if #changes > MOST_CHANGES then
    parts[#parts + 1] = ("<li>%d more changes</li>"):format(#changes - MOST_CHANGES)
  end
  parts[#parts + 1] = "</ul>"
  return table.concat(parts)
end

local function side(pen, project, index, name)
  local class = scenes.class(project)
  if not index then
    return ('<figure class="side%s"><figcaption>%s</figcaption><div class="absent">no such scene'
      .. "</div></figure>"):format(class, name)
  end
  local scene = read.table(project, "scenes")[index]
  local label = ("%s: scene %d"):format(name, index)
  local parts = {}
  frame.draw(parts, pen, project, scene, scenes.layers(scene), {}, label,
    ("%s-%d"):format(name:lower(), index))
  return ('<figure class="side%s"><figcaption>%s</figcaption>%s</figure>'):format(class, label,
    table.concat(parts))
end

-- Seconds that a scene is played; 0 when there is none.
local function length(project, index)
  return index and clock.of(read.table(project, "scenes")[index]).length or 0
end

local function draw_pair(pen, before, after, one)
  return write([[
<article class="scene" id="scene-%s" data-length="%.2f">
<header><h2>Scene %d</h2><p>%s</p></header>
<div class="sides">%s%s</div>%s
</article>
]], one.to or "removed-" .. one.from,
    math.max(length(before, one.from), length(after, one.to)), one.to or one.from, one.kind,
    side(pen, before, one.from, "Before"), side(pen, after, one.to, "After"), list(one.changes))
end

local function facts(after, all, others)
  local counts = { added = 0, removed = 0, moved = 0, changed = 0 }
  for _, one in ipairs(all) do counts[one.kind] = counts[one.kind] + 1 end
  local total = 0
  for _ in read.each(after, "scenes") do total = total + 1 end
  local rows = { { "Scenes", tostring(total) } }
  for _, kind in ipairs { "changed", "added", "removed", "moved" } do
    if counts[kind] > 0 or kind == "changed" then
      rows[#rows + 1] = { kind:gsub("^%l", string.upper), tostring(counts[kind]) }
    end
  end
  rows[#rows + 1] = { "Changes of no scene", tostring(#others) }
  return page.facts(rows)
end

--- The page.
---@param before table
---@param after table
---@param images? table<string, string>
---@return string
function M.html(before, after, images)
  local all, others = pair(before, after)
  local parts = page.begin(after, "Two versions", STYLE)
  parts[#parts + 1] = facts(after, all, others)
  if not (all[1] or others[1]) then
    parts[#parts + 1] = '<p class="none">The two versions are the same.</p>'
  end
  parts[#parts + 1] = list(others) .. '</header>\n<main class="scenes">\n'
  local pen = pens.new(images, true)
  for _, one in ipairs(all) do parts[#parts + 1] = draw_pair(pen, before, after, one) end
  return page.finish(parts, pen)
end

return M
