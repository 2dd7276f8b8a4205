-- SPDX-License-Identifier: MIT
--
-- Fuzz target: the storyboard of any table is a page of well-formed HTML.

local aistudios = require "aistudios"
local build = require "spec.fuzz.project"
local markup = require "spec.support.markup"

return function (text)
  local project = build(text)
  local html = aistudios.storyboard(project)
  markup.expect_html(html)
  local scenes = type(project.scenes) == "table" and project.scenes or {}
  if rawget(scenes, 1) ~= nil then markup.expect_xml(aistudios.storyboard.svg(project, 1)) end
end
