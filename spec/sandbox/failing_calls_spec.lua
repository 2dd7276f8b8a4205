-- SPDX-License-Identifier: MIT
--
-- Each call that the sandbox makes of the system fails once, at each place of its life: a
-- start says what is wrong, a request is answered or its connection is closed, the next one
-- is answered, a webhook says what became of it, and nothing is left.

local cjson = require "cjson"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local small_project = require "spec.support.small_project"
local socket = require "socket"
local support = require "spec.support"
local sweep = require "spec.support.sweep"

local EDITOR = "/api/odin/v3/editor"

describe("a call that fails in the sandbox", function ()
  local listener, url

  before_each(function ()
    listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(0)
    local _, port = listener:getsockname()
    url = ("http://127.0.0.1:%d/"):format(port)
  end)
  after_each(function () listener:close() end)

  -- One that gets no good answer gets one the next time, as one call fails.
  local function insist(is_good, ask)
    local was_good = is_good(ask() or {})
    return was_good or assert(is_good(ask() or {})) and false
  end

  local function get(port, target, wanted)
    return insist(function (answer) return answer.body and answer.body:find(wanted, 1, true) end,
      function () return http.ask(port, "GET", target) end)
  end

  local function listen(port)
    return insist(function (events) return events[1] end, function ()
      local stream <close> = http.connect(port)
      stream:send("GET", "/events?after=0")
      local line, problem = stream.tcp:receive "*l"
      if not (line or ""):find " 200 " then return nil end
      while line and line ~= "event: project" do line, problem = stream.tcp:receive "*l" end
      assert(problem ~= "timeout", "events were lost")
      return { line }
    end)
  end

  -- Takes webhooks until each has a status or a problem; were all taken?
  local function take(server)
    local all_taken = true
    support.wait_until(function ()
      local peer = listener:accept()
      if peer then
        peer:settimeout(5)
        http.read_request(peer)
        peer:send "HTTP/1.1 204 No Content\r\n\r\n"
        peer:close()
      end
      server:advance(0, { wait = false }) -- where there was no thread, it is looked for again
      local sent = server:webhooks()
      for _, each in ipairs(sent) do
        if not each.status and not each.problem then return false end
        if each.problem then
          assert(each.problem ~= "", "a webhook without a reason")
          all_taken = false
        end
      end
      return #sent > 0
    end)
    return all_taken
  end

  local function use(server)
    local port = math.tointeger(tonumber(server.admin:match ":(%d+)$"))
    local caller
    local was_good = insist(function (made) return made.token end, function ()
      local ok, made = pcall(http.caller, server)
      caller = ok and made or nil
      return caller
    end)
    local project = small_project()
    project.webhookUrl = url
    local body = cjson.encode(project)
    local id
    was_good = insist(function (answer) return answer.status == 200 end, function ()
      local answer = caller:ask("POST", EDITOR .. "/project", body)
      id = answer and answer.data and answer.data.projectId or id
      return answer
    end) and was_good
    was_good = take(server) and was_good
    was_good = insist(function (answer) return answer.status == 200 end, function ()
      return caller:send(EDITOR .. "/project/pptpdf",
        { { "file", "%PDF", "a.pdf" }, { "name", "a" } })
    end) and was_good
    server:fault { on = "download", kind = "truncated", times = 1 }
    was_good = get(server.port, "/files/" .. id .. ".mp4", "ftyp") and was_good
    was_good = get(port, "/ledger", id) and was_good
    return listen(port) and was_good
  end

  local function live()
    local ok, server, problem = pcall(sandbox.start, { render_seconds = 0, admin_port = 0 })
    if not ok or not server then
      assert.truthy(tostring(ok and problem or server):find "%w+ .*%w")
      return false
    end
    local is_fine, was_good = pcall(use, server)
    server:close()
    assert(is_fine, was_good)
    return was_good
  end

  for _, group in ipairs { "memory", "descriptors", "threads", "system" } do
    it("leaves nothing behind: " .. group, function ()
      sweep("aistudios.sandbox.core", group, live)
      assert.truthy(live())
    end)
  end
end)
