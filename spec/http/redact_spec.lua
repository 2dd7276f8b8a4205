-- Secrets are found in the forms in which servers send them back.
local core = require "aistudios.core"
local mime = require "mime"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local KEY = 'k/ey+"w\\ith~odd%chars'

local function redact(text, key, most)
  local handle <close> = core.client { app_id = "an-id", user_key = key or KEY,
    token_url = "http://127.0.0.1:1/" }
  return handle:redact(text, nil, most)
end

local function percent(text, format)
  return (text:gsub("[^%w~]", function (c) return format:format(c:byte()) end))
end

describe("redaction finds a secret", function ()
  it("as it is", function ()
    assert.equal("of [secret]", redact "of an-id") -- the AppId
    assert.equal("a [secret] b [secret]", redact("a " .. KEY .. " b " .. KEY))
  end)

  it("with the escapes of JSON", function ()
    local escaped = KEY:gsub('[/"\\]', "\\%0")
    assert.equal('{"key":"[secret]"}', redact('{"key":"' .. escaped .. '"}'))
    local unicode = KEY:gsub("[^%w]", function (c) return ("\\u%04x"):format(c:byte()) end)
    assert.equal("[secret]", redact(unicode))
  end)

  it("percent-encoded, in whole or in part", function ()
    assert.equal("?k=[secret]&", redact("?k=" .. percent(KEY, "%%%02X") .. "&"))
    assert.equal("?k=[secret]&", redact("?k=" .. percent(KEY, "%%%02x") .. "&"))
    assert.equal("[secret]", redact((KEY:gsub("%%", "%%25"))))
  end)

  it("with HTML entities, as a page shows it", function ()
    local escaped = KEY:gsub('[&<>"\']', { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;",
      ['"'] = "&quot;", ["'"] = "&apos;" })
    assert.equal("<p>[secret]</p>", redact("<p>" .. escaped .. "</p>"))
    for _, form in ipairs { "&#%d;", "&#x%x;", "&#X%04X;" } do
      assert.equal("[secret];", redact(percent(KEY, form) .. ";"))
    end
    local odd = "a&b<c>d'e\"f"
    assert.equal("[secret] &amp; &#x2; &#; &", redact(
      "a&amp;b&lt;c&gt;d&#39;e&quot;f &amp; &#x2; &#; &", odd))
  end)

  it("in other cases, as names of hosts come back, unless it is as short as a word", function ()
    assert.equal("no host [secret].example", redact("no host " .. KEY:lower() .. ".example"))
    assert.equal("[secret]", redact(percent(KEY:upper(), "%%%02X")))
    assert.equal("AN-ID [secret]", redact "AN-ID an-id")
  end)

  it("inside base64, wherever in the text it begins", function ()
    for _, before in ipairs { "", "u", "id", "an-id:" } do
      local text = mime.b64(before .. KEY .. " and more")
      local clean = redact("Basic " .. text)
      assert.truthy(clean:find("[secret]", 1, true), clean)
      assert.is_nil(clean:find(text:sub(10, 24), 1, true))
      assert.truthy(redact((text:gsub("%+", "-"):gsub("/", "_"))):find("[secret]", 1, true))
    end
  end)

  -- PHP writes "/" as "\\/" in JSON: such a base64 was shown.
  it("inside base64 that is escaped or encoded once more", function ()
    local key = "key?of?SECRET?KEY?98765~~~>>>"
    for _, before in ipairs { "", "u", "id" } do
      local text = mime.b64(before .. key)
      assert.truthy(text:find "[/+]")
      for _, form in ipairs { (text:gsub("/", "\\/")), percent(text, "%%%02X"),
        percent(text, "%%%02x"), percent(text, "\\u%04x") } do
        local clean = redact(form, key)
        assert.truthy(clean:find("[secret]", 1, true), clean)
        assert.is_true(#clean < 30, clean)
      end
    end
  end)

  it("of which a text that was cut has the beginning only", function ()
    for _, form in ipairs { KEY, percent(KEY, "%%%02X"), mime.b64(KEY) } do
      local clean = redact("ends with " .. form:sub(1, -4))
      assert.equal("ends with [secret]", clean)
    end
    assert.equal("ends with k/e", redact "ends with k/e")
  end)

  it("of which 64 characters are there, and then others", function ()
    local chars = {}
    for i = 1, 300 do chars[i] = string.char(33 + i * i % 94) end
    local key = table.concat(chars)
    for _, form in ipairs { key, percent(key, "%%%02X"), mime.b64(key), mime.b64("u" .. key) } do
      local clean = redact("it was " .. form:sub(1, 3 * 70) .. "~ of it", key)
      assert.truthy(clean:find("^it was .?.?%[secret%].*~ of it$"), clean)
      assert.is_true(#clean < 30, clean)
    end
    local short = key:sub(1, 63)
    assert.equal(short .. " of it", redact(short .. " of it", key))
  end)

  it("as fast in a text that resembles it as in any other", function ()
    local began = os.clock()
    for _, piece in ipairs { "a", "aA", "/", "%41", "aGVs" } do
      local key = piece:rep(15000 // #piece) .. "b"
      for _, text in ipairs { piece, mime.b64(piece:rep(12)), percent(piece, "%%%02X") } do
        redact((text:rep(4000):sub(1, 20000) .. "."):rep(10), key)
      end
    end
    assert.is_true(os.clock() - began < (support.is_slow and 60 or 3))
  end)

  it("as far as is asked for, and a little beyond", function ()
    local text = ("x"):rep(10) .. KEY .. ("y"):rep(1000)
    assert.equal(("x"):rep(5), redact(text, nil, 5))
    assert.equal(("x"):rep(10) .. "[secret]", redact(text, nil, 11))
    assert.equal(("x"):rep(10) .. "[secret]yy", redact(text, nil, 20))
    assert.equal(("x"):rep(10) .. "[secret]" .. ("y"):rep(1000), redact(text, nil, 5000))
    assert.equal("", redact(text, nil, 0))
    assert.equal("", redact("", nil, 5000))
  end)

  it("that is random, in every form, in a random text", function ()
    local seed = os.time()
    print("seed of redact_spec: " .. seed)
    math.randomseed(seed)
    for _ = 1, 500 do
      local chars = {}
      for i = 1, math.random(12, 60) do chars[i] = string.char(math.random(33, 126)) end
      local key = table.concat(chars)
      local before = ("x"):rep(math.random(0, 5))
      for _, form in ipairs { key, percent(key, "%%%02X"), mime.b64(before .. key) } do
        local clean = redact(before .. form .. "yz", key)
        assert.truthy(clean:find("[secret]", 1, true), key .. "\n" .. clean)
        assert.is_nil(clean:find(key, 1, true))
      end
    end
  end)

  it("and leaves other texts alone", function ()
    local text = "nothing of it: k/ey, %6B, a2V5, \\u0041 " .. ("abc "):rep(1000)
    assert.equal(text, redact(text))
  end)
end)

describe("redaction of what a server echoes", function ()
  it("finds the access token, and those before it", function ()
    local server <close> = assert(sandbox.start())
    local client <close> = support.client(server)
    local tokens = {}
    for i = 1, 3 do
      client:forget_token()
      assert(client:list_projects())
      tokens[i] = support.requests(server, "list_projects")[i].headers.authorization
    end
    assert.are_not.equal(tokens[1], tokens[3])
    for _, token in ipairs(tokens) do
      server:fault { on = "list_projects", kind = "status", status = 400, body = "saw " .. token }
      local _, err = client:list_projects()
      assert.equal("saw [secret]", err.body)
    end
  end)
end)
