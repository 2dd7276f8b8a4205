-- From a row and its fields to what is sent: addresses, queries, forms.
local aistudios = require "aistudios"
local endpoint = require "aistudios.endpoints.method"
local numbered = require "aistudios.endpoints.numbered"

local client

before_each(function()
  client = assert(aistudios.new { app_id = "app", user_key = "key-1234" })
end)

after_each(function()
  client:close()
end)

local function prepare(name, ...)
  return endpoint.prepare(client, aistudios.api[name], ...)
end

local function problems(name, ...)
  local made, err = prepare(name, ...)
  assert.is_nil(made)
  local list = {}
  for i, problem in ipairs(err.problems) do list[i] = problem.path .. ": " .. problem.message end
  return list
end

local function parts(name, ...)
  local list = {}
  for i, part in ipairs(assert(prepare(name, ...)).request.parts) do
    list[i] = part.name .. "=" .. (part.value or part.filename .. ";" .. part.type)
  end
  return list
end

describe("a query", function()
  it("holds the identity or the fields of a GET", function()
    local base = aistudios.hosts.global
    assert.equal(base .. "/api/odin/v3/automation/progress?projectId=a%26b",
      prepare("get_automation_progress", "a&b").request.url)
    assert.equal("https://ai-streamer.deepbrain.io/api/v2/sessions?page=2&page_size=10&type=active",
      prepare("list_sessions", { page = 2, page_size = 10.0, type = "active" }).request.url)
  end)

  it("holds a copy of the fields where the documentation leaves the place open", function()
    local made = prepare("list_automation_templates",
      { category = "business", fileBackground = true })
    assert.truthy(made.request.url:find("?category=business&fileBackground=true", 1, true))
    assert.truthy(made.body)
    made = prepare("create_from_template", "t1", { aiName = "M1", clothId = "BG1" })
    assert.truthy(made.request.url:find("/template/t1?aiName=M1&clothId=BG1", 1, true))
  end)
end)

