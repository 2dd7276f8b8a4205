-- When modules are loaded: what an answer needs, before its request goes out.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

--- A module of this project, as its file; nil for others.
local function file_of(name)
  local path = name:find "^aistudios" and package.searchpath(name, "lua/?.lua;lua/?/init.lua")
  return path or nil
end

--- Every module that `name` requires, now or later, by the text of the files.
local function add_required(found, name)
  local path = file_of(name)
  if not path or found[name] then return end
  found[name] = true
  for inner in support.read_file(path):gmatch 'require%s*%(?"([%w._]+)"' do
    add_required(found, inner)
  end
end

--- Runs Lua code in a program of its own; its output.
local function program(code, environment)
  local path = support.directory "preload" .. "/program.lua"
  support.write_file(path, code)
  return support.run(("%s %s '%s' 2>&1"):format(environment or "", support.lua, path))
end

local function loaded_after(code)
  local found = {}
  for name in program(code .. [[
    for name in pairs(package.loaded) do print(name) end]]):gmatch "[^\n]+" do
    found[name] = true
  end
  return found
end

describe("aistudios.new", function ()
  it("loads all that a client can require", function ()
    local wanted = {}
    add_required(wanted, "aistudios.client")
    local found = loaded_after [[
      local client <close> = require "aistudios".new { token = ("t"):rep(12) }]]
    for name in pairs(wanted) do assert.is_true(found[name], name) end
  end)

  it("says what cannot be loaded and how to get it", function ()
    for _, case in ipairs {
      { "package.cpath = ''", "aistudios.core.*not found.*install aistudios" },
      { "package.path = ''", "'aistudios.client' not found.*install aistudios again" },
      { "repeat local f = io.open '/dev/null' held[#held + 1] = f until not f",
        "Too many open files" },
    } do
      local said = program(([[
        local aistudios, held = require "aistudios", {}
        %s
        local client, err = aistudios.new { token = ("t"):rep(12) }
        assert(client == nil and err.kind == "file" and err.outcome == "not_sent")
        print(err)]]):format(case[1]), "ulimit -n 40;")
      assert.truthy(said:find(case[2]), said)
    end
  end)
end)

describe("aistudios.preload", function ()
  it("loads every module but the sandbox, the adapters and the programs", function ()
    local found = loaded_after [[assert(require "aistudios".preload() == true)]]
    for path in support.run "find lua/aistudios -name '*.lua'":gmatch "[^\n]+" do
      local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
      if not name:find "%.meta$" and not name:find "^aistudios%.sandbox"
        and not name:find "^aistudios%.host" and not name:find "^aistudios%.cli"
        and not name:find "^aistudios%.batch" then
        assert.is_true(found[name], name)
      end
    end
  end)

  it("is an error where something is missing", function ()
    local said = program [[
      package.preload["aistudios.core"] = function () error "none" end
      print(select(2, require "aistudios".preload()))]]
    assert.truthy(said:find("cannot load aistudios.core: .*: none; install aistudios"), said)
  end)
end)

