-- A client over real sockets: what every ending means, what is sent again and
-- what never, and that no secret shows.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local now = require "aistudios.core".now

local server, client

local function new_client(options)
  return support.client(server, options)
end

local function requests(name)
  return support.requests(server, name)
end

before_each(function()
  server = sandbox.start { render_seconds = 0.2 }
  client = new_client()
end)

after_each(function()
  client:close()
  server:close()
end)

describe("wrong use", function()
  it("of a method on what is no client says so", function()
    for _, name in ipairs { "pollfd", "getfd", "events", "timeout", "dirty", "stats" } do
      for _, value in ipairs { {}, false } do
        local ok, message = pcall(client[name], value)
        assert.is_false(ok)
        assert.truthy(message:find(name .. ": call it with a colon, on a client", 1, true), message)
      end
    end
  end)

  it("of a list for fields says so", function()
    local _, err = client:list_sessions { 5 }
    assert.equal("invalid", err.kind)
    assert.equal('["1"]', err.problems[1].path)
  end)

  it("raises at the line that called, however deep it is found", function()
    local session <close> = assert(client:session { avatar_id = "x" })
    for said, use in pairs {
      ["a string is expected"] = function() session:talk(3) end,
      ["unknown option 'retris'"] = function() session:talk("Hi", { retris = 1 }) end,
      ["options must be a table"] = function() session:info(3) end,
      ["a table of fields is expected"] = function() client:render(3) end,
      ["call it with a colon"] = function() client.render(3) end,
      ["a number of seconds"] = function() client.async:list_models():wait "x" end,
    } do
      local ok, message = pcall(use)
      assert.is_false(ok)
      assert.truthy(message:find("^[^\n]*client_spec%.lua:%d+: "), message)
      assert.truthy(message:find(said, 1, true), message)
    end
  end)
end)