describe("a form", function()
  it("has files by their paths and everything else as words", function()
    assert.same({ "file=deck.PPTX;application/vnd.openxmlformats-officedocument."
      .. "presentationml.presentation", "name=Deck" },
      parts("create_from_document", { file = "some/where/deck.PPTX", name = "Deck" }))
    assert.same({ "file=v.mp4;video/mp4", "isDubbingOnly=true", "numberOfSpeakers=2",
      "target_0=en-US", "target_1=ko" },
      parts("translate_video", { file = "/tmp/v.mp4", targets = { "en-US", "ko" },
        isDubbingOnly = true, numberOfSpeakers = 2 }))
    assert.same({ "target_0=fr", "url=https://youtu.be/x" },
      parts("translate_video", { url = "https://youtu.be/x", target_0 = "fr" }))
  end)

  it("repeats a part for each of several files", function()
    assert.same({ "files=a.pdf;application/pdf", "files=b.txt;text/plain" },
      parts("upload_docs", { files = { "a.pdf", { path = "/x/y", filename = "b.txt" } } }))
    assert.same({ "files=a.pdf;application/pdf" }, parts("upload_docs", { files = "a.pdf" }))
  end)

  it("cannot be sent twice", function()
    assert.is_false(prepare("upload_docs", { files = "a.pdf" }).request.replayable)
  end)

  it("leaves the caller's table as it is", function()
    local fields = { url = "https://youtu.be/x", targets = { "fr" } }
    prepare("translate_video", fields)
    assert.same({ url = "https://youtu.be/x", targets = { "fr" } }, fields)
  end)

  it("is refused with what is wrong, and what is allowed", function()
    assert.same({ "file: must be a file of the kinds pdf, pptx, ppt" },
      problems("create_from_document", { file = "a.docx" }))
    assert.same({ "file: is required: a file" }, problems("create_from_document", {}))
    assert.same({ "files[2]: must be a file of the kinds txt, pdf, xls, xlsx, doc, docs, "
      .. "docx, pptx, ppt" }, problems("upload_docs", { files = { "a.pdf", "b.exe" } }))
    assert.same({ "files: must not be empty" }, problems("upload_docs", { files = {} }))
    local files = {}
    for i = 1, 64 do files[i] = i .. ".pdf" end
    assert.equal(64, #parts("upload_docs", { files = files }))
    files[65] = "65.pdf"
    assert.truthy(problems("upload_docs", { files = files })[1]:find "^files: is too much for one")
    assert.same({ "files[1]: has a control character or a line end in its filename; give one "
      .. "without: { path = ..., filename = ... }" },
      problems("upload_docs", { files = { { path = "/x/y", filename = "a\nb.txt" } } }))
    assert.same({ "file: or url is required", "targets: is required" },
      problems("translate_video", {}))
    local many = {}
    for i = 1, 11 do many[i] = "en" end
    assert.same({ "targets[11]: is more than the 10 that the API takes" },
      problems("translate_video", { url = "https://a.io", targets = many }))
    assert.same({ "numberOfSpeakers: must be auto, or from 1 to 5" },
      problems("translate_video",
        { url = "https://a.io", targets = { "fr" }, numberOfSpeakers = 6 }))
  end)

  it("knows the rule of a numbered field", function()
    local row = aistudios.api.translate_video
    assert.equal("file", numbered.rule(row, "targetSrt_7").type)
    assert.equal("string", numbered.rule(row, "target_0").type)
    assert.is_nil(numbered.rule(row, "target_10"))
  end)
end)

describe("ranges and words", function()
  it("are checked before anything is sent", function()
    assert.same({ "options.speed: must be a number from 0.5 to 1.5, not 2" },
      problems("topic_to_video", { topic = "t", options = { speed = 2 } }))
    assert.same({ "options.duration: 45 is not one of 30, 60, 90, 120, 150, 180" },
      problems("topic_to_video", { topic = "t", options = { duration = 45 } }))
    assert.same({
      [[size: "square" is not one of "LANDSCAPE", "PORTRAIT", "SQUARE"; did you mean 'SQUARE'?]] },
      problems("generate_image", { topic = "t", size = "square" }))
    assert.same({ "page_size: must be an integer from 1 to 100, not 101" },
      problems("list_sessions", { page_size = 101 }))
    assert.same({ 'updates.title: must be a string, not 3; write "3"' },
      problems("modify_project", "p", { updates = { title = 3 } }))
    assert.same({ "files[1].fileName: is required: a string" },
      problems("docs_to_video", { files = { { uri = "u" } } }))
  end)

  it("of open lists are left to the service", function()
    assert.truthy(prepare("generate_voice",
      { script = "s", model = "m", type = "another", language = "de" }))
  end)
end)

describe("who sends it", function()
  it("is shown as the row says", function()
    assert.equal("token", prepare("list_models").request.auth)
    assert.is_nil(prepare("get_token", nil, { timeout = 9 }).request.auth)
    local made = prepare("stop_session", "s1")
    assert.is_nil(made.request.auth)
    assert.equal("STUDIO-API-KEY: key-1234", made.request.headers[1])
  end)

  it("needs the key where a token does not do", function()
    local other = assert(aistudios.new { token = "issued" })
    local _, err = endpoint.prepare(other, aistudios.api.get_session, "s1")
    other:close()
    if os.getenv "AISTUDIOS_USER_KEY" then return end
    assert.equal("auth", err.kind)
    assert.truthy(err.message:find("user_key", 1, true))
  end)
end)

describe("time limits", function()
  it("are the call's, else its class's, else the client's", function()
    assert.same({ connect = 10, stall = 30, total = 120 }, prepare("list_models").timeout)
    assert.same({ connect = 10, stall = 300, total = 900 },
      prepare("generate_video", { topic = "t" }).timeout)
    assert.same({ connect = 10, stall = 300, total = 5 },
      prepare("generate_video", { topic = "t" }, { timeout = 5 }).timeout)
    assert.same({ connect = 1, stall = 30, total = 0 },
      prepare("list_models", { timeout = { connect = 1, total = math.huge } }).timeout)
  end)
end)

describe("arguments", function()
  it("are the identity, the fields and the options", function()
    local made = prepare("export_project", "p1", { resolution = "720" }, { retries = 0 })
    assert.equal(0, made.retries)
    assert.equal(0, prepare("get_project", "p1", { retries = 0 }).retries)
    assert.equal(0, prepare("get_project", "p1", nil, { retries = 0 }).retries)
    assert.equal(0, prepare("list_projects", { retries = 0 }).retries)
  end)

  it("may hold the identity inside the fields", function()
    assert.truthy(prepare("get_progress", { projectId = "p1" }).request.url:find("/p1$"))
    local made = prepare("get_progress", { projectId = "p1" }, { retries = 0 })
    assert.equal(0, made.retries)
    assert.truthy(prepare("delete_projects", { ids = { "a" } }).body)
    local fields = { session_id = "s1", reason = "ERROR" }
    assert.truthy(prepare("stop_session", fields))
    assert.same({ session_id = "s1", reason = "ERROR" }, fields)
  end)

  it("may be a bare value where one field says it all", function()
    assert.same({ "file=a.pdf;application/pdf", "name=Deck" },
      parts("create_from_document", "a.pdf", { name = "Deck" }))
    assert.same({ "files=a.pdf;application/pdf", "files=b.txt;text/plain" },
      parts("upload_docs", { "a.pdf", "b.txt" }))
    assert.same({ "target_0=fr", "url=https://youtu.be/x" },
      parts("translate_video", "https://youtu.be/x", { targets = "fr" }))
    assert.truthy(prepare("generate_text", "a topic").body)
    assert.truthy(prepare("talk", "s1", "hello").body)
  end)
end)
