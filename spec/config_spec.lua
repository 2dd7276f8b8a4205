-- The options of aistudios.new.
local config = require "aistudios.config"
local support = require "spec.support"

local function read(options)
  local all = { app_id = "app", user_key = "the-secret-key" }
  for name, value in pairs(options or {}) do all[name] = value end
  return config.read(all)
end

describe("the options of a client", function()
  it("have the documented defaults", function()
    local got = assert(read())
    assert.equal("https://app.aistudios.com", got.policy.base_url)
    assert.equal("https://app.aistudios.com/api/odin/v3/auth/token", got.core.token_url)
    assert.same({ connect = 10, stall = 30, total = 120 }, got.policy.timeout)
    assert.equal(2, got.policy.retries)
    assert.equal(16, got.core.max_in_flight)
    assert.equal(64 * 1024 * 1024, got.core.max_response_bytes)
    assert.is_true(got.policy.check)
  end)

  it("keep the secrets out of what the Lua side remembers", function()
    local got = assert(read { token = "issued-elsewhere" })
    for _, value in pairs(got.policy) do
      assert.is_true(value ~= "the-secret-key" and value ~= "issued-elsewhere")
    end
  end)

  it("that nobody knows are refused with a suggestion", function()
    local got, err, misuse = read { userkey = "x" }
    assert.is_nil(got)
    assert.is_nil(err)
    assert.truthy(misuse:find("unknown option 'userkey'; did you mean 'user_key'?", 1, true))
    misuse = select(3, read { timeout = { conect = 1 } })
    assert.truthy(misuse:find("unknown option 'timeout.conect'; did you mean 'connect'?", 1, true))
  end)

  it("of a wrong type or out of range are refused by name", function()
    local wrong = {
      app_id = 7, user_key = "two words", token = "a\nb", base_url = "http://example.com",
      timeout = 30, retries = 1.5, max_in_flight = 0, max_response_bytes = 10,
      ca_file = {}, proxy = 1, user_agent = "a\r\nb: c", check = "yes",
      on_event = "print", wait = 1, streaming_url = "nowhere",
    }
    for name, value in pairs(wrong) do
      local got, _, misuse = read { [name] = value }
      assert.is_nil(got, name)
      assert.truthy(misuse:find("option '" .. name .. "' must be", 1, true), misuse)
    end
    for _, seconds in ipairs { 0, -1, 0 / 0, "3" } do
      local _, _, misuse = read { timeout = { total = seconds } }
      assert.truthy(misuse:find("option 'timeout.total' must be", 1, true))
    end
  end)

  it("are never shown in the message when they may be secret", function()
    local _, _, misuse = read { user_key = "very secret" }
    assert.is_nil(misuse:find("very secret", 1, true))
    _, _, misuse = read { token = 123456789 }
    assert.is_nil(misuse:find("123456789", 1, true))
  end)

  it("take math.huge for no limit", function()
    local got = assert(read { timeout = { total = math.huge } })
    assert.equal(0, got.core.total_timeout)
    assert.equal(10, got.core.connect_timeout)
  end)

  it("take an object that can be called for a function", function()
    assert.truthy(read { on_event = setmetatable({}, { __call = function() end }) })
  end)

  it("that are missing credentials name option and environment variable", function()
    local getenv = os.getenv
    os.getenv = function() return nil end -- luacheck: ignore
    local got, err = config.read {}
    os.getenv = getenv -- luacheck: ignore
    assert.is_nil(got)
    assert.equal("auth", err.kind)
    assert.equal("not_sent", err.outcome)
    for _, word in ipairs { "app_id", "AISTUDIOS_APP_ID", "user_key", "AISTUDIOS_USER_KEY" } do
      assert.truthy(err.message:find(word, 1, true), word)
    end
  end)

  it("come from the environment where they are absent", function()
    local getenv, values = os.getenv, {
      AISTUDIOS_APP_ID = "from-env", AISTUDIOS_USER_KEY = "key-from-env",
      AISTUDIOS_BASE_URL = "https://env.example.com/",
    }
    os.getenv = function(name) return values[name] end -- luacheck: ignore
    local got = config.read { user_key = "given" }
    values.AISTUDIOS_BASE_URL = "http://env.example.com/"
    local refused, err = config.read {}
    os.getenv = getenv -- luacheck: ignore
    assert.equal("from-env", got.core.app_id)
    assert.equal("given", got.core.user_key)
    assert.equal("https://env.example.com", got.policy.base_url)
    assert.is_nil(refused)
    assert.truthy(err.message:find("AISTUDIOS_BASE_URL", 1, true))
  end)

  it("have an identity of their own, unless another is given", function()
    assert.equal("aistudios-lua/" .. require "aistudios"._VERSION,
      assert(read()).core.user_agent)
    assert.equal("mine/1", assert(read { user_agent = "mine/1" }).core.user_agent)
  end)

  it("understand the address of an endpoint as that of its host", function()
    for _, path in ipairs { "/api/odin/v3", "/api/odin/v3/editor/project",
      "/api/odin/editor/progress/", "/" } do
      assert.equal("https://example.com/here",
        assert(read { base_url = "https://example.com/here" .. path }).policy.base_url)
    end
  end)

  it("drop the blanks and line ends that copying adds to credentials", function()
    local got = assert(read { app_id = " app\n", user_key = "the-key\r\n" })
    assert.equal("app", got.core.app_id)
    assert.equal("the-key", got.core.user_key)
    assert.equal("issued", assert(read { token = "issued\n" }).core.token)
  end)

  it("pass over a broken key of the environment beside a token", function()
    local getenv = os.getenv
    local values = { AISTUDIOS_USER_KEY = "two words",
      AISTUDIOS_STREAMING_URL = "https://live.test" }
    os.getenv = function(name) return values[name] end -- luacheck: ignore
    local got, err = config.read { token = "issued" }
    local refused = config.read { app_id = "a" }
    os.getenv = getenv -- luacheck: ignore
    assert.is_nil(err)
    assert.is_nil(got.core.user_key)
    assert.equal("https://live.test", got.policy.streaming_url)
    assert.is_nil(refused)
  end)

  it("take false and \"\" for no proxy", function()
    assert.equal("", assert(read { proxy = false }).core.proxy)
    assert.equal("", assert(read { proxy = "" }).core.proxy)
    assert.is_nil(assert(read {}).core.proxy)
    assert.truthy(select(3, read { proxy = true }):find("or false for none", 1, true))
  end)

  it("find the certificate authorities where curl and OpenSSL do", function()
    local getenv, values = os.getenv, { CURL_CA_BUNDLE = "/b.pem" }
    os.getenv = function(name) return values[name] end -- luacheck: ignore
    local second = read()
    values.SSL_CERT_FILE = "/a.pem"
    local first, given = read(), read { ca_file = "/c.pem" }
    os.getenv = getenv -- luacheck: ignore
    assert.equal("/b.pem", second.core.ca_file)
    assert.equal("/a.pem", first.core.ca_file)
    assert.equal("/c.pem", given.core.ca_file)
  end)

  it("name their files whatever the working directory is by then", function()
    local lfs, here, folder = require "lfs", require "lfs".currentdir(), support.directory "config"
    local authority = support.read_file(support.certificates().ca_cert)
    local server = support.nginx { server = 'location / { return 200 "[]"; }' }
    support.write_file(folder .. "/ca.pem", authority)
    lfs.chdir(folder)
    local client = assert(require "aistudios".new { base_url = server.url, retries = 0,
      token = "issued-elsewhere", ca_file = "ca.pem" })
    lfs.chdir "/"
    local models, err = client:list_models()
    client:close()
    lfs.chdir(here)
    server:close()
    assert.truthy(models, tostring(err))
  end)

  it("name no file by a working directory that is gone", function()
    local folder = support.directory "config"
    local printed = support.run(("mkdir '%s/gone' && cd '%s/gone' && rmdir '%s/gone' && %s -e '%s'")
      :format(folder, folder, folder, support.lua, [[
        local new = require "aistudios".new
        for _, option in ipairs { "ca_file", "token_store" } do
          local client, err = new { app_id = "a", user_key = "k", [option] = "a-file" }
          assert(not client and err.kind == "invalid" and err.message:find(option, 1, true)
            and err.message:find("working directory", 1, true), err)
          new { app_id = "a", user_key = "k", [option] = "/a-file" }:close()
        end
        local client <close> = assert(new { token = "t" })
        local _, err = client:upload_docs { files = { "slides.pdf" } }
        assert(err.kind == "invalid" and err.outcome == "not_sent", err)
        print(err.problems[1].path, err.problems[1].message)]]))
    assert.truthy(printed:find "^files%[?1?%]?%s+the working directory cannot be read", printed)
  end)

  it("need no key when a token was issued elsewhere", function()
    local getenv = os.getenv
    os.getenv = function() return nil end -- luacheck: ignore
    local got = config.read { token = "issued-elsewhere" }
    os.getenv = getenv -- luacheck: ignore
    assert.equal("issued-elsewhere", got.core.token)
    assert.is_true(got.policy.is_token_given)
  end)
end)
