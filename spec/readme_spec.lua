-- What the README and its pages in spec/docs show is in spec/examples, and works.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

-- README and pages as one text.
local readme = support.read_file "README.md"
for _, name in ipairs { "batch", "calls", "errors", "hosts", "options", "projects", "sandbox",
  "webhooks" } do
  readme = readme .. support.read_file("spec/docs/" .. name .. ".md")
end

local function snippets(language)
  local found = {}
  for text in readme:gmatch("\n```" .. language .. "\n(.-\n)```\n") do
    found[#found + 1] = text
  end
  return found
end

local function examples()
  local found = {}
  for name in require "lfs".dir "spec/examples" do
    if name:find "%.%a+$" then
      local text = support.read_file("spec/examples/" .. name)
      found[(text:gsub("^/%* SPDX.-%*/\n", ""))] = name
    end
  end
  return found
end

describe("the README", function ()
  it("shows programs that are files of spec/examples, whole", function ()
    local known, count = examples(), 0
    for _, language in ipairs { "lua", "c" } do
      for _, text in ipairs(snippets(language)) do
        assert.truthy(known[text], "in no file: " .. text)
        count = count + 1
      end
    end
    assert.equal(12, count) -- preview.lua and fault.lua are there twice
  end)

  it("has a program of at most 15 lines for each host", function ()
    local hosts, count = readme:match "\n| host |(.-)\n\n", 0
    for name in hosts:gmatch "| `([%l_]+%.%l+)`" do
      local text = support.read_file("spec/examples/" .. name):gsub("^/%* SPDX.-%*/\n", "")
      local _, lines = text:gsub("\n", "")
      assert.is_true(lines <= 15, name)
      count = count + 1
    end
    assert.equal(8, count)
  end)

  it("lists every call of the API with its method and path", function ()
    local count = 0
    for name, row in pairs(require "aistudios.endpoints") do
      local path = row.path:gsub("^/api/%l+/v3", ""):gsub("^/api/v2", "")
      local line = readme:match("\n| (`" .. name .. "%([^\n]*)\n")
      assert.truthy(line, name)
      assert.truthy(line:find(("`%s %s`"):format(row.method, path), 1, true), line)
      count = count + 1
    end
    assert.equal(42, count)
  end)

  it("explains every kind and outcome of an error", function ()
    local source = support.read_file "lua/aistudios/error.lua"
    local listed = source:match "alias aistudios%.Kind\n(.-)\n\n"
      .. source:match "alias aistudios%.Outcome ([^\n]*)"
    local count = 0
    for name in listed:gmatch '"([%l_]+)"' do
      assert.truthy(readme:find(("\n| `%s` |"):format(name), 1, true), name)
      count = count + 1
    end
    assert.equal(13, count)
  end)

  it("names every option, environment variable and host", function ()
    local config = support.read_file "lua/aistudios/config.lua"
    local options = config:match "class aistudios%.Options\n(.-)\nlocal"
    for name in options:gmatch "@field ([%l_]+)%?" do
      assert.truthy(readme:find("`" .. name .. "`", 1, true), name)
    end
    for name in config:gmatch "AISTUDIOS_%u+_?%u*" do
      assert.truthy(readme:find("`" .. name .. "`", 1, true), name)
    end
    for name, address in pairs(require "aistudios".hosts) do
      assert.truthy(readme:find(("| `%s` | `%s` |"):format(name, address), 1, true))
    end
  end)

  it("says that it is unofficial, and the changelog knows the version", function ()
    assert.truthy(readme:find("Unofficial: not affiliated", 1, true))
    local version = require "aistudios"._VERSION
    assert.equal(version, support.read_file "CHANGELOG.md":match "\n## ([%d.]+)")
  end)
end)

describe("a program of the README", function ()
  local server, root

  before_each(function ()
    server = assert(sandbox.start { render_seconds = 0.3 })
    root = support.run "pwd"
  end)

  after_each(function () server:close() end)

  -- Where its user would run it, with the keys in the environment.
  local function run(command)
    local at = support.directory "readme"
    local pipe = assert(io.popen(([[
      cd '%s' && AISTUDIOS_BASE_URL='%s' AISTUDIOS_APP_ID='%s' \
      AISTUDIOS_USER_KEY='%s' LUA_PATH='%s' %s 2>&1]]):format(at, server.url,
      server.app_id, server.user_key,
      root .. "/spec/examples/?.lua;" .. package.path .. ";"
        .. support.elsewhere, command)))
    local output = pipe:read "a"
    local ok = pipe:close()
    return ok, output, at
  end

  local function renders(command)
    local ok, output, at = run(command)
    assert.is_true(ok, output)
    assert.truthy(output:find("hello.mp4\n", 1, true), output)
    assert.equal("ftyp", support.read_file(at .. "/hello.mp4"):sub(5, 8))
    assert.equal(1, #server:ledger())
    return output
  end

  local function example(name)
    return ("%s '%s/spec/examples/%s'"):format(support.lua, root, name)
  end

  local function embedded()
    local program = support.build .. "/spec/examples/embed"
    if program:sub(1, 1) ~= "/" then program = root .. "/" .. program end
    return ("%s'%s' '%s/spec/examples/render.lua'"):format(
      support.lua:gsub("lua5%.4$", ""), program, root)
  end

  it("renders from a script", function () renders(example "render.lua") end)

  local function fails(command)
    server:fault { on = "create_project", kind = "success_false",
      message = "no credits are left" }
    local ok, output = run(command)
    assert.is_nil(ok, output)
    assert.truthy(output:find("^[^\n]*no credits are left[^\n]*\n$"), output)
    assert.is_nil(output:find("null", 1, true), output)
  end

  it("says in one line why a render failed, and exits with a status", function ()
    fails(example "render.lua")
  end)

  it("says in one line in C why a render failed, and exits with a status", function ()
    fails(embedded())
  end)

  it("renders inside a game loop", function () renders(example "game.lua") end)

  for _, name in ipairs { "cqueues", "luv", "socket", "copas", "plain" } do
    it("renders inside a loop, whose other work goes on: " .. name, function ()
      local output = renders(example("loop_" .. name .. ".lua"))
      assert.truthy(output:find "^1\n2\nhello")
    end)
  end

  it("renders from C, with the Lua files inside", function () renders(embedded()) end)

  it("names three mistakes in one run, and draws them", function ()
    local ok, output, at = run(example "preview.lua")
    assert.is_true(ok, output)
    assert.truthy(output:find("price: is required", 1, true), output)
    assert.truthy(output:find("fill\tis not a colour; did you mean '#FFFFFF'?", 1, true), output)
    assert.truthy(output:find("outside the canvas", 1, true), output)
    assert.truthy(support.read_file(at .. "/storyboard.html"):find("<svg", 1, true))
  end)

  it("logs what happens as JSON lines, without secrets", function ()
    local ok, output, at = run(example "events.lua")
    assert.is_true(ok, output)
    local log, seen = support.read_file(at .. "/events.jsonl"), {}
    for line in log:gmatch "[^\n]+" do
      local event = assert(aistudios.decode(line))
      seen[event.endpoint .. " " .. event.type] = event
    end
    assert.truthy(seen["create_project queued"], log)
    assert.is_number(seen["create_project received"].timing.total)
    assert.is_nil(log:find(server.user_key, 1, true))
  end)

  it("follows a render by its webhook", function ()
    local output = renders("WEBHOOK_SECRET='a secret of my own server' " .. example "webhook.lua")
    assert.truthy(output:find("order 66\t100\n", 1, true), output)
  end)

  it("shows what a lost answer means", function ()
    local ok, output = run(example "fault.lua")
    assert.is_true(ok, output)
    assert.equal("nil\tunknown\n1\n", output)
  end)
end)
