-- SPDX-License-Identifier: MIT
--
-- Fuzz target: aistudios.check of any table. It says yes or no, and what it
-- says are paths and messages in one line of UTF-8.

local aistudios = require "aistudios"
local build = require "spec.fuzz.project"

local function expect_problems(problems)
  for _, problem in ipairs(problems) do
    assert(type(problem.path) == "string" and type(problem.message) == "string")
    assert(problem.level == "warning" or problem.level == "error" or problem.level == nil)
  end
end

return function (text)
  local project = build(text)
  local ok, found = aistudios.check(project)
  assert(ok == true or ok == nil)
  expect_problems(ok and found or found.problems)
  if not ok then
    local line = tostring(found)
    assert(not line:find "[\0-\31\127]", "more than one line")
    assert(#line < 4000, "a long line")
    assert(found.outcome == "not_sent" and found.kind == "invalid")
  end
  -- What the check lets through can be sent, and what it calls unencodable cannot.
  local body = aistudios.encode(project)
  assert(not ok or body, "checked, and cannot be sent")
  if body and ok then assert(aistudios.decode(body)) end
  aistudios.estimate(project)
  aistudios.diff(project, build(text:reverse()))
  local template = aistudios.template(project)
  if template then template:fill { name = "x" } end
end
