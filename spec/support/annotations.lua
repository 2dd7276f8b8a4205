-- Writes annotations for editors, made from the tables that the code reads: the
-- rows of the API, the schema of projects, the options of the sandbox.
--
--   lua5.4 spec/support/annotations.lua          writes the files
--   lua5.4 spec/support/annotations.lua --check  fails when one is out of date
local describe_theme = require "spec.support.annotations.endpoints"

local files = {
  ["lua/aistudios/project/project.meta.lua"] = require "spec.support.annotations.project"(),
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

os.exit(is_fresh)
