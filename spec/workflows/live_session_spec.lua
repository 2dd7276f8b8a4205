-- Live sessions: an object whose end is the end of its billing.
local aistudios = require "aistudios"
local native = require "spec.support.native"
local now = require "aistudios.core".now
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, client, events

local function new_client()
  return support.client(server, {
    on_event = function(event) events[#events + 1] = event end })
end

local function requests(name)
  return support.requests(server, name)
end

--- The sessions that still cost.
local function active()
  local other = new_client()
  local count = 0
  for _ in other:sessions { type = "active" } do count = count + 1 end
  other:close()
  return count
end

local function warnings()
  local found = {}
  for _, event in ipairs(events) do
    if event.type == "warning" then found[#found + 1] = event end
  end
  return found
end

before_each(function()
  events = {}
  server = sandbox.start {}
  client = new_client()
end)

after_each(function()
  client:close()
  server:close()
end)

describe("a session", function()
  it("has an id, what a player needs, and a voice", function()
    local session <close> = assert(client:session { avatar_id = "avatar" })
    assert.equal("string", type(session.id))
    assert.truthy(session.livekit.url:find("^wss://"))
    assert.equal("string", type(session.livekit.token))
    assert.is_true(session:talk("Hello."))
    assert.equal(session.id, assert(session:info()).session_id)
    local sent = requests("talk")[1]
    assert.equal("Hello.", aistudios.decode(sent.body).message)
    assert.truthy(sent.headers.authorization:find("^Bearer "))
  end)

  it("shares one session token with the others of its client", function()
    local first <close> = assert(client:session { avatar_id = "avatar" })
    local second <close> = assert(client:session { avatar_id = "avatar" })
    assert.not_equal(first.id, second.id)
    assert.equal(1, #requests("create_session_token"))
  end)

  it("gets another token when the old one is refused, once", function()
    local session <close> = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "talk", kind = "status", status = 401 }
    assert.is_true(session:talk("again"))
    assert.equal(2, #requests("create_session_token"))
    server:fault { on = "talk", kind = "status", status = 401, times = 9 }
    local _, err = session:talk("and again")
    assert.equal("auth", err.kind)
  end)

  it("is stopped by close, once", function()
    local session = assert(client:session { avatar_id = "avatar" })
    assert.is_true(session:close())
    assert.is_true(session:close())
    assert.equal(1, #requests("stop_session"))
    assert.equal(0, active())
    local sent = requests("stop_session")[1]
    assert.equal(server.user_key, sent.headers["studio-api-key"])
    assert.equal("USER_CLOSED", aistudios.decode(sent.body).reason)
  end)

  it("is stopped at the end of its block, and after an error in it", function()
    do local _ <close> = assert(client:session { avatar_id = "avatar" }) end
    assert.equal(0, active())
    pcall(function()
      local _ <close> = assert(client:session { avatar_id = "avatar" })
      error "of the block"
    end)
    assert.equal(0, active())
    local sent = requests("stop_session")
    assert.equal("ERROR", aistudios.decode(sent[2].body).reason)
  end)

  it("is stopped when nobody holds it any more", function()
    assert(client:session { avatar_id = "avatar" })
    collectgarbage()
    collectgarbage()
    assert.is_true(client:dirty())
    support.wait_until(function() return not client:step(0.01) end, 5)
    assert.equal(0, active())
  end)

  it("is stopped when its client closes", function()
    assert(client:session { avatar_id = "avatar" })
    local starting = client.async:session { avatar_id = "avatar" }
    client:close()
    assert.is_true(starting:done())
    assert.equal(0, active())
    assert.equal(2, #requests("stop_session"))
  end)

  it("is stopped when the program ends without a word", function()
    local elsewhere <close> = support.state([[
      local url, app_id, user_key = ...
      client = require "aistudios".new { base_url = url, streaming_url = url,
        app_id = app_id, user_key = user_key }
      session = assert(client:session { avatar_id = "avatar" })
      return session.id
    ]], server.url, server.app_id, server.user_key)
    assert.equal("string", type(elsewhere:join()))
    elsewhere:close()
    assert.equal(0, active())
  end)

  it("is stopped again when the answer to the stop went missing", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "stop_session", kind = "drop_after_read" }
    assert.is_true(session:close())
    assert.equal(0, active())
    assert.equal(0, #warnings())
  end)

  it("that cannot be stopped is told by an error and an event", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "stop_session", kind = "status", status = 500, times = 99 }
    local ok, err = session:close()
    assert.is_nil(ok)
    assert.equal(500, err.status)
    local list = warnings()
    assert.equal(1, #list)
    assert.equal(session.id, list[1].session_id)
    assert.truthy(list[1].message:find("billed", 1, true))
    assert.is_false(session.is_closed)
    server:clear_faults()
    assert.equal(1, active())
    assert.is_true(session:close())
    assert.equal(0, active())
  end)

  it("is open still when the reason of its end is none that there is", function()
    local session = assert(client:session { avatar_id = "x" })
    local ok, err = session:close "FINISHED"
    assert.is_nil(ok)
    assert.equal("invalid", err.kind)
    assert.is_false(session.is_closed)
    assert(session:close "TIMEOUT")
    assert.equal(0, server:stats().active_sessions)
  end)

  it("that could not be stopped is stopped when its client closes", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "stop_session", kind = "status", status = 500, times = 3 }
    assert.is_nil(session:close())
    client:close()
    assert.equal(0, active())
  end)

  it("that was stopped without a word is closed by the next try", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "stop_session", kind = "status", status = 500, act = true, times = 3 }
    assert.is_nil(session:close())
    server:fault { on = "stop_session", kind = "status", status = 404 }
    assert.is_true(session:close())
    assert.equal(0, active())
  end)

  for _, status in ipairs { 200, 202, 204 } do
    it(("is stopped by an empty answer (%d)"):format(status), function()
      local session = assert(client:session { avatar_id = "avatar" })
      server:fault { on = "stop_session", kind = "status", status = status, body = "", act = true }
      assert.is_true(session:close())
      assert.equal(0, #warnings())
      assert.equal(0, active())
    end)
  end

  it("knows that it was stopped by its id", function()
    local session = assert(client:session { avatar_id = "avatar" })
    assert(client:stop_session(session.id))
    assert.is_true(session.is_closed)
    assert.is_true(session:close())
    client:close()
    assert.equal(1, #requests("stop_session"))
    assert.equal(0, #warnings())
  end)

  it("knows that it was over when it was to be stopped by its id", function()
    local session = assert(client:session { avatar_id = "avatar" })
    local other <close> = new_client()
    assert(other:stop_session(session.id))
    assert.is_nil((client:stop_session(session.id)))
    assert.is_true(session.is_closed)
  end)

  for _, name in ipairs { "session", "start_session" } do
    for _, ending in ipairs { "cancelled", "cancelled and its client closed" } do
      it(("whose start by %s is %s is stopped"):format(name, ending), function()
        server:fault { on = "start_session", kind = "slow", seconds = 0.3 }
        local job = client.async[name](client.async, { avatar_id = "avatar" })
        support.wait_until(function()
          client:step(0.01)
          return #requests("start_session") > 0
        end)
        job:cancel()
        if ending == "cancelled" then
          assert.is_true(job:wait(5))
          support.wait_until(function() return not client:step(0.01) end)
        else
          client:close()
          assert.is_true(job:done())
        end
        local _, err = job:result()
        assert.equal("cancelled", err.kind)
        assert.equal("string", type(err.session_id))
        assert.equal("unknown", err.outcome)
        assert.equal(0, active())
        assert.equal(1, #requests("stop_session"))
      end)
    end
  end

  it("that was cancelled before its start was sent is not started", function()
    server:fault { on = "create_session_token", kind = "slow", seconds = 0.3 }
    local job = client.async:session { avatar_id = "avatar" }
    support.wait_until(function()
      client:step(0.01)
      return #requests("create_session_token") > 0
    end)
    job:cancel()
    assert.is_true(job:wait(5))
    local _, err = job:result()
    assert.equal("not_sent", err.outcome)
    assert.equal(0, #requests("start_session"))
  end)

  it("that has no token for it is not started", function()
    server:fault { on = "create_session_token", kind = "status", status = 500, times = "always" }
    local impatient <close> = support.client(server, { retries = 0 })
    local _, err = impatient:session { avatar_id = "avatar" }
    assert.equal("not_sent", err.outcome)
    assert.equal(500, err.status)
    assert.equal(0, #requests("start_session"))
  end)

  it("that is refused has the code of the service", function()
    local _, err = client:talk("no-such-session", "Hello.")
    assert.equal("api", err.kind)
    assert.equal(404, err.status)
    assert.equal(4040, err.code)
    assert.equal("rejected", err.outcome)
  end)

  it("shows no token in its text or its events", function()
    local session <close> = assert(client:session { avatar_id = "avatar" })
    assert.is_nil(tostring(session):find(session.livekit.token, 1, true))
    local token = requests("talk")[1] or requests("start_session")[1]
    token = token.headers.authorization:match("Bearer (.*)")
    server:fault { on = "talk", kind = "status", status = 500, body = "saw " .. token }
    local _, err = session:talk("x", { retries = 0 })
    assert.equal("saw [secret]", err.body)
    for _, event in ipairs(events) do
      for _, value in pairs(event) do
        assert.is_nil(tostring(value):find(token, 1, true))
      end
    end
  end)

  -- It was looked for as it is only, and one of the caller's not at all.
  it("shows no token in another form, or of the caller's own", function()
    local session <close> = assert(client:session { avatar_id = "avatar" })
    local token = requests("start_session")[1].headers.authorization:match("Bearer (.*)")
    local own = "an+own/token" .. ("x"):rep(20)
    local function echo(secret)
      local body = { '{"saw":"', (secret:gsub('["/.]', "\\%0")), '"} ' }
      body[4] = secret:gsub("%W", function (c) return ("%%%02X"):format(c:byte()) end)
      server:fault { on = "talk", kind = "status", status = 500,
        body = table.concat(body) .. " " .. require "mime".b64(secret) }
    end
    echo(token)
    local _, err = session:talk("x", { retries = 0 })
    assert.matches('^{"saw":"%[secret%]"} %[secret%] %[secret%]%w?=*$', err.body)
    echo(own)
    _, err = client:talk("an-id", "x", { retries = 0, session_token = own })
    assert.matches('^{"saw":"%[secret%]"} %[secret%] %[secret%]%w?=*$', err.body)
  end)

  it("does not hold up a host that does not wait", function()
    server:fault { on = "start_session", kind = "slow", seconds = 0.3 }
    local before = now()
    local job = client.async:session { avatar_id = "avatar" }
    assert.is_true(now() - before < 0.29)
    assert.is_true(job:wait(5))
    assert.is_true(job:result():close())
  end)
end)

describe("a session whose host makes mistakes", function()
  it("is stopped by the close that came first, whoever closes once more", function()
    local scheduler = require "aistudios.host.scheduler"
    client:close()
    client = support.client(server, { wait = scheduler })
    assert(client:session { avatar_id = "a" })
    server:fault { on = "stop_session", kind = "drop_before_read" }
    for _ = 1, 2 do scheduler.spawn(function() client:close() end) end
    while scheduler.tick() do support.sleep(0.01) end
    assert.equal(0, active())
  end)

  it("is stopped although on_event raises", function()
    client:close()
    local is_bad = false
    client = support.client(server, {
      on_event = function() if is_bad then error "the log is closed" end end })
    local session = assert(client:session { avatar_id = "a" })
    is_bad = true
    assert.is_true(session:close())
    assert.equal(0, active())
  end)

  it("is not left running when on_event raises while it starts", function()
    for _, kind in ipairs { "sent", "received" } do
      client:close()
      client = support.client(server, { on_event = function(event)
        if event.endpoint == "start_session" and event.type == kind then error "boom" end
      end })
      local session, err = client:session { avatar_id = "a" }
      assert.is_nil(session)
      assert.equal("cancelled", err.kind)
      client:close()
      assert.equal(0, active())
    end
  end)

  it("is stopped when the process exits inside a callback", function()
    support.run(([[%s - 2>&1 <<'END'
      local client <close> = require "aistudios".new { base_url = "%s", streaming_url = "%s",
        app_id = "%s", user_key = "%s", on_event = function(event)
          if event.type == "received" and event.endpoint == "talk" then os.exit(true, true) end
        end }
      assert(client:session { avatar_id = "a" }):talk "Hello"
END]]):format(support.lua, server.url, server.url, server.app_id, server.user_key))
    assert.equal(1, #requests "talk")
    assert.equal(0, active())
  end)

  it("is listed in full, also after an error in between", function()
    for _ = 1, 5 do assert(client:session { avatar_id = "a" }) end
    server:fault { on = "list_sessions", nth = 2, kind = "status", status = 400 }
    local following, seen, failed = client:sessions { page_size = 2 }, 0, 0
    for _ = 1, 9 do
      local ok, session = pcall(following)
      if not ok then failed = failed + 1 elseif session then seen = seen + 1 else break end
    end
    assert.same({ 5, 1 }, { seen, failed })
  end)
end)

describe("a session whose stop is not confirmed", function()
  -- A second close said true while the first was on its way, and then failed.
  it("is not closed, whoever asks, and can be stopped again", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "stop_session", kind = "status", status = 500, times = 99 }
    local first = session.async:close()
    assert.equal(first, session.async:close())
    local ok, err = session:close()
    assert.is_nil(ok)
    assert.equal(500, err.status)
    assert.is_true(first:done())
    assert.is_false(session.is_closed)
    server:clear_faults()
    assert.is_true(session:close())
    assert.is_true(session.is_closed)
    assert.equal(0, active())
  end)

  -- The warning was swallowed, and the session's close said true.
  it("is told by an event when its client closes, and by its close", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "stop_session", kind = "status", status = 500, retry_after = 60,
      times = 99 }
    client:close()
    local list = warnings()
    assert.equal(1, #list)
    assert.equal(session.id, list[1].session_id)
    assert.is_false(session.is_closed)
    local ok, err = session:close()
    assert.is_nil(ok)
    assert.equal("unknown", err.outcome)
    assert.equal(session.id, err.session_id)
    local _, same = session.async:close():result()
    assert.equal("unknown", same.outcome)
    server:clear_faults()
    assert.equal(1, active())
  end)

  -- The start took all the time, and the stop of the other was cut off.
  it("is not for a start that does not answer", function()
    local session = assert(client:session { avatar_id = "avatar" })
    server:fault { on = "start_session", kind = "stall", seconds = 20 }
    client.async:session { avatar_id = "avatar" }
    client:close()
    assert.is_true(session.is_closed)
    assert.is_true(session:close())
    assert.equal(0, #warnings())
  end)

  -- close raised.
  it("is left to the parent by a child of fork", function()
    assert(client:session { avatar_id = "avatar" })
    server:fault { on = "start_session", kind = "slow", seconds = 0.3 }
    client.async:session { avatar_id = "avatar" }
    local pid = native.fork(function() client:close() return true end)
    assert.equal(0, native.wait(pid))
    client:close()
    assert.equal(2, #requests("stop_session"))
    assert.equal(0, active())
  end)
end)
