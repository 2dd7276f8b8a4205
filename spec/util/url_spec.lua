-- Addresses from users and servers.
local url = require "aistudios.util.url"

describe("a base address", function()
  it("loses its last slash and the path of the API", function()
    for _, text in ipairs {
      "https://app.example.com", "https://app.example.com/", "HTTPS://App.Example.com//",
      "https://app.example.com/api/odin/v3", "https://app.example.com/api/odin/v3/",
    } do
      assert.equal("https://app.example.com", url.base(text), text)
    end
  end)

  it("keeps its port and a prefix", function()
    assert.equal("https://[::1]:8443/gateway", url.base "https://[::1]:8443/gateway/api/odin/v3")
  end)

  it("may be plain http on this machine only", function()
    assert.equal("http://127.0.0.1:80", url.base "http://127.0.0.1:80")
    assert.equal("http://localhost:1", url.base "http://localhost:1")
    assert.equal("http://[::1]", url.base "http://[::1]")
    for _, text in ipairs { "http://app.example.com", "http://127.0.0.1.example.com",
      "http://localhost.example.com" } do
      local base, wanted = url.base(text)
      assert.is_nil(base, text)
      assert.truthy(wanted:find("https", 1, true))
    end
  end)

  it("is refused when it is odd", function()
    for _, text in ipairs {
      "", "app.example.com", "ftp://app.example.com", "https://", "https://a b",
      "https://user:key@app.example.com", "https://app.example.com:0",
      "https://app.example.com:99999", "https://app.example.com:port",
      "https://app.example.com/?key=1", "https://app.example.com/#a",
      "https://app.example.com\\@evil.example", "https://app.example.com\r\nX: y",
    } do
      local base, wanted = url.base(text)
      assert.is_nil(base, text)
      assert.equal("string", type(wanted))
    end
  end)
end)

describe("a path segment", function()
  it("is percent-encoded byte by byte", function()
    assert.equal("65fa6b07dca2e367461a2925", url.segment "65fa6b07dca2e367461a2925")
    assert.equal("a%2Fb%3Fc%23d%20%25", url.segment "a/b?c#d %")
    assert.equal("%E2%82%AC%00", url.segment "€\0")
    assert.equal("%2E%2E", url.segment "..")
  end)
end)