describe("a program in which nothing can be loaded after `new`", function ()
  local server

  before_each(function ()
    server = assert(sandbox.start { render_seconds = 0.1 })
    for nth, fault in pairs { -- of the calls of sealed.lua
      [3] = { kind = "status", status = 500 },
      [4] = { kind = "drop_after_read" },
      [5] = { kind = "status", status = 200, body = "{", act = true },
    } do
      fault.on, fault.nth = "create_project", nth
      server:fault(fault)
    end
    server:fault { on = "list_projects", kind = "status", status = 503, times = 9 }
  end)

  after_each(function () server:close() end)

  local function check(said)
    for _, wanted in ipairs {
      "^render\tok\t", "\nevent\tok\t", "\nrefused\thttp\trejected\t",
      "\nbroken\tnetwork\tunknown\t",
      "\ncut\tprotocol\tunknown\t", "\nbusy\thttp\t", "\nfilm\tfile\tnot_sent\t",
      "\ncallback\tcancelled\tunknown\t", "\ninvalid\tinvalid\tnot_sent\t", "\ntoken\tok\t",
    } do
      assert.truthy(said:find(wanted), wanted .. " in " .. said)
    end
    assert.is_nil(said:find(" late", 1, true), said)
    assert.is_nil(said:find("not found:", 1, true), said)
  end

  local function arguments()
    return ("'%s' '%s' '%s' '%s'"):format(server.url, server.app_id, server.user_key,
      support.directory "sealed")
  end

  it("gets every answer and every error of its calls", function ()
    check(support.run(("ulimit -n 40; %s spec/hosts/sealed.lua %s 2>&1")
      :format(support.lua, arguments())))
  end)

  it("gets them in C too", function ()
    local path = support.directory "sealed-c" .. "/script.lua"
    support.write_file(path, ("arg = { %s } dofile 'spec/hosts/sealed.lua'")
      :format(arguments():gsub("' '", "', '")))
    check(support.run(("ulimit -n 40; LUA_PATH= '%s/spec/examples/embed' '%s' 2>&1")
      :format(support.build, path)))
  end)
end)

describe("a state without os, io and debug", function ()
  it("renders all the same, also where globals must be declared", function ()
    local server <close> = assert(sandbox.start { render_seconds = 0 })
    server:fault { on = "list_projects", kind = "status", status = 503,
      retry_after = "Wed, 21 Oct 2015 07:28:00 GMT" }
    local at = support.directory "bare"
    local said = program(([[
      os, io, debug = nil, nil, nil
      package.loaded.os, package.loaded.io, package.loaded.debug = nil, nil, nil
      setmetatable(_G, { __index = function (_, name) error(name .. " is not declared", 2) end,
        __newindex = function (_, name) error(name .. " is not declared", 2) end })
      local aistudios = require "aistudios"
      assert(aistudios.preload())
      local client <close> = assert(aistudios.new { base_url = %q, app_id = %q, user_key = %q })
      assert(client:list_projects())
      print(assert(client:render(dofile "spec/fixtures/hello.lua", { to = %q })).path)]])
      :format(server.url, server.app_id, server.user_key, at .. "/film.mp4"))
    assert.equal(at .. "/film.mp4", said)
  end)
end)

describe("a Lua that is not 5.4", function ()
  local others = { ["lua5.1"] = "Lua 5.1", ["lua5.3"] = "Lua 5.3", luajit = "LuaJIT" }
  for name, version in pairs(others) do
    it("is told in one sentence: " .. name, function ()
      local said = support.run(([[env -u LUA_INIT LUA_PATH='lua/?.lua;lua/?/init.lua' %s -e '
        setmetatable(_G, { __index = function (_, name) error(name .. " is not declared") end })
        print(select(2, pcall(require, "aistudios")))']]):format(name))
      assert.truthy(said:find("^aistudios needs Lua 5.4; this is " .. version:gsub("%p", "%%%0")
        .. "[^\n]*$"), said)
    end)
  end
end)

describe("aistudios.assert", function ()
  it("returns what it was given", function ()
    assert.same({ 1, 2, 3, n = 3 }, table.pack(aistudios.assert(1, 2, 3)))
    assert.same({ "a", n = 1 }, table.pack(aistudios.assert "a"))
  end)

  it("raises the error as a text, at the caller's line", function ()
    local _, err = aistudios.encode(print)
    local ok, message = pcall(function () aistudios.assert(nil, err) end)
    assert.is_false(ok)
    assert.equal("string", type(message))
    assert.truthy(message:find("^[^\n]*preload_spec.lua:%d+: aistudios: [^\n]+$"), message)
    ok, message = pcall(function () aistudios.assert(nil) end)
    assert.is_false(ok)
    assert.truthy(message:find("assertion failed", 1, true))
  end)
end)
