-- SPDX-License-Identifier: MIT
--
-- A request that is refused is told what was probably meant.

local cjson = require "cjson"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local API = "/api/odin/v3"
local server, caller

before_each(function()
  server = assert(sandbox.start())
  caller = http.caller(server)
end)
after_each(function() server:close() end)

local function message_of(path, body)
  local answer = caller:ask("POST", API .. path, body)
  assert.equal(400, answer.status)
  return answer.json.error.msg
end

local function project(change)
  local whole = cjson.decode(support.read_file "spec/fixtures/hello-project.json")
  change(whole, whole.scenes[1], whole.scenes[1].clips)
  return whole
end

describe("a near miss", function()
  it("names the field that is nearest, wherever it is", function()
    assert.equal("text is required; 'txt' is not known, the nearest field is 'text'",
      message_of("/simple/custom", { language = "en", txt = "x", model = "m" }))
    local message = message_of("/editor/project", project(function(_, _, clips)
      for _, clip in ipairs(clips) do clip.widht, clip.width = clip.width, nil end
    end))
    assert.equal("scenes[0].clips[0].width is required: a number of 0 px or more; is 'widht' meant "
      .. "for it?; scenes[0].clips[0].widht is not a field that is documented here; did you mean "
      .. "'width'?", message)
  end)

  it("knows the fields of each type of clip, and of parts of a form", function()
    local message = message_of("/editor/project", project(function(_, _, clips)
      clips[#clips + 1] = { id = "t", type = "textImage", layer = 9, left = 0, top = 0,
        width = 9, height = 9, text = "x", fill = "red", fontsize = 9 }
    end))
    assert.truthy(message:find("fontSize is required: a number of 1 pt or more; is 'fontsize' "
      .. "meant for it?", 1, true), message)
    local answer = caller:send(API .. "/editor/project/pptpdf", { { "flie", "x", "a.pdf" } })
    assert.equal("file is required; 'flie' is not known, the nearest field is 'file'",
      answer.json.error.msg)
  end)

  it("is said with any refusal, and with none that is not near", function()
    assert.equal('resolution "1080p" is not one of "4k", "1080", "720", "480"; did you mean '
      .. "'1080'?; webhook_url is not a field that is documented here; did you mean 'webhookUrl'?",
      message_of("/editor/project", project(function(whole)
        whole.resolution, whole.webhook_url = "1080p", "x"
      end)))
    assert.equal("text is required", message_of("/simple/custom",
      { language = "en", model = "m", something = 1, texts = cjson.null and nil }))
  end)

  it("names the path that is nearest, or its methods", function()
    local answer = caller:ask("GET", API .. "/editor/projects")
    assert.equal("no such call: GET /api/odin/v3/editor/projects; did you mean "
      .. "'/api/odin/v3/editor/project'?", answer.json.error.msg)
    answer = caller:ask("GET", API .. "/editor/project/export/")
    assert.equal(404, answer.status)
    answer = caller:ask("PUT", API .. "/editor/project")
    assert.equal("no such call: PUT /api/odin/v3/editor/project; this path takes DELETE, GET, "
      .. "POST", answer.json.error.msg)
  end)
end)