describe("a client", function()
  it("creates a project and sends what was written", function()
    local project = support.project()
    local result = assert(client:create_project(project))
    assert.equal("string", type(result.project_id))
    assert.equal(result.projectId, result.project_id)
    assert.is_true(result.raw.success)
    local sent = aistudios.decode(requests("create_project")[1].body)
    assert.is_true(sent.isExport)
    sent.isExport = nil
    assert.same(project, sent)
  end)

  it("leaves the caller's table as it is", function()
    local project, same = support.project(), support.project()
    assert(client:create_project(project))
    assert.same(same, project)
    assert.is_nil(project.isExport)
  end)

  it("sends no more than asked when isExport is false", function()
    local project = support.project()
    project.isExport = false
    assert(client:create_project(project))
    assert.equal(0, #server:ledger())
  end)

  it("reads, lists and deletes projects", function()
    local id = assert(client:create_project(support.project())).project_id
    assert(client:wait_for_video(id, { interval = 0.05 }))
    assert.equal(id, assert(client:get_project(id)).project_id)
    local list = assert(client:list_projects())
    assert.equal(id, list[1].project_id)
    assert.equal(1, assert(client:delete_projects { id }).deletedCount)
    local _, err = client:get_project(id)
    assert.equal("rejected", err.outcome)
    assert.equal("get_project", err.endpoint)
  end)

  it("edits and exports a project, and follows the id that comes back", function()
    local project = support.project()
    project.isExport = false
    local id = assert(client:create_project(project)).project_id
    assert.truthy(assert(client:export_project(id)).project_id)
    assert.truthy(assert(client:export_project(id, { resolution = "720" })).project_id)
    local updates = { { sceneIdx = 0, type = "aiModel", values = { script = "Hi" } } }
    assert.truthy(assert(client:edit_project(id, { updates = updates })).project_id)
    local sent = aistudios.decode(requests("edit_project")[1].body)
    assert.equal("Hi", sent.updates.value[1].values.script)
    assert.is_true(sent.isExport)
  end)

  it("percent-encodes ids", function()
    client:get_project("a/b ü?#%")
    assert.equal("/api/odin/v3/editor/project/a%2Fb%20%C3%BC%3F%23%25",
      requests("get_project")[1].path)
  end)

  it("tells whether its token is valid and hands one out", function()
    assert.is_true(assert(client:confirm_auth()).isAuthenticated)
    assert.equal("string", type(assert(client:get_token()).token))
  end)

  it("uses a token issued elsewhere as it is", function()
    local token = assert(client:get_token()).token
    local other = assert(aistudios.new { base_url = server.url, token = token })
    assert.is_true(assert(other:confirm_auth()).isAuthenticated)
    other:close()
    other = assert(aistudios.new { base_url = server.url, token = "wrong-token" })
    local _, err = other:list_projects()
    other:close()
    assert.equal("auth", err.kind)
    assert.equal("rejected", err.outcome)
    assert.equal(1, err.attempts)
    assert.truthy(err.message:find("token", 1, true))
  end)
end)

describe("bad input", function()
  it("is refused with its path, and nothing is sent", function()
    local cycle = support.project()
    cycle.scenes[1].self = cycle
    local bad = {
      ["scenes[1].clips[1].opacity"] = function(p) p.scenes[1].clips[1].opacity = 0 / 0 end,
      ["scenes[1].clips[1].f"] = function(p) p.scenes[1].clips[1].f = print end,
      ["scenes[1].clips[1].odd"] = function(p) p.scenes[1].clips[1].odd = { 1, x = 2 } end,
      ["scenes[1].text"] = function(p) p.scenes[1].text = "\xff" end,
    }
    for path, spoil in pairs(bad) do
      local project = support.project()
      spoil(project)
      local result, err = client:create_project(project)
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
      assert.equal("not_sent", err.outcome)
      assert.equal(path, err.problems[1].path)
    end
    local result, err = client:create_project(cycle)
    assert.is_nil(result)
    assert.equal("invalid", err.kind)
    assert.equal(0, #server:requests())
  end)

  it("is refused by the project checks unless they are off", function()
    local project = support.project()
    project.scenes[1].clips[1].type = "aiModle"
    local _, err = client:create_project(project)
    assert.equal("invalid", err.kind)
    assert.equal("scenes[1].clips[1].type", err.problems[1].path)
    assert.equal(0, #server:requests())
    local trusting = new_client { check = false }
    trusting:create_project(project)
    trusting:close()
    assert.equal(1, #requests("create_project"))
  end)

  it("of reserved ids and empty ones is refused", function()
    for _, id in ipairs { "export", "modify", "pptpdf", "" } do
      local _, err = client:get_project(id)
      assert.equal("invalid", err.kind)
      assert.equal("projectId", err.problems[1].path)
    end
  end)

  it("of the wrong type raises where the caller is", function()
    local here = "client_spec.lua:" -- the position in front of a raised message
    local wrong = {
      function() client:get_project() end,
      function() client:get_project(12) end,
      function() client:create_project() end,
      function() client:create_project("x") end,
      function() client:get_project("id", { retrys = 1 }) end,
      function() client:get_project("id", { timeout = "soon" }) end,
      function() client:get_project("id", "fast") end,
      function() client:export_project("id", nil, { retries = -1 }) end,
      function() client:download("https://x/y") end,
      function() client:wait_for_video() end,
      function() client:wait_for_video("id", { dedline = 1 }) end,
      function() client:render(support.project(), { too = "x" }) end,
      function() client:step("x") end,
      function() client.get_project("id") end,
      function() client.async.get_project(client, "id") end,
      function() aistudios.new { user_keys = "x" } end,
      function() aistudios.new "x" end,
    }
    for i, f in ipairs(wrong) do
      local ok, message = pcall(f)
      assert.is_false(ok, i)
      assert.truthy(tostring(message):find(here, 1, true), i .. ": " .. tostring(message))
    end
    local _, message = pcall(function() client:get_project("id", { retrys = 1 }) end)
    assert.truthy(message:find("did you mean 'retries'", 1, true))
    assert.equal(0, #server:requests())
  end)
end)

describe("a call that may cost", function()
  local cases = {
    { kind = "drop_after_read", expect = "network", outcome = "unknown", billed = 1 },
    { kind = "drop_before_read", expect = "network", outcome = "unknown", billed = 0 },
    { kind = "reset_mid_body", expect = "network", outcome = "unknown", billed = 1 },
    { kind = "truncated", expect = "network", outcome = "unknown", billed = 1 },
    { kind = "not_json", expect = "protocol", outcome = "unknown", billed = 1 },
    { kind = "slow", seconds = 3, timeout = 0.3, expect = "timeout", outcome = "unknown",
      billed = 1 },
    { kind = "status", status = 500, expect = "http", outcome = "rejected", billed = 0 },
    { kind = "status", status = 503, expect = "http", outcome = "rejected", billed = 0 },
    { kind = "status", status = 403, outcome = "rejected", billed = 0 },
    { kind = "success_false", expect = "api", outcome = "rejected", billed = 0 },
  }
  for _, case in ipairs(cases) do
    local name = case.kind .. (case.status and " " .. case.status or "")
    it("is sent once when it ends with " .. name, function()
      server:fault { on = "create_project", kind = case.kind, status = case.status,
        seconds = case.seconds, times = 5 }
      local result, err = client:create_project(support.project(), { timeout = case.timeout })
      assert.is_nil(result)
      if case.expect then assert.equal(case.expect, err.kind) end
      assert.equal(case.outcome, err.outcome)
      assert.equal(1, err.attempts)
      assert.equal("create_project", err.endpoint)
      assert.equal(case.status, err.status ~= 200 and err.status or nil)
      assert.is_true(#requests("create_project") <= 1)
      assert.equal(case.billed, #server:ledger())
      assert.equal(0, server:ledger().duplicates)
      assert.is_nil(tostring(err):find("[\n\r]"))
    end)
  end

  for _, status in ipairs { 408, 425, 500, 502, 503, 504, 520 } do
    it("is sent once when a gateway answers " .. status .. " with Retry-After", function()
      server:fault { on = "create_project", kind = "status", status = status, from = "gateway",
        retry_after = 0, act = true, times = 5 }
      local _, err = client:create_project(support.project())
      assert.equal("http", err.kind)
      assert.equal("unknown", err.outcome)
      assert.is_false(err.retryable)
      assert.equal(1, err.attempts)
      assert.equal(status, err.status)
      assert.equal(1, #server:ledger())
      assert.equal(0, server:ledger().duplicates)
    end)
  end

  it("is sent again after 429, and after a no of the API with Retry-After", function()
    for _, status in ipairs { 429, 500, 503 } do
      server:fault { on = "create_project", kind = "status", status = status,
        retry_after = 0, times = 2 }
      local before = #requests("create_project")
      assert(client:create_project(support.project()))
      assert.equal(3, #requests("create_project") - before)
    end
  end)

  it("is sent again at most as often as it may", function()
    server:fault { on = "create_project", kind = "status", status = 429, times = 9 }
    local _, err = client:create_project(support.project())
    assert.equal(3, err.attempts)
    assert.equal("rejected", err.outcome)
    assert.is_true(err.retryable)
    assert.equal(3, #requests("create_project"))
    _, err = client:create_project(support.project(), { retries = 0 })
    assert.equal(1, err.attempts)
    assert.equal(4, #requests("create_project"))
  end)

  it("waits as long as the server asks, within its own time", function()
    server:fault { on = "create_project", kind = "status", status = 429, retry_after = 1 }
    local began = os.time()
    assert(client:create_project(support.project()))
    assert.is_true(os.time() - began >= 1)
    server:fault { on = "create_project", kind = "status", status = 429, retry_after = 60 }
    local _, err = client:create_project(support.project(), { timeout = 5 })
    assert.equal("http", err.kind)
    assert.equal(60, err.retry_after)
    assert.equal(1, err.attempts)
  end)

  it("is refused unsent, and repeated, where nobody listens", function()
    local lost = new_client { base_url = ("http://127.0.0.1:%d"):format(support.free_port()) }
    local _, err = lost:create_project(support.project(), { retries = 1 })
    lost:close()
    assert.equal("network", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.is_true(err.retryable)
  end)

  it("that does not reach a known host names the other one", function()
    local hosts, lost_film = aistudios.hosts, support.directory "lost" .. "/film.mp4"
    local others = { [hosts.deepbrain] = hosts.global, [hosts.global] = hosts.deepbrain }
    for here, other in pairs(others) do
      local lost = assert(aistudios.new { app_id = "a", user_key = "k-1234", retries = 0,
        base_url = here, proxy = ("http://127.0.0.1:%d"):format(support.free_port()) })
      local _, err = lost:create_project(support.project())
      local _, elsewhere = lost:download("https://films.example/film.mp4", lost_film)
      lost:close()
      assert.equal("network", err.kind)
      assert.equal("not_sent", err.outcome)
      assert.truthy(err.message:find(other, 1, true), err.message)
      assert.is_nil(elsewhere.message:find(other, 1, true), elsewhere.message)
    end
  end)

  it("leaves a ledger without duplicates after all faults", function()
    for _, case in ipairs(cases) do
      server:fault { on = "create_project", kind = case.kind, status = case.status,
        seconds = case.seconds }
      local project = support.project()
      project.name = "after " .. case.kind .. (case.status or "")
      client:create_project(project, { timeout = case.timeout })
    end
    assert.equal(0, server:ledger().duplicates)
  end)

  -- At the first time nobody can know.
  it("is not lost again and again where a server ends connections without a word", function()
    local peer <close> = require "spec.support.hostile_peer".start "hasty"
    local own <close> = new_client { base_url = peer.url }
    local function descriptors()
      local count = 0
      for _ in require "lfs".dir "/proc/self/fd" do count = count + 1 end
      return count
    end
    local lost, before = 0, descriptors()
    for _ = 1, 60 do
      local result, err = own:create_project(support.project())
      if not result then lost = lost + 1 end
      assert.is_true(result ~= nil or err.outcome == "unknown", tostring(err))
    end
    assert.is_true(lost <= 1, lost)
    assert.is_true(descriptors() <= before + 5) -- nor are they kept
    assert(client:create_project(support.project())) -- another server is not judged by it
  end)

  it("has its result where a gateway compresses what nobody asked it to", function()
    local peer <close> = require "spec.support.hostile_peer".start "compressed"
    local own <close> = new_client { base_url = peer.url }
    local result, err = own:create_project(support.project())
    assert.is_nil(err)
    assert.equal("project-1", result.project_id)
  end)
end)

describe("a call that changes nothing", function()
  local faults = {
    { kind = "drop_after_read" }, { kind = "drop_before_read" },
    { kind = "reset_mid_body" }, { kind = "truncated" },
    { kind = "status", status = 408 }, { kind = "status", status = 429 },
    { kind = "status", status = 500 }, { kind = "status", status = 502 },
    { kind = "status", status = 503 }, { kind = "status", status = 504 },
  }
  for _, fault in ipairs(faults) do
    it("is repeated after " .. fault.kind .. " " .. (fault.status or ""), function()
      server:fault { on = "list_projects", kind = fault.kind, status = fault.status }
      assert(client:list_projects())
      assert.is_true(#requests("list_projects") <= 2)
    end)
  end

  it("ends after two repeats", function()
    server:fault { on = "list_projects", kind = "status", status = 500, times = 9 }
    local _, err = client:list_projects()
    assert.equal("http", err.kind)
    assert.equal(500, err.status)
    assert.equal(3, err.attempts)
    assert.is_true(err.retryable)
    assert.equal(3, #requests("list_projects"))
  end)

  it("may be given more time than there is", function()
    for _, seconds in ipairs { 1e16, 1e300, math.maxinteger } do
      for _, name in ipairs { "total", "stall", "connect" } do
        assert(client:list_projects { timeout = { [name] = seconds } })
        support.client(server, { timeout = { [name] = seconds } }):close()
      end
      assert(client:list_projects { timeout = seconds })
    end
  end)

  it("keeps to its total time", function()
    server:fault { on = "list_projects", kind = "slow", seconds = 3, times = 9 }
    local before = now()
    local _, err = client:list_projects { timeout = { total = 0.4 } }
    assert.is_true(now() - before < 2)
    assert.equal("timeout", err.kind)
    assert.is_true(err.elapsed >= 0.3)
  end)

  it("is not repeated after an answer that says no", function()
    server:fault { on = "list_projects", kind = "success_false" }
    local _, err = client:list_projects()
    assert.equal("api", err.kind)
    assert.equal(1, err.attempts)
  end)

  it("shows the start of an answer that is no JSON", function()
    server:fault { on = "list_projects", kind = "not_json" }
    local _, err = client:list_projects()
    assert.equal("protocol", err.kind)
    assert.truthy(err.body:find("<", 1, true))
    assert.is_true(#err.body <= 600)
  end)
end)

describe("a token", function()
  it("that expired is fetched anew once, and the call goes on", function()
    assert(client:list_projects())
    server:expire_tokens()
    assert(client:create_project(support.project()))
    assert.equal(1, #server:ledger())
    assert.equal(2, #requests("get_token"))
  end)

  it("that is refused again ends the call", function()
    server:fault { on = "list_projects", kind = "status", status = 401, times = 9 }
    local _, err = client:list_projects()
    assert.equal("auth", err.kind)
    assert.equal("rejected", err.outcome)
    assert.equal(2, #requests("list_projects"))
  end)

  it("that the credentials do not get is an error before the call", function()
    local stranger = new_client { user_key = "not-the-right-key" }
    local _, err = stranger:create_project(support.project())
    stranger:close()
    assert.equal("auth", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(0, #requests("create_project"))
    assert.is_nil(tostring(err):find("not-the-right-key", 1, true))
  end)

  it("that cannot be fetched says why, and that nothing was sent", function()
    server:fault { on = "get_token", kind = "status", status = 500, times = 9 }
    local _, err = client:create_project(support.project())
    assert.equal("http", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(500, err.status)
    server:clear_faults()
    server:fault { on = "get_token", kind = "not_json", times = 9 }
    _, err = client:create_project(support.project())
    assert.equal("protocol", err.kind)
    assert.equal("not_sent", err.outcome)
  end)
end)

describe("a secret", function()
  --- Everything that a table holds, as text.
  local function spill(value, seen)
    seen = seen or {}
    if type(value) ~= "table" or seen[value] then return tostring(value) end
    seen[value] = true
    local out = { tostring(value) }
    for k, v in pairs(value) do
      out[#out + 1] = spill(k, seen) .. "=" .. spill(v, seen)
    end
    return table.concat(out, "\n")
  end

  it("is in no error, no event and no tostring", function()
    local texts = {}
    local loud = new_client { on_event = function(event) texts[#texts + 1] = spill(event) end }
    local token = assert(loud:get_token()).token
    for _, fault in ipairs {
      { kind = "status", status = 500, body = "echo " .. server.user_key .. " " .. token },
      { kind = "status", status = 400, body = '{"success":false,"error":{"code":"'
        .. server.user_key .. '","msg":"' .. server.user_key .. '"}}' },
      { kind = "not_json" }, { kind = "success_false" }, { kind = "drop_after_read" },
    } do
      fault.on, fault.times = "create_project", 1
      server:fault(fault)
      local _, err = loud:create_project(support.project(), { retries = 0 })
      texts[#texts + 1] = spill(err)
    end
    texts[#texts + 1] = tostring(loud)
    texts[#texts + 1] = tostring(loud.async)
    texts[#texts + 1] = tostring(loud.async:list_projects())
    for _, value in pairs(loud) do texts[#texts + 1] = tostring(value) end
    loud:close()
    local all = table.concat(texts, "\n")
    assert.is_true(#all > 1000)
    assert.is_nil(all:find(server.user_key, 1, true))
    assert.is_nil(all:find(token, 1, true))
  end)
end)

describe("half a secret", function()
  it("is not shown at the end of an excerpt either", function()
    local long = ("A1b2"):rep(500)
    local own = assert(aistudios.new { base_url = server.url, token = long })
    for fill = 0, 1100, 100 do
      server:fault { on = "list_projects", kind = "status", status = 500,
        body = ("."):rep(fill) .. long:rep(5) }
      local _, err = own:list_projects { retries = 0 }
      assert.is_nil(err.body:find("A1b2", 1, true))
    end
    own:close()
  end)
end)

describe("a certificate", function()
  it("that nobody vouches for is refused before anything is sent", function()
    local files = support.certificates()
    local tls = sandbox.start {
      tls = { cert = files.self_signed_cert, key = files.self_signed_key } }
    local wary = new_client { base_url = tls.url }
    local _, err = wary:create_project(support.project())
    wary:close()
    local seen = #tls:requests()
    tls:close()
    assert.equal("network", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(0, seen)
    assert.truthy(err.message:find("ca_file", 1, true))
  end)

  it("of one's own authority is accepted with ca_file", function()
    local files = support.certificates()
    local tls = sandbox.start { tls = { cert = files.server_cert, key = files.server_key } }
    local trusting = new_client { base_url = tls.url, ca_file = files.ca_cert }
    local result, err = trusting:create_project(support.project())
    trusting:close()
    tls:close()
    assert.is_nil(err)
    assert.truthy(result.project_id)
  end)
end)

describe("more than may wait", function()
  it("is refused before anything is sent", function()
    if support.is_sanitized then return end -- which takes its time for 288 MiB
    local busy <close> = new_client { max_in_flight = 1, check = false }
    server:fault { on = "create_project", kind = "slow", seconds = 10 }
    local project = { name = "large", scenes = {}, text = ("x"):rep(48 << 20) }
    local jobs = {}
    for i = 1, 6 do jobs[i] = busy.async:create_project(project) end
    jobs[6]:wait(10)
    local _, err = jobs[6]:result()
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.is_true(err.retryable)
    assert.truthy(err.message:find("too many bytes queued", 1, true), err.message)
    assert.is_false(jobs[5]:done())
  end)
end)
