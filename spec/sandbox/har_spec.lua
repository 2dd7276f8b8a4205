-- The archive of the requests is one by the specification of HAR 1.2: each object has what
-- it must have, and nothing else but names that begin with "_".
local aistudios = require "aistudios"
local calls = require "spec.support.sandbox_calls"
local http = require "spec.support.http"

before_each(function() calls.begin { render_seconds = 0, admin_port = 0 } end)
after_each(calls.finish)

local text, number, size = { "string" }, { "number" }, { "integer", least = -1 }
local pair = { "object", must = { name = text, value = text }, may = { comment = text } }
local pairs_of = { "list", of = pair }

local request = { "object",
  must = { method = text, url = { "string", like = "^https?://[^ ]+$" }, httpVersion = text,
    cookies = { "list" }, headers = pairs_of, queryString = pairs_of, headersSize = size,
    bodySize = size },
  may = { postData = { "object", must = { mimeType = text },
    may = { text = text, params = { "list" }, comment = text } }, comment = text } }
local response = { "object",
  must = { status = { "integer", least = 0 }, statusText = text, httpVersion = text,
    cookies = { "list" }, headers = pairs_of, redirectURL = text, headersSize = size,
    bodySize = size,
    content = { "object", must = { size = { "integer", least = 0 }, mimeType = text },
      may = { text = text, encoding = { "string", like = "^base64$" }, compression = number,
        comment = text } } },
  may = { comment = text } }
local entry = { "object",
  must = { startedDateTime = { "string",
      like = "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d+Z$" },
    time = { "number", least = 0 }, request = request, response = response,
    cache = { "object", must = {}, may = {} },
    timings = { "object", must = { send = number, wait = number, receive = number },
      may = { blocked = number, dns = number, connect = number, ssl = number } } },
  may = { pageref = text, serverIPAddress = text, connection = text, comment = text } }
local archive = { "object", must = { log = { "object",
  must = { version = { "string", like = "^1%.2$" }, entries = { "list", of = entry },
    creator = { "object", must = { name = text, version = text }, may = { comment = text } } },
  may = { browser = { "object" }, pages = { "list" }, comment = text } } }, may = {} }

local check

local function check_object(value, rule, path)
  for name in pairs(rule.must) do
    assert(value[name] ~= nil, path .. " has no " .. name)
  end
  for name, member in pairs(value) do
    local inner = rule.must[name] or rule.may[name]
    assert(inner or name:find "^_", ("%s has a %s"):format(path, name))
    if inner then check(member, inner, path .. "." .. name) end
  end
end

function check(value, rule, path)
  local kind = rule[1]
  if kind == "list" then
    assert(aistudios.encode(value):find "^%[", path .. " is no list")
    for i, item in ipairs(value) do
      if rule.of then check(item, rule.of, ("%s[%d]"):format(path, i - 1)) end
    end
  elseif kind == "object" then
    assert(aistudios.encode(value):find "^{", path .. " is no object")
    if rule.must then check_object(value, rule, path) end
  elseif kind == "integer" then
    assert(math.type(value) == "integer" and value >= rule.least, path .. " is no size")
  else
    assert(type(value) == kind, path .. " is no " .. kind)
    assert(not rule.like or value:find(rule.like), path .. " is wrong: " .. tostring(value))
    assert(not rule.least or value >= rule.least, path .. " is less than nothing")
  end
end

describe("the archive of the requests", function()
  it("is one of HAR 1.2, whatever came", function()
    local id = calls.create()
    calls.get("/editor/progress/" .. id)
    calls.ask("GET", calls.file_of(id)) -- not JSON, and no text
    calls.post("/editor/project", "{\xFF\0")
    calls.post("/tools/text-generator?a=1&b=%20", { topic = "Tea" })
    calls.post_form("/automation/translatevideos", { "target_0", "en-US" },
      { "file", "\xFF\xD8\0", "a.mp4" })
    calls.server:fault { on = "list_projects", kind = "drop_after_read" }
    calls.get "/editor/project"
    calls.get "/nowhere"
    local port = math.tointeger(calls.server.admin:match ":(%d+)")
    local answer = http.ask(port, "GET", "/requests?format=har")
    assert.equal(200, answer.status)
    local har = assert(aistudios.decode(answer.body))
    check(har, archive, "archive")
    assert.is_true(#har.log.entries >= 8)
    for _, found in ipairs(har.log.entries) do
      local timings = found.timings
      assert.is_true(math.abs(found.time - timings.send - timings.wait - timings.receive) < 0.001)
    end
  end)
end)
