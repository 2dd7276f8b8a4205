-- Good and broken projects, with exactly what is said of them.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local good = dofile "spec/fixtures/projects/good.lua"
local broken = dofile "spec/fixtures/projects/broken.lua"

local function whole()
  local project = aistudios.project {}
    :shape { "Square", id = "shape", fill = "#ff0000", at = "top left", size = { 200, 100 } }
    :text { "Words", id = "text", at = "bottom", margin = "6%" }
  return project:build()
end

local function lines(problems, level)
  local found = {}
  for _, problem in ipairs(problems) do
    if problem.level == level then
      found[#found + 1] = problem.path .. ": " .. problem.message
    end
  end
  return found
end

local function apply(case)
  local project = whole()
  case.change(project, project.scenes[1], project.scenes[1].clips[1])
  return project
end

describe("the corpus of projects", function ()
  it("begins with one that is right", function ()
    local ok, warnings = aistudios.check(whole())
    assert.is_true(ok)
    assert.same({}, warnings)
  end)

  for name, project in pairs(good) do
    it("finds nothing wrong with " .. name, function ()
      local ok, warnings = aistudios.check(project)
      assert.is_true(ok, tostring(warnings))
      assert.same({}, lines(warnings, "warning"))
    end)
  end

  for _, case in ipairs(broken) do
    it("says exactly what is wrong with " .. case.name, function ()
      local ok, said = aistudios.check(apply(case))
      local problems = ok and said or said.problems
      assert.equal(case.errors == nil, ok == true)
      assert.same(case.errors or {}, lines(problems, "error"))
      assert.same(case.warnings or {}, lines(problems, "warning"))
    end)
  end

  it("is refused by a client for errors, never for warnings", function ()
    local server <close> = sandbox.start()
    local client <close> = support.client(server)
    for _, case in ipairs(broken) do
      local result, err = client:create_project(apply(case))
      if case.errors then
        assert.is_nil(result)
        assert.equal("invalid", err.kind)
        assert.same(case.errors, lines(err.problems, "error"))
        assert.equal("not_sent", err.outcome)
      else
        assert.is_string(assert(result, tostring(err)).project_id)
      end
    end
  end)

  it("is sent as it is when a builder made it", function ()
    local server <close> = sandbox.start()
    local client <close> = support.client(server)
    local project = aistudios.project { name = "Built", isExport = false }
      :scene { background = "#ffffff" }
      :avatar { model = "M000045058", clothes = "BG00002320", say = "Hi" }
    assert(client:create_project(project))
    local sent = aistudios.decode(support.requests(server, "create_project")[1].body)
    assert.same({}, aistudios.diff(project, sent))
  end)
end)
