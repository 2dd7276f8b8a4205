-- SPDX-License-Identifier: MIT
--
-- What a Lua program can ask of a sandbox.

local core = require "aistudios.core"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"

local server, caller

before_each(function()
  server = assert(sandbox.start { render_seconds = 0 })
  caller = http.caller(server)
end)
after_each(function() server:close() end)

describe("the requests", function()
  it("can be filtered", function()
    caller:ask("POST", EDITOR .. "/project", hello)
    caller:ask("GET", EDITOR .. "/project/unknown")
    server:fault { on = "list_projects", kind = "status" }
    caller:ask("GET", EDITOR .. "/project")
    local function count(filter) return #server:requests(filter) end
    assert.equal(4, count())
    assert.equal(1, count "create_project")
    assert.equal(2, count { method = "GET" })
    assert.equal(1, count { status = 404 })
    assert.equal(1, count { fault = "status" })
    assert.equal(3, count { path = "/editor/" })
    assert.equal(2, count { after = 2 })
    assert.equal("list_projects", server:requests { limit = 1 }[1].endpoint)
    assert.has_error(function() server:requests { endpont = "x" } end,
      "requests: unknown argument 'endpont'; did you mean 'endpoint'?")
  end)

  it("are known with their answers", function()
    caller:ask("GET", EDITOR .. "/project")
    local request = server:request(2)
    assert.equal("list_projects", request.endpoint)
    assert.equal('{"data":[],"success":true}', request.answer.body)
    assert.equal("Content-Type", request.answer.headers[1].name)
    assert.is_true(request.seconds >= 0)
    assert.is_nil((server:request(99)))
  end)

  it("can be waited for", function()
    assert.equal(1, server:wait { endpoint = "get_token" })
    local before = core.now()
    local count, message = server:wait { endpoint = "list_projects", count = 2, timeout = 0.05 }
    assert.is_nil(count)
    assert.equal("0 of 2 requests within 0.05 s", message)
    assert.is_true(core.now() - before >= 0.05)
    local other <close> = support.state([[
      local socket = require "socket"
      socket.sleep(0.05)
      local tcp = socket.connect("127.0.0.1", ...)
      for _ = 1, 2 do tcp:send "GET /x HTTP/1.1\r\nHost: x\r\n\r\n" end
      tcp:receive "*l"
      tcp:close()
    ]], tostring(server.port))
    assert.equal(2, server:wait { path = "/x", count = 2 })
    other:join()
  end)
end)

describe("the projects", function()
  it("come a page at a time, newest first, with their scenes one by one", function()
    local ids = {}
    for i = 1, 5 do ids[i] = caller:ask("POST", EDITOR .. "/project", hello).data.projectId end
    caller:ask("DELETE", EDITOR .. "/project", { ids = { ids[4] } })
    local page = server:projects { offset = 1, limit = 2 }
    assert.equal(4, page.count)
    assert.same({ ids[3], ids[2] }, { page[1].id, page[2].id })
    assert.equal("exported", page[1].state)
    assert.equal(4, #server:projects())
    assert.equal(0, #server:projects { offset = 4 })
    local whole = server:project(ids[1])
    assert.equal(1, #whole.scenes)
    assert.is_nil((server:project "unknown"))
  end)

  it("have storyboards", function()
    local id = caller:ask("POST", EDITOR .. "/project", hello).data.projectId
    local page = server:storyboard(id)
    assert.truthy(page:find("<svg", 1, true))
    assert.truthy(page:find("</html>", 1, true))
    assert.is_nil((server:storyboard "unknown"))
  end)
end)

describe("the settings", function()
  it("can be changed, and are refused when they are none", function()
    assert.equal(7, server:set({ render_seconds = 7 }).render_seconds)
    local id = caller:ask("POST", EDITOR .. "/project", hello).data.projectId
    assert.is_true(caller:ask("GET", EDITOR .. "/progress/" .. id).data.progress < 100)
    for expected, settings in pairs {
      ["did you mean 'render_seconds'"] = { rendr_seconds = 1 },
      ["'jitter' must be a number from 0 to 1"] = { jitter = 2 },
      ["unknown option 'app_id'"] = { app_id = "x" },
    } do
      local ok, message = pcall(function() server:set(settings) end)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
    end
  end)
end)
