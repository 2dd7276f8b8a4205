-- Writes annotations for editors, made from the tables that the code reads: the
-- rows of the API, the schema of projects, the options of the sandbox.
--
--   lua5.4 spec/support/annotations.lua          writes the files
--   lua5.4 spec/support/annotations.lua --check FILE...  fails when one is out of
--                       date, or when an editor cannot read those of the files
local luals = require "spec.support.luals"
local describe_theme = require "spec.support.annotations.endpoints"

local files = {
  ["lua/aistudios/project/project.meta.lua"] = require "spec.support.annotations.project"(),
  ["lua/aistudios/sandbox/sandbox.meta.lua"] = require "spec.support.annotations.sandbox"(),
}
for _, theme in ipairs { "projects", "simple", "tools", "automation", "avatars", "sessions" } do
  files[("lua/aistudios/endpoints/rows/%s.meta.lua"):format(theme)] = describe_theme(theme)
end

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a"
end

local is_fresh = true

for path, text in pairs(files) do
  if arg[1] ~= "--check" then
    local file <close> = assert(io.open(path, "w"))
    file:write(text)
  elseif read(path) ~= text then
    io.stderr:write(path, " is out of date: run make annotations\n")
    is_fresh = false
  end
end

local all = {}
for i = 2, #arg do
  for _, seen in ipairs(luals.read(arg[i], read(arg[i]))) do all[#all + 1] = seen end
end
local problems = luals.problems(all)
for _, problem in ipairs(problems) do io.stderr:write(problem, "\n") end

os.exit(is_fresh and not problems[1])
