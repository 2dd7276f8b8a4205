-- Proxies: what they are asked for, and what never is.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

--- Runs a program with all the environment's proxies set to `proxy`.
local function with_proxies(proxy, code)
  local path = support.directory "proxy" .. "/program.lua"
  support.write_file(path, code)
  local environment = {}
  for _, name in ipairs { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
    environment[#environment + 1] = ("%s='%s'"):format(name, proxy)
  end
  return support.run(("env -u no_proxy -u NO_PROXY %s %s '%s' 2>&1")
    :format(table.concat(environment, " "), support.lua, path))
end

describe("a service of this machine", function ()
  it("is reached without the environment's proxy, and without the option's", function ()
    local server <close> = assert(sandbox.start { render_seconds = 0 })
    local dead = "http://127.0.0.1:" .. support.free_port()
    for _, host in ipairs { "127.0.0.1", "LocalHost" } do
      for _, option in ipairs { "nil", ("%q"):format(dead) } do
        local said = with_proxies(dead, ([[
          local client <close> = assert(require "aistudios".new {
            base_url = %q, app_id = %q, user_key = %q, proxy = %s, retries = 0 })
          print(client:list_projects())]]):format(
          ("http://%s:%d"):format(host, server.port), server.app_id, server.user_key, option))
        assert.truthy(said:find "^table: ", said)
      end
    end
  end)
end)

describe("any other service", function ()
  it("is asked for through the environment's proxy", function ()
    local proxy = assert(require "socket".bind("127.0.0.1", 0))
    local _, port = proxy:getsockname()
    proxy:settimeout(10)
    for _, host in ipairs { "127.0.0.1.example", "localhost.example", "127a.example" } do
      -- in the background: it talks to the proxy here
      os.execute(([[
        env -u no_proxy -u NO_PROXY https_proxy=http://127.0.0.1:%d %s -e '
          local client <close> = assert(require "aistudios".new {
            base_url = "https://%s", token = ("t"):rep(12), retries = 0 })
          client:list_projects()' &]]):format(port, support.lua, host))
      local connection = assert(proxy:accept())
      connection:settimeout(10)
      assert.equal("CONNECT " .. host .. ":443 HTTP/1.1", (connection:receive "*l"))
      connection:close()
    end
    proxy:close()
  end)
end)

describe("the credentials of a proxy", function ()
  it("stand in no text", function ()
    local client <close> = require "aistudios.core".client {
      proxy = "http://someone:pass-word-9@127.0.0.1:1" }
    assert.equal("no [secret] and no [secret]",
      client:redact "no someone:pass-word-9 and no pass-word-9")
  end)
end)
