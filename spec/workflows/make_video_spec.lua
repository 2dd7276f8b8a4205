-- From documents, a topic, a page or a script to a film.
local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
local sandbox = require "aistudios.sandbox"
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

  it("takes a bare value for the field that says it all", function()
    support.write_file(folder .. "/a.txt", "some words")
    assert(client:make_video("topic", "Tea", with()))
    assert(client:make_video("script", "One.", with()))
    assert(client:make_video("document", folder .. "/a.txt", with()))
    assert(client:make_video("documents", { folder .. "/a.txt" }, with()))
    assert.equal("Tea", aistudios.decode(requests("topic_to_video")[1].body).topic)
    assert.equal("One.", aistudios.decode(requests("scripts_to_video")[1].body).scripts)
    assert.equal(2, #requests("upload_docs"))
    for text, wrong in pairs { ["did you mean 'topic'"] = { "topics", "Tea" },
      ["a table of fields is expected, got number"] = { "topic", 5 } } do
      local ok, message = pcall(client.make_video, client, table.unpack(wrong))
      assert.is_false(ok)
      assert.truthy(message:find(text, 1, true), message)
    end
  end)

  it("sends what was there when it was called", function()
    support.write_file(folder .. "/a.txt", "some words")
    local fields = { files = { folder .. "/a.txt" }, options = { language = "en" } }
    local options = with { export = { resolution = "720" } }
    local job = client.async:make_video("docs", fields, options)
    fields.options.language, options.export.resolution = "de", "480"
    assert.is_true(job:wait(10))
    assert(job:result())
    assert.equal("en", aistudios.decode(requests("docs_to_video")[1].body).options.language)
    assert.equal("720", aistudios.decode(requests("export_project")[1].body).resolution)
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
