-- SPDX-License-Identifier: MIT
--
-- Projects from templates and documents.

local calls = require "spec.support.sandbox_calls"

local get, post, post_form, message_of = calls.get, calls.post, calls.post_form, calls.message_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a project from a template", function()
  local TEMPLATE = "655c744d2b4d3b4051400be0"

  local function scenes_of(id) return get("/editor/project/" .. id).data.project.scenes end

  it("is created, changed by tags, and rendered only on demand", function()
    local id = post("/editor/template/" .. TEMPLATE, { name = "N", aiName = "M7" })
      .data.projectId
    assert.equal("M7", scenes_of(id)[1].scripts[1].modelId)
    assert.equal(0, #calls.server:ledger())
    local changed = post("/editor/project/modify", { projectId = id, isExport = true,
      updates = { title = "first", title_2 = "third", subtitles_1 = "sub", scripts_3 = "said" } })
      .data.projectId
    local scenes = scenes_of(changed)
    assert.equal("first", scenes[1].clips[2].text)
    assert.equal("third", scenes[3].clips[2].text)
    assert.equal("sub", scenes[2].clips[3].text)
    assert.equal("said", scenes[4].scripts[1].org)
    assert.equal(1, #calls.server:ledger())
  end)

  it("is created as the vendor's samples do: GET, a query with POST, a web form", function()
    local path = "/editor/template/" .. TEMPLATE
    local id = get(path .. "?name=By%20GET&model=M8&clothes=B8").data.projectId
    assert.equal("By GET", get("/editor/project/" .. id).data.project.name)
    assert.equal("M8", scenes_of(id)[1].scripts[1].modelId)
    id = post(path .. "?aiName=M9").data.projectId
    assert.equal("M9", scenes_of(id)[1].scripts[1].modelId)
    id = post(path .. "?name=query", "name=form&clothId=B7",
      { ["Content-Type"] = "application/x-www-form-urlencoded" }).data.projectId
    assert.equal("form", get("/editor/project/" .. id).data.project.name)
    assert.equal("B7", scenes_of(id)[1].scripts[1].clothId)
    assert.truthy(message_of(post(path, { name = 1 })):find("name must be a string", 1, true))
  end)

  it("is created and changed in one call", function()
    local id = post("/editor/template/modify", { templateId = TEMPLATE,
      updates = { scripts = "said" } }).data.projectId
    assert.equal("said", scenes_of(id)[1].scripts[1].org)
    assert.equal(0, #calls.server:ledger())
    local answer = post("/editor/template/modify", { templateId = TEMPLATE,
      updates = { headline = "x" } })
    assert.truthy(message_of(answer):find("updates.headline", 1, true))
    answer = post("/editor/template/modify", { templateId = TEMPLATE, updates = { title = 5 } })
    assert.equal("updates.title must be a string", message_of(answer))
  end)

  it("is made of a document, whose kind is checked", function()
    local path = "/editor/project/pptpdf"
    local id = post_form(path, { "name", "My deck" }, { "file", "%PDF-1.4", "deck.PDF" })
      .data.projectId
    assert.equal("My deck", get("/editor/project/" .. id).data.project.name)
    assert.truthy(message_of(post_form(path, { "file", "x", "deck.txt" })):find("pdf, pptx, ppt"))
    assert.equal("file is required", message_of(post_form(path, { "name", "x" })))
    assert.equal("file must be a file", message_of(post_form(path, { "file", "x" })))
    assert.truthy(message_of(post(path, "{}")):find("multipart", 1, true))
  end)
end)
