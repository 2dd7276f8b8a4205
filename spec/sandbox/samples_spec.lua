-- SPDX-License-Identifier: MIT
--
-- What the vendor's samples do that its tables do not say: programs that were made
-- from them run against the sandbox too.

local calls = require "spec.support.sandbox_calls"
local http = require "spec.support.http"
local support = require "spec.support"

local API = "/api/odin/v3"

local post = calls.post

before_each(function() calls.begin() end)
after_each(calls.finish)

local project = support.read_file "spec/fixtures/hello-project.json"

local function form(...)
  local lines = {}
  for _, part in ipairs { ... } do
    lines[#lines + 1] = "--line\r\nContent-Disposition: form-data; " .. part
  end
  return table.concat(lines, "\r\n") .. "\r\n--line--\r\n"
end

describe("a sample of the vendor", function()
  it("asks for the progress of the project that it exported", function()
    local id = post("/editor/project", (project:gsub("{", '{"isExport":false,', 1))).data.projectId
    assert.equal(0, calls.caller:ask("GET", API .. "/editor/progress/" .. id).data.progress)
    local copy = post("/editor/project/export", { projectId = id }).data.projectId
    local seen = calls.caller:ask("GET", API .. "/editor/progress/" .. id).data
    assert.equal(100, seen.progress)
    assert.truthy(seen.downloadUrl:find(copy, 1, true))
  end)

  it("calls a multipart body JSON", function()
    local answer = post("/automation/translatevideos", form(
      'name="target_0"\r\n\r\nen-US', 'name="target_1"\r\n\r\nko-KR',
      'name="file"; filename="a.mp4"\r\nContent-Type: application/octet-stream\r\n\r\nfilm\r\n'))
    assert.equal(200, answer.status, answer.body)
    local parts = calls.server:requests("translate_video")[1].parts
    assert.same({ "target_1", "ko-KR" }, { parts[2].name, parts[2].data })
    assert.same({ "a.mp4", "film\r\n", 6 }, { parts[3].filename, parts[3].data, parts[3].size })
    answer = post("/automation/translatevideos", (form('name="target_0"\r\n\r\nen-US')
      :gsub("%-%-\r\n$", "")))
    assert.equal("the multipart body is not whole", answer.json.error.msg)
  end)

  -- curl -F "target_0='en-US'": the shell leaves the inner quotes in the value.
  it("has quotes in the values of a form", function()
    local answer = calls.post_form("/automation/translatevideos",
      { "target_0", "'en-US'" }, { "target_1", "'ko-KR'" },
      { "isDubbingOnly", "'true'" },
      { "file", "film", "a.mp4" })
    assert.equal(200, answer.status, answer.body)
    local parts = calls.server:requests("translate_video")[1].parts
    assert.same({ "en-US", "ko-KR" }, { parts[1].data, parts[2].data })
    answer = calls.post_form("/automation/translatevideos",
      { "target_0", "'xx-XX'" }, { "file", "f", "a.mp4" })
    assert.equal(400, answer.status)
    assert.truthy(calls.message_of(answer):find("target_0 must be one of", 1, true))
    answer = calls.post_form("/editor/project/pptpdf", { "name", "'Slides'" },
      { "file", "%PDF", "a.pdf" })
    assert.equal(200, answer.status, answer.body)
    assert.equal("Slides", calls.server:project(answer.data.projectId).name)
  end)

  -- What axios 1.21.1 sends, with form-data 4.0.6 and with Node's FormData: the file is
  -- not in it, so these samples work nowhere.
  it("makes JSON of a form, which is refused with what to do", function()
    for _, body in ipairs { "null", '{"target_0":"en-US","file":{}}' } do
      for _, path in ipairs { "/automation/translatevideos", "/editor/project/pptpdf",
        "/automation/docs-to-video/upload-files" } do
        local answer = post(path, body)
        assert.equal(400, answer.status)
        local message = calls.message_of(answer)
        assert.truthy(message:find("axios", 1, true), message)
        assert.truthy(message:find("leave that out", 1, true), message)
      end
    end
    assert.equal(0, #calls.server:ledger())
  end)

  -- Deleting with axios.delete(url, body): it takes the body for its configuration. Node's
  -- template gives headers and parameters as the body, so no token is sent.
  it("loses its body or its token, and is told so", function()
    local answer = calls.caller:ask("DELETE", API .. "/editor/project")
    assert.equal(400, answer.status)
    assert.truthy(calls.message_of(answer):find("body must be a JSON object", 1, true), answer.body)
    local template = calls.get "/dropdown/templates_business".data[1].id
    answer = http.ask(calls.server.port, "POST", API .. "/editor/template/" .. template, {
      body = '{"headers":{"Authorization":"x"},"params":{"name":"New"}}',
      headers = { ["Content-Type"] = "application/json" } })
    assert.equal(401, answer.status)
    assert.truthy(answer.body:find("Authorization", 1, true), answer.body)
  end)

  it("calls a web form JSON", function()
    local template = calls.caller:ask("GET", API .. "/dropdown/templates_business").data[1].id
    local answer = post("/editor/template/" .. template, "model=M000045058&name=New+name")
    assert.equal(200, answer.status, answer.body)
  end)

  it("gives the updates of a project as a bare list", function()
    local id = post("/editor/project", project).data.projectId
    local answer = post("/editor/project/" .. id, { updates = {
      { sceneIdx = 0, type = "aiModel", values = { script = "changed" } } } })
    assert.equal(200, answer.status, answer.body)
  end)
end)

describe("a form", function()
  -- The post processor tells twice where a part begins whose data come later.
  it("may come in pieces that end anywhere", function()
    local body = form('name="files"; filename="one.pdf"\r\n\r\n1',
      'name="files"; filename="two.pdf"\r\n\r\n', 'name="files"; filename="three.pdf"\r\n\r\n333')
    for size = 1, #body, 7 do
      local connection <close> = http.connect(calls.server.port)
      connection:send("POST", API .. "/automation/docs-to-video/upload-files", { headers = {
        Authorization = calls.caller.token, ["Transfer-Encoding"] = "chunked",
        ["Content-Type"] = "multipart/form-data; boundary=line" } })
      for at = 1, #body, size do
        local piece = body:sub(at, at + size - 1)
        connection.tcp:send(("%x\r\n%s\r\n"):format(#piece, piece))
      end
      connection.tcp:send "0\r\n\r\n"
      local answer = connection:receive()
      local names = {}
      for name in answer.body:gmatch '"fileName":"([^"]*)"' do names[#names + 1] = name end
      assert.same({ "one.pdf", "two.pdf", "three.pdf" }, names, "pieces of " .. size)
    end
  end)
end)
