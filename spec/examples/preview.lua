local aistudios = require "aistudios"

local project = aistudios.project { name = "Offer" } -- with three mistakes
project:scene { background = "rgb(24,40,72)" }
  :avatar { model = "M000045058", clothes = "BG00002320", say = "{{name}} costs {{price}}." }
  :text { text = "{{name}}", left = 2000, top = 80, width = 800, height = 120, color = "FFFFFF" }

print(select(2, aistudios.template(project):fill { name = "Tea" }))

local ok, found = aistudios.check(project)
for _, problem in ipairs(ok and found or found.problems) do
  print(problem.path, problem.message)
end

local page <close> = assert(io.open("storyboard.html", "w"))
page:write(aistudios.storyboard(project))
