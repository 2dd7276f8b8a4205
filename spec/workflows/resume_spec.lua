-- Going on where another process ended, at no further cost.
local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
local sandbox = require "aistudios.sandbox"
local small_project = require "spec.support.small_project"
local support = require "spec.support"

local QUICK = { interval = 0.05, longest_interval = 0.1 }

local server, client, folder

local function new_client()
  return support.client(server)
end

local function with(more) return copy(more, copy(QUICK)) end

local function requests(name)
  return support.requests(server, name)
end

local function step_until(f)
  return support.wait_until(function()
    client:step(0.01)
    return f()
  end, 10)
end

--- The token of a job once it has this goal.
local function token_at(job, goal)
  return step_until(function()
    local token = job:token()
    return token and token:find("goal=" .. goal .. "&", 1, true) and token
  end)
end

local function begin(options)
  if server then
    client:close()
    server:close()
  end
  server = sandbox.start(options or { render_seconds = 0.2 })
  client = new_client()
end

before_each(function()
  begin()
  folder = support.directory "resume"
end)

after_each(function()
  client:close()
  server:close()
  server = nil
end)

describe("a token of a job", function()
  it("is there when there is something to go on from, without secrets", function()
    local job = client.async:render(support.project(), with { to = folder .. "/x.mp4" })
    local token = step_until(function() return job:token() end)
    assert.is_true(#token < 400)
    assert.is_nil(token:find(server.user_key, 1, true))
    assert.is_nil(client.async:list_projects():token())
    job:cancel()
    assert.is_true(job:wait(5))
  end)

  it("lets another client go on, and costs nothing more", function()
    local path = folder .. "/x.mp4"
    local job = client.async:render(support.project(), with { to = path })
    local token = token_at(job, "deliver")
    client:close()
    client = new_client()
    local result = assert(client:resume(token, with()))
    assert.equal(path, result.path)
    assert.equal("ftyp", support.read_file(path):sub(5, 8))
    assert.equal(1, #server:ledger())
  end)

  it("goes on with a flow, and exports once, whenever it was taken", function()
    local path = folder .. "/x.mp4"
    local job = client.async:make_video("topic", { topic = "Tea" }, with { to = path })
    local early = token_at(job, "finish")
    step_until(function() return #requests("export_project") == 1
      and job:progress().phase == "wait" and (job:progress().progress or 0) > 0 end)
    client:close()
    client = new_client()
    assert(client:resume(early, with()))
    assert.truthy(support.exists(path))
    assert.equal(1, #requests("export_project"))
    assert.equal(1, #server:ledger())
  end)

  for _, endpoint in ipairs { "get_progress", "get_project", "list_projects" } do
    it("does not export again when " .. endpoint .. " cannot tell of an earlier export", function()
      local job = client.async:make_video("topic", { topic = "Tea" }, with())
      local early = token_at(job, "finish")
      step_until(function() return job:progress().phase == "wait" end)
      client:close()
      client = new_client()
      for _, on in ipairs { "get_progress", "get_project", "list_projects" } do
        -- A 404 of get_progress alone proves nothing; the others tell.
        local status = on == endpoint and 500 or 404
        if on == endpoint or on == "get_progress" then
          server:fault { on = on, kind = "status", status = status, times = 999 }
        end
      end
      local _, err = client:resume(early, with { retries = 0 })
      assert.equal("unknown", err.outcome)
      assert.equal("export", err.phase)
      assert.is_not_nil(err.message:find("cannot tell", 1, true))
      assert.equal(1, #server:ledger())
      server:clear_faults()
      assert(client:resume(early, with()))
      assert.equal(1, #server:ledger())
      assert.equal(1, #requests("export_project"))
    end)
  end

  it("taken while an export was on its way finds what came of it", function()
    local token, path = nil, folder .. "/x.mp4"
    server:fault { on = "export_project", kind = "drop_after_read" }
    local job = client.async:make_video("topic", { topic = "Tea" }, with { to = path })
    step_until(function()
      token = job:token() or token
      return job:done()
    end)
    local _, err = job:result()
    assert.equal("export", err.phase)
    assert.equal("unknown", err.outcome)
    assert.truthy(token:find("goal=export_sent", 1, true))
    assert(client:resume(token, with()))
    assert.truthy(support.exists(path))
    assert.equal(1, #server:ledger())
  end)

  -- The service answers an export with another project, of the same name.
  it("taken then takes a project of its name for the export, unless that is older", function()
    local function token_of_a_flow(fault)
      server:fault { on = "export_project", kind = fault, times = 2 }
      local job = client.async:make_video("topic", { topic = "Tea" }, with())
      assert.is_true(job:wait(10))
      server:clear_faults()
      server:fault { on = "get_progress", kind = "status", status = 404 } -- of what was built
      return job:token()
    end
    local result = assert(client:resume(token_of_a_flow "drop_after_read", with()))
    assert.equal(server:ledger()[1].project_id, result.project_id)
    server:advance(10)
    local _, err = client:resume(token_of_a_flow "drop_before_read", with())
    assert.equal("unknown", err.outcome)
    assert.equal(1, #server:ledger())
  end)

  it("taken then passes over a project of its name that looks different", function()
    server:fault { on = "export_project", kind = "drop_after_read" }
    local _, err = client:make_video("topic", { topic = "Tea" }, with())
    assert.equal("unknown", err.outcome)
    local exported = server:ledger()[1].project_id
    assert(client:create_project(small_project(function(whole)
      whole.name, whole.isExport = client:get_project(exported).project.name, true
    end)))
    server:fault { on = "get_progress", kind = "status", status = 404 } -- of what was built
    assert.equal(exported, assert(client:resume(err.resume_token, with())).project_id)
  end)

  for what, other in pairs { ["with other texts"] = "Two. Another text.",
      ["that looks the same"] = "One." } do
    -- It was delivered as the film of the token.
    it("taken then does not take the project of another flow " .. what, function()
      server:fault { on = "export_project", kind = "drop_before_read" }
      local _, err = client:make_video("scripts", { scripts = "One." }, with())
      assert.equal("unknown", err.outcome)
      assert(client:make_video("scripts", { scripts = other }, with()))
      server:fault { on = "get_progress", kind = "status", status = 404 } -- of what was built
      local result, problem = client:resume(err.resume_token, with { interval = 0.01 })
      assert.is_nil(result)
      assert.equal("unknown", problem.outcome)
      assert.equal("look", problem.next)
      assert.equal(1, #server:ledger())
    end)
  end

  it("taken then does not export again when there is no trace", function()
    server:fault { on = "export_project", kind = "drop_before_read", times = 2 }
    local job = client.async:make_video("topic", { topic = "Tea" }, with())
    assert.is_true(job:wait(10))
    local token = job:token()
    local _, err = client:resume(token, with())
    assert.equal("unknown", err.outcome)
    assert.equal("export", err.phase)
    assert.equal(0, #server:ledger())
  end)

  it("passes over what is no project in the list", function()
    server:fault { on = "export_project", kind = "drop_before_read", times = 2 }
    server:fault { on = "list_projects", kind = "status", status = 200, act = true,
      times = "always", body = '{"success":true,"data":["x",7,{"id":"p1","name":5}]}' }
    local job = client.async:make_video("topic", { topic = "Tea" }, with())
    assert.is_true(job:wait(10))
    local _, err = client:resume(job:token(), with())
    assert.equal("export", err.phase)
    assert.truthy(err.message:find("no trace", 1, true))
  end)

  it("goes on with waiting alone", function()
    local id = assert(client:create_project(support.project())).project_id
    local job = client.async:wait_for_video(id, with { interval = 10 })
    local token = job:token()
    job:cancel()
    assert.equal(id, assert(client:resume(token, with())).project_id)
  end)

  it("of elsewhere is refused", function()
    local job = client.async:wait_for_video("p1", with())
    local token = job:token()
    job:cancel()
    local other = assert(aistudios.new { token = "issued" })
    local _, err = other:resume(token)
    other:close()
    assert.equal("invalid", err.kind)
    for _, text in ipairs { "", "x", token .. "x=", "aistudios-1?goal=rm&id=1" } do
      if text ~= token .. "x=" then
        _, err = client:resume(text)
        assert.equal("invalid", err.kind, text)
      end
    end
    assert.has_error(function() client:resume() end)
  end)
end)

describe("a process that is killed", function()
  --- Runs `start(client)` in a process of its own, which notes its job's newest
  --- token, and kills that process once `is_time()`. Returns the last token.
  local function kill_when(is_time, start)
    local native = require "spec.support.native"
    local note = folder .. "/token"
    client:close() -- threads do not live through a fork
    local pid = native.fork(function()
      local own, last = new_client(), nil
      local job = start(own)
      while not job:done() do
        own:step(0.01)
        local token = job:token()
        if token and token ~= last then
          support.write_file(note .. ".new", token)
          os.rename(note .. ".new", note)
          last = token
        end
      end
    end)
    support.wait_until(function() return support.exists(note) and is_time() end, 30)
    native.kill(pid, 9)
    native.wait(pid)
    client = new_client()
    return support.read_file(note)
  end

  it("in the middle of a render is gone on with, and renders once", function()
    local path = folder .. "/x.mp4"
    local token = kill_when(function() return #requests("get_progress") >= 1 end,
      function(own) return own.async:render(support.project(), with { to = path }) end)
    assert(client:resume(token, with()))
    assert.equal("ftyp", support.read_file(path):sub(5, 8))
    assert.equal(1, #server:ledger())
  end)

  for _, endpoint in ipairs { "get_automation_progress", "export_project", "get_progress" } do
    it("in the middle of a flow, at " .. endpoint .. ", renders once", function()
      local path = folder .. "/x.mp4"
      local seen = endpoint == "get_automation_progress" and 2 or 1
      -- A child of a process with much memory begins slowly; two looks are to find it unbuilt.
      begin { render_seconds = 0.2, build_seconds = seen == 2 and 5 or nil }
      server:fault { on = endpoint, kind = "slow", seconds = 2, times = seen } -- time to kill it
      local token = kill_when(function() return #requests(endpoint) >= seen end, function(own)
        return own.async:make_video("topic", { topic = "Tea" }, with { to = path })
      end)
      -- It may be built by now; each token was saved, and none has said that it is exported.
      local is_newest = endpoint == "get_automation_progress" or nil
      assert(client:resume(token, with { is_newest = is_newest }))
      assert.equal("ftyp", support.read_file(path):sub(5, 8))
      assert.equal(1, #server:ledger())
      assert.equal(1, #requests("export_project"))
    end)
  end

  it("in the middle of a download goes on where the file ends", function()
    client:close()
    server:close()
    local size = 3000000
    server = sandbox.start { render_seconds = 0.1, download_bytes = size,
      download_rate = size // 4 }
    client = new_client()
    local path = folder .. "/x.mp4"
    local token = kill_when(function()
      return #(support.read_file(path .. ".part") or "") > size // 10
    end, function(own) return own.async:render(support.project(), with { to = path }) end)
    assert.is_nil(support.read_file(path))
    local part = #support.read_file(path .. ".part")
    local result = assert(client:resume(token, with()))
    assert.equal(size, result.size)
    assert.equal(size, #support.read_file(path))
    local last = requests("download")[2]
    assert.equal(("bytes=%d-"):format(part), last.headers.range)
    assert.equal(206, last.status)
    assert.equal(1, #server:ledger())
  end)
end)

describe("an export that the list does not show yet", function()
  --- Lets a flow send its export, ends it before the answer comes, and returns
  --- its tokens.
  local function tokens_of_a_flow()
    local tokens = {}
    server:fault { on = "export_project", kind = "slow", seconds = 1 }
    client.async:make_video("topic", { topic = "Tea" }, with {
      on_token = function(token) tokens[#tokens + 1] = token end })
    step_until(function() return #requests("export_project") == 1 end)
    client:close()
    client = new_client()
    return tokens
  end

  --- The token with this goal.
  local function token_of(goal, tokens)
    for _, token in ipairs(tokens) do
      if token:find("goal=" .. goal .. "&", 1, true) then return token end
    end
  end

  it("is waited for by a token that says that it was sent", function()
    begin { build_seconds = 0.1, render_seconds = 3, list_lag = 1 }
    local tokens = tokens_of_a_flow()
    assert.truthy(tokens[#tokens]:find("goal=export_sent", 1, true))
    assert(client:resume(tokens[#tokens], with()))
    assert.equal(1, #server:ledger())
  end)

  it("is not sent again however long it stays out of sight", function()
    begin { build_seconds = 0.1, render_seconds = 3, list_lag = 60 }
    local tokens = tokens_of_a_flow()
    for _ = 1, 2 do
      local _, err = client:resume(tokens[#tokens], with { interval = 0.01 })
      assert.equal("unknown", err.outcome)
      assert.equal("export", err.phase)
      assert.equal(tokens[#tokens], err.resume_token)
    end
    assert.equal(1, #server:ledger())
  end)

  it("is looked for by an older token, too", function()
    begin { build_seconds = 0.1, render_seconds = 1, list_lag = 0.4 }
    local token = token_of("finish", tokens_of_a_flow())
    assert(client:resume(token, with()))
    assert.equal(1, #server:ledger())
  end)

  it("is not sent again by an older token, however long it stays out of sight", function()
    begin { build_seconds = 0.1, render_seconds = 3, list_lag = 60 }
    local token = token_of("finish", tokens_of_a_flow())
    for _ = 1, 2 do
      local _, err = client:resume(token, with { interval = 0.01 })
      assert.equal("unknown", err.outcome)
      assert.equal("look", err.next)
      assert.equal("export", err.phase)
      assert.equal(token, err.resume_token)
    end
    assert.equal(1, #server:ledger())
    assert.equal(1, #requests("export_project"))
  end)

  it("is sent by the newest token, which says that it was not", function()
    begin { build_seconds = 0.1, render_seconds = 0.1 }
    local id = assert(client:topic_to_video("Tea")).project_id
    local token = client.async:wait_for_build(id, with()):token():gsub("goal=build", "goal=finish")
    assert(client:wait_for_build(id, with()))
    assert(client:resume(token, with { is_newest = true }))
    assert.equal(1, #server:ledger())
  end)

  it("is looked for until the deadline at most", function()
    begin { build_seconds = 0.1, render_seconds = 3, list_lag = 60 }
    local tokens = tokens_of_a_flow()
    local before = require "aistudios.core".now()
    local _, err = client:resume(tokens[#tokens], { interval = 0.1, deadline = 0.3 })
    assert.equal("unknown", err.outcome)
    assert.is_true(require "aistudios.core".now() - before < 2)
  end)
end)

describe("a project that was sent to be rendered", function()
  --- Lets a render send its project, ends it before the answer comes, and returns
  --- the token that was there before that.
  local function token_of_a_render(options)
    local first
    server:fault { on = "create_project", kind = "slow", seconds = 1 }
    client.async:render(support.project(), with { on_token = function(token)
      first = first or token
      assert.equal(0, #requests("create_project"))
    end, to = options and options.to })
    step_until(function() return #requests("create_project") == 1 end)
    client:close()
    client = new_client()
    assert.truthy(first:find("goal=create_sent", 1, true))
    assert.is_nil(first:find("Hello", 1, true))
    return first
  end

  it("is found by its token, and not created again", function()
    begin { render_seconds = 0.3, list_lag = 0.5 }
    local path = folder .. "/x.mp4"
    local token = token_of_a_render { to = path }
    local result = assert(client:resume(token, with()))
    assert.equal(path, result.path)
    assert.equal(1, #server:ledger())
    assert.equal(1, #requests("create_project"))
  end)

  it("is not created again however long it stays out of sight", function()
    begin { render_seconds = 0.3, list_lag = 60 }
    local token = token_of_a_render()
    for _ = 1, 2 do
      local _, err = client:resume(token, with { interval = 0.01 })
      assert.equal("unknown", err.outcome)
      assert.equal("look", err.next)
      assert.equal("create", err.phase)
      assert.equal(token, err.resume_token)
    end
    assert.equal(1, #server:ledger())
  end)

  it("is told from others by its texts and its time", function()
    local other = support.project()
    other.scenes[1].clips[1].script.org = "Something else."
    assert(client:create_project(other))
    server:fault { on = "create_project", kind = "drop_before_read" }
    local _, err = client:render(support.project(), with())
    assert.equal("unknown", err.outcome)
    local token = err.resume_token
    _, err = client:resume(token, with { interval = 0.01 })
    assert.equal("unknown", err.outcome)
    local late = token:gsub("sent=%d+", "sent=" .. os.time() + 3600)
    local id = assert(client:create_project(support.project())).project_id
    _, err = client:resume(late, with { interval = 0.01 })
    assert.equal("unknown", err.outcome)
    assert.equal(id, assert(client:resume(token, with())).project_id)
    assert.equal(2, #server:ledger())
  end)

  --- Renders a project whose request is lost, and returns the token.
  local function token_of_a_lost_render(project)
    server:fault { on = "create_project", kind = "drop_before_read" }
    local _, err = client:render(project or support.project(), with())
    assert.equal("unknown", err.outcome)
    return err.resume_token
  end

  local function assert_look(token)
    local result, err = client:resume(token, with { interval = 0.01 })
    assert.is_nil(result)
    assert.equal("unknown", err.outcome)
    assert.equal("look", err.next)
    return err
  end

  for what, change in pairs {
    ["another avatar"] = function(_, _, clip, script)
      clip.model.ai_name, script.modelId = "M2", "M2"
    end,
    ["other clothes"] = function(_, _, clip, script)
      clip.model.emotion, script.clothId = "B2", "B2"
    end,
    ["another background"] = function(_, scene) scene.background.source_color = "#fff" end,
    ["another orientation"] = function(whole) whole.orientation = "portrait" end,
  } do
    it("is told from one with " .. what, function() -- that was taken for it
      local other <close> = new_client()
      assert(other:render(small_project(change), with()))
      assert_look(token_of_a_lost_render(small_project()))
      assert.equal(1, #server:ledger())
    end)
  end

  it("is told from the one that the client has rendered", function()
    local project = small_project()
    local first = assert(client:render(project, with()))
    local lost = token_of_a_lost_render(project)
    assert_look(lost)
    client:close()
    client = new_client()
    assert.equal(first.project_id, assert(client:resume(lost, with())).project_id)
    assert.equal(first.project_id, assert(client:resume(lost, with())).project_id)
  end)

  it("is not chosen among several that look like it", function()
    local other <close> = new_client()
    for _ = 1, 2 do assert(other:render(small_project(), with())) end
    local err = assert_look(token_of_a_lost_render(small_project()))
    assert.truthy(err.message:find("2 projects", 1, true))
  end)

  it("is not found by the token of an earlier version, which knew less of it", function()
    local token = token_of_a_render():gsub("%-2&", "&")
    assert_look(token)
    assert.equal(1, #server:ledger())
  end)

  it("has no token when the service has refused it", function()
    local tokens = {}
    server:fault { on = "create_project", kind = "status", status = 429, times = 9 }
    local job = client.async:render(support.project(), with { retries = 0,
      on_token = function(token) tokens[#tokens + 1] = token end })
    assert.is_true(job:wait(10))
    local _, err = job:result()
    assert.equal("rejected", err.outcome)
    assert.is_nil(err.resume_token)
    assert.is_nil(job:token())
  end)

  it("is not sent when on_token raises", function()
    local _, err = client:render(support.project(), with {
      on_token = function() error "disk full" end })
    assert.equal("cancelled", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(0, #requests("create_project"))
  end)

  it("of a build leaves a token that does not build again", function()
    begin { build_seconds = 0.1, render_seconds = 0.1 }
    server:fault { on = "topic_to_video", kind = "drop_after_read" }
    local _, err = client:make_video("topic", "Tea", with())
    assert.equal("unknown", err.outcome)
    local token = err.resume_token
    assert.truthy(token:find("goal=build_sent", 1, true))
    _, err = client:resume(token, with())
    assert.equal("unknown", err.outcome)
    assert.equal("build", err.phase)
    assert.equal(token, err.resume_token)
    assert.equal(1, #requests("topic_to_video"))
  end)
end)

describe("on_token", function()
  local function phases_of(tokens)
    local found = {}
    for i, token in ipairs(tokens) do found[i] = token:match "goal=([%w_]+)" end
    return table.concat(found, " ")
  end

  it("is told of each change, of an export before it is sent", function()
    local tokens, sent = {}, nil
    assert(client:make_video("topic", { topic = "Tea" }, with { on_token = function(token)
      tokens[#tokens + 1] = token
      if token:find("export_sent", 1, true) then sent = #requests("export_project") end
    end }))
    assert.equal("build_sent finish export_sent deliver", phases_of(tokens))
    assert.equal(0, sent)
  end)

  it("is there for every wait", function()
    local id = assert(client:create_project(support.project())).project_id
    local folder_id = assert(client:translate_video("https://youtu.be/x",
      { targets = "en-US" })).folderId
    local built = assert(client:topic_to_video("Tea")).project_id
    for goal, wait in pairs {
      ["create_sent deliver"] = function(options)
        return client:render(support.project(), options)
      end,
      video = function(options) return client:wait_for_video(id, options) end,
      translations = function(options) return client:wait_for_translations(folder_id, options) end,
      build = function(options) return client:wait_for_build(built, options) end,
    } do
      local tokens = {}
      assert(wait(with { on_token = function(token) tokens[#tokens + 1] = token end }))
      assert.equal(goal, phases_of(tokens))
    end
  end)

  it("of a job that goes on is told what is new", function()
    local first
    client.async:make_video("topic", { topic = "Tea" }, with { on_token = function(token)
      first = first or token:match ".*goal=finish.*" end })
    step_until(function() return first end)
    client:close()
    client = new_client()
    local tokens = {}
    assert(client:resume(first, with { on_token = function(token)
      tokens[#tokens + 1] = token end }))
    assert.equal("export_sent deliver", phases_of(tokens))
  end)

  it("that raises before an export keeps it from being sent", function()
    local _, err = client:make_video("topic", { topic = "Tea" }, with { on_token = function(token)
      if token:find("export_sent", 1, true) then error "disk full" end
    end })
    assert.equal("cancelled", err.kind)
    assert.truthy(err.cause:find("disk full", 1, true))
    assert.equal(0, #requests("export_project"))
    assert.truthy(err.resume_token:find("goal=finish", 1, true))
  end)

  it("is not needed by whoever looks at the token after each step", function()
    local job = client.async:make_video("topic", { topic = "Tea" }, with())
    local seen_before_sending
    step_until(function()
      local is_sent = #requests("export_project") > 0
      if (job:token() or ""):find("export_sent", 1, true) and not seen_before_sending then
        seen_before_sending = not is_sent and client:stats().queued + client:stats().running == 0
      end
      return job:done()
    end)
    assert.is_true(seen_before_sending)
  end)
end)

describe("a token", function()
  --- The first token of a flow with these fields of its export; the flow ends.
  local function token_of(export)
    local job = client.async:make_video("topic", "Tea", with { export = export })
    local token = token_at(job, "finish")
    client:close()
    client = new_client()
    return token
  end

  it("keeps what the export was to be like", function()
    local token = token_of { resolution = "720" }
    assert(client:resume(token, with()))
    assert.equal("720", aistudios.decode(requests("export_project")[1].body).resolution)
  end)

  it("keeps no address of a webhook, and asks for it again", function()
    local url = "https://example.com/hook?signature=secret"
    local token = token_of { webhookUrl = url }
    assert.is_nil(token:find("secret", 1, true))
    local _, err = client:resume(token, with())
    assert.equal("export.webhookUrl", err.problems[1].path)
    assert(client:resume(token, with { export = { webhookUrl = url } }))
    assert.equal(url, aistudios.decode(requests("export_project")[1].body).webhookUrl)
  end)

  it("is read with blanks and line ends around it", function()
    local id = assert(client:create_project(support.project())).project_id
    local job = client.async:wait_for_video(id, with())
    assert(client:resume("  " .. job:token() .. " \r\n", with()))
  end)

  it("names its file whatever the working directory is by then", function()
    local lfs = require "lfs"
    local here = lfs.currentdir()
    support.run(("mkdir -p '%s/a' '%s/b'"):format(folder, folder))
    local project = support.project()
    lfs.chdir(folder .. "/a")
    local job = client.async:render(project, with { to = "x.mp4" })
    local ok, problem = pcall(function()
      local token = token_at(job, "deliver")
      job:cancel()
      assert.is_true(job:wait(5))
      lfs.chdir "../b"
      assert(client:resume(token, with()))
    end)
    lfs.chdir(here)
    assert(ok, problem)
    assert.truthy(support.exists(folder .. "/a/x.mp4"))
    assert.is_false(support.exists(folder .. "/b/x.mp4"))
  end)
end)

describe("a flow that is killed again and again at random", function()
  --- In a process of its own: goes on with the token that is there, or begins.
  local function work(note, topic)
    local own = new_client()
    local options = with { on_token = function(token)
      support.write_file(note .. ".new", token)
      os.rename(note .. ".new", note)
    end }
    local token = support.read_file(note)
    if token then own:resume(token, options) else
      own:make_video("topic", { topic = topic }, options)
    end
  end

  it("is rendered once, and ends as unknown when nobody can know", function()
    begin { build_seconds = 0.3, render_seconds = 0.4, list_lag = 0.2 }
    local native = require "spec.support.native"
    local seed = os.time()
    math.randomseed(seed)
    client:close()
    local flows = {}
    for i = 1, support.is_slow and 4 or 16 do
      flows[i] = { note = folder .. "/token" .. i, topic = "topic " .. i }
    end
    for _ = 1, 3 do
      for _, flow in ipairs(flows) do
        flow.pid = native.fork(function() work(flow.note, flow.topic) end)
        flow.kill_at = require "aistudios.core".now() + math.random() * 0.8
      end
      table.sort(flows, function(a, b) return a.kill_at < b.kill_at end)
      for _, flow in ipairs(flows) do
        support.sleep(math.max(0, flow.kill_at - require "aistudios.core".now()))
        native.kill(flow.pid, 9)
        native.wait(flow.pid)
      end
    end
    client = new_client()
    for _, flow in ipairs(flows) do
      local token = support.read_file(flow.note)
      flow.job = token and client.async:resume(token, with())
        or client.async:make_video("topic", { topic = flow.topic }, with())
    end
    local unknown = 0
    for i, flow in ipairs(flows) do
      assert.is_true(flow.job:wait(30))
      local result, err = flow.job:result()
      unknown = unknown + (result and 0 or 1)
      assert.is_true(result ~= nil or err.outcome == "unknown",
        ("seed %d, flow %d: %s"):format(seed, i, tostring(err)))
    end
    local rendered = {}
    for _, entry in ipairs(server:ledger()) do
      local name = assert(client:get_project(entry.project_id)).project.name
      assert.is_nil(rendered[name], ("seed %d: %s was rendered twice"):format(seed, name))
      rendered[name] = true
    end
    assert.is_true(#server:ledger() >= #flows - unknown, "seed " .. seed)
  end)
end)
