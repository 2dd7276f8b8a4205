-- From documents, a topic, a page or a script to a film; and going on where
-- another process ended.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local QUICK = { interval = 0.05, longest_interval = 0.1 }

local server, client, folder

local function new_client()
  return support.client(server)
end

local function with(more)
  local all = {}
  for name, value in pairs(QUICK) do all[name] = value end
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local function requests(name)
  return support.requests(server, name)
end

local function step_until(f)
  return support.wait_until(function()
    client:step(0.01)
    return f()
  end, 10)
end

before_each(function()
  server = sandbox.start { render_seconds = 0.2 }
  client = new_client()
  folder = support.directory "flow"
end)

after_each(function()
  client:close()
  server:close()
end)

describe("make_video", function()
  local sources = {
    topic = { topic = "Tea" }, url = { url = "https://example.com" },
    scripts = { scripts = "One.\nTwo." },
  }

  for kind, fields in pairs(sources) do
    it("builds, exports and downloads from " .. kind, function()
      local phases, path = {}, folder .. "/" .. kind .. ".mp4"
      local result = assert(client:make_video(kind, fields, with { to = path,
        on_progress = function(p) phases[p.phase] = true end }))
      assert.equal("ftyp", support.read_file(path):sub(5, 8))
      assert.equal(path, result.path)
      assert.is_true(phases.build and phases.wait)
      assert.equal(1, #requests("export_project"))
    end)
  end

  it("uploads documents first", function()
    support.write_file(folder .. "/a.txt", "some words")
    support.write_file(folder .. "/b.pdf", "%PDF-1.4")
    assert(client:make_video("docs", { files = { folder .. "/a.txt", folder .. "/b.pdf" },
      options = { language = "en" } }, with()))
    local sent = aistudios.decode(requests("docs_to_video")[1].body)
    assert.equal("a.txt", sent.files[1].fileName)
    assert.equal("b.pdf", sent.files[2].fileName)
    assert.equal("en", sent.options.language)
    assert.truthy(requests("upload_docs")[1].body:find("some words", 1, true))
  end)

  it("takes what an upload gave back, too", function()
    support.write_file(folder .. "/a.txt", "some words")
    local uploaded = assert(client:upload_docs(folder .. "/a.txt"))
    assert(client:make_video("docs", { files = uploaded.uploadResults }, with()))
    assert.equal(1, #requests("upload_docs"))
  end)

  it("hands on what the export should know", function()
    assert(client:make_video("topic", { topic = "Tea" },
      with { export = { resolution = "720" } }))
    assert.equal("720", aistudios.decode(requests("export_project")[1].body).resolution)
  end)

  it("refuses bad input before anything is sent", function()
    local _, err = client:make_video("docs", { files = { folder .. "/none.txt" } }, with())
    assert.equal("file", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal("upload", err.phase)
    _, err = client:make_video("docs", { files = { "a.exe" } }, with())
    assert.equal("files[1]", err.problems[1].path)
    _, err = client:make_video("topic", {}, with())
    assert.equal("topic", err.problems[1].path)
    _, err = client:make_video("topic", { topic = "Tea" }, with { to = "/nonexistent/x.mp4" })
    assert.equal("file", err.kind)
    assert.has_error(function() client:make_video("tea", {}) end)
    assert.equal(0, #requests("topic_to_video"))
  end)

  local phases = {
    { on = "topic_to_video", phase = "build" },
    { on = "get_automation_progress", phase = "build", has_project = true },
    { on = "export_project", phase = "export", has_project = true },
    { on = "get_progress", phase = "wait", has_project = true },
    { on = "download", phase = "download", has_project = true },
  }
  for _, case in ipairs(phases) do
    it("that fails at " .. case.on .. " says where, and what to go on from", function()
      server:fault { on = case.on, kind = "status", status = 400, times = 99 }
      local _, err = client:make_video("topic", { topic = "Tea" },
        with { to = folder .. "/x.mp4" })
      assert.equal(case.phase, err.phase)
      assert.equal("make_video", err.endpoint)
      assert.equal(case.has_project or false, type(err.project_id) == "string")
      if case.has_project then assert.is_false(err.retryable) end
    end)
  end
end)

describe("waiting", function()
  it("for a build ends when it is finished", function()
    local id = assert(client:topic_to_video("Tea")).project_id
    local result = assert(client:wait_for_build(id, with()))
    assert.equal("finish", result.state)
    assert.equal(id, result.project_id)
  end)

  it("for translations ends when every target is there", function()
    local folder_id = assert(client:translate_video("https://youtu.be/x",
      { targets = { "en-US", "ko-KR", "fr-FR" } })).folderId
    local seen
    local result = assert(client:wait_for_translations(folder_id, with {
      on_progress = function(p) seen = #p.items end }))
    assert.equal(3, seen)
    assert.equal(3, #result)
    assert.equal(folder_id, result.folder_id)
    for _, item in ipairs(result) do
      assert.equal(100, item.progress)
      assert.truthy(item.download_url)
      assert.equal("string", type(item.project_id))
    end
  end)
end)

describe("a generator", function()
  it("brings its file home at once when it is told where", function()
    local path = folder .. "/tea.png"
    local result = assert(client:generate_image("Tea", nil, { to = path }))
    assert.equal(path, result.path)
    assert.equal(result.size, #support.read_file(path))
  end)

  it("takes options right after a bare text", function()
    local path = folder .. "/tea.png"
    assert.equal(path, assert(client:generate_image("Tea", { to = path })).path)
    assert.is_nil(requests("generate_image")[1].body:find(path, 1, true))
    assert(client:generate_image("Tea", { style = "PHOTOGRAPHIC" }))
    assert.truthy(requests("generate_image")[2].body:find("PHOTOGRAPHIC", 1, true))
  end)

  it("costs nothing when its file cannot be written", function()
    local _, err = client:generate_image({ topic = "Tea" }, { to = "/nonexistent/tea.png" })
    assert.equal("file", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal(0, #requests("generate_image"))
  end)

  it("whose file got lost has the address in its error", function()
    server:fault { on = "download", kind = "status", status = 404, times = 9 }
    local _, err = client:generate_image({ topic = "Tea" }, { to = folder .. "/tea.png" })
    assert.equal("download", err.phase)
    assert.equal("unknown", err.outcome)
    assert.is_false(err.retryable)
    assert.truthy(err.download_url)
  end)
end)

describe("an address that has expired", function()
  it("is asked for anew", function()
    for _, status in ipairs { 403, 404, 410 } do
      server:fault { on = "download", kind = "status", status = status }
      local path = folder .. "/" .. status .. ".mp4"
      local project = support.project()
      project.name = "expired " .. status
      assert(client:render(project, with { to = path }))
      assert.truthy(support.exists(path))
    end
    assert.equal(3, #server:ledger())
  end)
end)

describe("a token of a job", function()
  it("is there when there is something to go on from, without secrets", function()
    local job = client.async:render(support.project(), with { to = folder .. "/x.mp4" })
    assert.is_nil(job:token())
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
    local token = step_until(function() return job:token() end)
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
    local early = step_until(function() return job:token() end)
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
      local early = step_until(function() return job:token() end)
      step_until(function() return job:progress().phase == "wait" end)
      client:close()
      client = new_client()
      for _, on in ipairs { "get_progress", "get_project", "list_projects" } do
        -- A 404 of get_progress alone proves nothing; the others tell.
        local status = on == endpoint and 500 or 404
        if on == endpoint or on == "get_progress" then
          server:fault { on = on, kind = "status", status = status }
        end
      end
      local _, err = client:resume(early, with { retries = 0 })
      assert.equal("unknown", err.outcome)
      assert.equal("export", err.phase)
      assert.is_not_nil(err.message:find("cannot tell", 1, true))
      assert.equal(1, #server:ledger())
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
    assert.truthy(token:find("goal=exporting", 1, true))
    assert(client:resume(token, with()))
    assert.truthy(support.exists(path))
    assert.equal(1, #server:ledger())
  end)

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
  --- Runs `begin(client)` in a process of its own, which notes its job's newest
  --- token, and kills that process once `is_time()`. Returns the last token.
  local function kill_when(is_time, begin)
    local native = require "spec.support.native"
    local note = folder .. "/token"
    client:close() -- threads do not live through a fork
    local pid = native.fork(function()
      local own, last = new_client(), nil
      local job = begin(own)
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
    support.wait_until(function() return support.exists(note) and is_time() end, 10)
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
      local token = kill_when(function() return #requests(endpoint) >= 1 end, function(own)
        return own.async:make_video("topic", { topic = "Tea" }, with { to = path })
      end)
      assert(client:resume(token, with()))
      assert.equal("ftyp", support.read_file(path):sub(5, 8))
      assert.equal(1, #server:ledger())
      assert.equal(1, #requests("export_project"))
    end)
  end

  it("in the middle of a download goes on where the file ends", function()
    client:close()
    server:close()
    local size = 3000000
    server = sandbox.start { render_seconds = 0.1, download_bytes = size, download_rate = size }
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

describe("a service that answers as clients have met it", function()
  it("is understood all the way", function()
    client:close()
    server:close()
    server = sandbox.start { render_seconds = 0.1, shape = "observed" }
    client = new_client()
    support.write_file(folder .. "/a.txt", "some words")
    assert(client:make_video("docs", { files = folder .. "/a.txt" },
      with { to = folder .. "/x.mp4" }))
    assert(client:render(support.project(), with { to = folder .. "/y.mp4" }))
    assert.is_true(client:confirm_auth().isAuthenticated)
    for _, name in ipairs { "list_projects", "list_models", "list_models_detailed",
      "list_business_templates", "list_workspaces" } do
      assert.is_true(#assert(client[name](client)) > 0, name)
    end
    assert.is_true(#assert(client:list_automation_templates { category = "social" }) > 0)
    local folder_id = assert(client:translate_video("https://youtu.be/x",
      { targets = "en-US" })).folderId
    assert.equal(1, #assert(client:wait_for_translations(folder_id, with())))
    assert.equal(2, client:delete_projects { assert(client:list_projects())[1].project_id,
      assert(client:list_projects())[2].project_id }.deletedCount)
  end)
end)
