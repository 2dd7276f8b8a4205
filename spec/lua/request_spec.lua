-- What the core says of requests that it cannot make: they raise, and nothing is sent.
local core = require "aistudios.core"
local native = require "spec.support.native"
local socket = require "socket"
local support = require "spec.support"

local NOWHERE = "http://127.0.0.1:1/" -- nobody listens

local function with(fields)
  local request = { method = "POST", url = NOWHERE }
  for name, value in pairs(fields) do request[name] = value end
  return request
end

describe("a request to the core", function ()
  local handle

  before_each(function () handle = core.client { token = "a-token" } end)
  after_each(function () handle:close() end)

  it("is refused where it says two things, or one that there is not", function ()
    local body = assert(core.marshal { a = 1 })
    for said, request in pairs {
      ["parts: name: a string is expected"] = with { parts = { { name = 7, value = "x" } } },
      ["parts: path: contains a zero byte"] = with { parts = { { name = "a", path = "a\0b" } } },
      ["parts: each needs a name, and a value or a path"] = with { parts = { { name = "a" } } },
      ["a request has a body or parts, not both"] =
        with { body = body, parts = { { name = "a", value = "x" } } },
      ["a request that is not replayable needs a body"] = with { replayable = false },
      ["follow: not for requests with a token or a body"] =
        with { method = "GET", follow = 1, auth = "token" },
      ['auth: "token" is expected'] = with { body = body, auth = "basic" },
    } do
      local ok, message = pcall(handle.submit, handle, 1, request)
      assert.is_false(ok, said)
      assert.truthy(message:find(said, 1, true), message)
    end
    assert.equal(0, handle:stats().completed)
  end)

  it("is refused while 256 MiB of bodies are queued", function ()
    local silent = assert(socket.bind("127.0.0.1", 0))
    local _, port = silent:getsockname()
    local body = assert(core.marshal(("x"):rep(60 * 1024 * 1024)))
    local request = with { url = ("http://127.0.0.1:%d/"):format(port), body = body }
    for i = 1, 4 do assert(handle:submit(i, request)) end
    local transfer, message = handle:submit(5, request)
    silent:close()
    assert.is_nil(transfer)
    assert.truthy(message:find("too many bytes queued", 1, true), message)
  end)

  it("whose part is a directory fails by it", function ()
    assert(handle:submit(1, with { parts = { { name = "a", path = support.directory "part" } } }))
    repeat handle:wait(1) until handle:peek()
    local _, response = support.take(handle)
    assert.same({ "file", false }, { response.failure, response.sent })
    assert.truthy(response.message:find("directory", 1, true), response.message)
  end)
end)

describe("a request that is prepared", function ()
  it("has no body and no file, and is used while it is there", function ()
    local handle <close> = core.client { token = "a-token" }
    local body = assert(core.marshal { a = 1 })
    assert.error_matches(function () handle:prepare(with { body = body }) end,
      "only a request without body and file can be prepared")
    local prepared = handle:prepare(with { method = "GET" })
    debug.getmetatable(prepared).__gc(prepared)
    assert.error_matches(function () handle:submit(1, prepared) end, "the request is gone")
  end)
end)

describe("a client of the core", function ()
  it("raises in a child of fork, which closes it without a word", function ()
    local handle <close> = core.client { token = "a-token" }
    local child = native.fork(function ()
      local ok, message = pcall(handle.stats, handle)
      handle:close()
      return not ok and message:find("before fork", 1, true) ~= nil
    end)
    assert.equal(0, native.wait(child))
  end)

  it("with a key has an AppId and a place to ask for tokens", function ()
    local ok, message = pcall(core.client, { user_key = "a-key-of-a-user" })
    assert.is_false(ok)
    assert.truthy(message:find("user_key needs app_id and token_url", 1, true), message)
  end)
end)
