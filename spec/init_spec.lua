-- The public face.
local aistudios = require "aistudios"
local support = require "spec.support"

describe("aistudios", function()
  it("has a version, the hosts of the service and the table of endpoints", function()
    assert.equal("0.1.0", aistudios._VERSION)
    assert.equal("https://app.deepbrain.io", aistudios.hosts.deepbrain)
    assert.equal("https://app.aistudios.com", aistudios.hosts.global)
    assert.equal("https://app.aistudios.cn", aistudios.hosts.china)
    assert.equal("POST", aistudios.api.create_project.method)
    assert.is_nil(aistudios.nothing_of_that_name)
  end)

  it("shares its null with lua-cjson", function()
    assert.equal(require "cjson".null, aistudios.null)
  end)

  it("writes and reads JSON", function()
    assert.equal('{"a":[]}', aistudios.encode { a = aistudios.array {} })
    assert.equal('{"scenes":{}}', aistudios.encode { scenes = aistudios.object {} })
    assert.same({ a = { 1, 2.5 } }, aistudios.decode '{"a":[1,2.5]}')
    assert.equal(aistudios.null, aistudios.decode "null")
    assert.is_false(aistudios.decode "false")
  end)

  it("says where a table cannot be JSON, and what a text is not", function()
    local text, err = aistudios.encode { a = { { b = print } } }
    assert.is_nil(text)
    assert.equal("invalid", err.kind)
    assert.equal("a[1].b", err.problems[1].path)
    local value
    value, err = aistudios.decode "{"
    assert.is_nil(value)
    assert.equal("invalid", err.kind)
  end)

  it("checks a project without sending it", function()
    assert.is_true(aistudios.check(support.project()))
    local project = support.project()
    project.scenes[1].clips[1].type = "aiModle"
    local ok, err = aistudios.check(project)
    assert.is_nil(ok)
    assert.equal("invalid", err.kind)
    assert.equal("scenes[1].clips[1].type", err.problems[1].path)
  end)

  it("makes clients, and says what is missing for one", function()
    local client = assert(aistudios.new { app_id = "a", user_key = "k-1234" })
    assert.equal("aistudios.client: https://app.aistudios.com (open)", tostring(client))
    client:close()
    client:close()
    assert.equal("aistudios.client: https://app.aistudios.com (closed)", tostring(client))
  end)

  it("says why options are a string: require returns a file name too", function ()
    local client <close> = assert(aistudios.new { token = ("t"):rep(12) })
    for name, call in pairs {
      ["aistudios.check"] = aistudios.check, encode = aistudios.encode,
      create_project = function (...) return client:create_project(...) end,
      render = function (...) return client:render(...) end,
    } do
      local ok, message = pcall(call, { name = "x", scenes = {} }, "./second.lua")
      assert.is_false(ok)
      assert.truthy(message:find(name .. '((require "project"))', 1, true), message)
    end
  end)

  it("costs next to nothing before it is used", function()
    for _, name in ipairs { "aistudios.core", "aistudios.client", "cjson" } do
      local command = support.lua
        .. [[ -e 'require "aistudios" os.exit(package.loaded["%s"] == nil)']]
      assert.is_true(os.execute(command:format(name)), name)
    end
  end)

  it("raises at the caller when it is used wrongly", function()
    for i, f in ipairs {
      function() aistudios.new(12) end,
      function() aistudios.new { colour = 1 } end,
      function() aistudios.array "x" end,
      function() aistudios.object(nil) end,
      function() aistudios.decode(12) end,
      function() aistudios.encode({}, { prety = true }) end,
      function() aistudios.check "x" end,
    } do
      local ok, message = pcall(f)
      assert.is_false(ok, i)
      assert.truthy(message:find("init_spec.lua:", 1, true), message)
    end
  end)
end)
