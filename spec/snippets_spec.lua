-- SPDX-License-Identifier: MIT
--
-- The shell snippets of the README and its pages run as they are there, in a copy of
-- the examples, against a sandbox: an option or a file that is not there fails here.
-- What a user would fill in is filled in.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local root = support.run "pwd"

-- Ports that are not given to connections meanwhile.
local function other_ports(text)
  local port = math.random(10000, 15000) * 2
  return (text:gsub("8080", tostring(port)):gsub("8081", tostring(port + 1)))
end

-- What stands for something else, and what would go on for ever. `make` itself is the
-- business of those who call it: spec/docs_spec.lua looks whether the targets are there.
local filled = {
  { "\nmake [^\n]*", "" },
  { "AISTUDIOS_APP_ID=%.%.%. AISTUDIOS_USER_KEY=%.%.%.", "AISTUDIOS_APP_ID AISTUDIOS_USER_KEY" },
  { "%$%(make env%)", ("$(make --no-print-directory -C '%s' env)"):format(root) },
  { "'aistudios%-1%?%.%.%.'", '"$TOKEN"' },
  { "(\naistudios sandbox[^\n]*)", [[%1 >log &
    trap "kill $!; wait" EXIT; await '"url":"http']] },
  { "\ncc [^\n]*", "%0 " .. (os.getenv "SANITIZE" or "") }, -- as the library was built
  { "\ncurl ([^\n]*/wait%?[^\n]*)", -- nobody sends anything
    "\n[ \"$(curl -s -o answer -w '%%{http_code}' %1)\" = 408 ]" },
  { "\ncurl ", "\ncurl -sSf " },
  -- The snippet goes on with an unknown row: that waits for evidence until it is ended.
  { "(\naistudios batch run [^\n#]*)[^\n]*", [[%1 >log &
    await '"row":2,"state":"unknown"'; kill $!; wait $! || :]] },
  { "(\naistudios batch status [^\n#]*)", "%1 || [ $? = 5 ] " },
}

-- Waits until a text is in the log of what runs in the background.
local BEGIN = [[
set -e
await() {
  until grep -q "$1" log || ! kill -0 $!; do sleep 0.05; done
  grep -q "$1" log
}]]

local function script_of(text)
  text = other_ports(text)
  for _, rule in ipairs(filled) do text = text:gsub(rule[1], rule[2]) end
  return BEGIN .. text
end

describe("the shell snippets", function ()
  local server, at

  before_each(function ()
    server = assert(sandbox.start { render_seconds = 0 })
    at = support.run "mktemp -d" -- what pkg-config prints has no blanks
    support.run(("mkdir '%s/spec' && cp -R spec/examples '%s/spec'"):format(at, at))
  end)
  after_each(function ()
    server:close()
    support.run(("rm -r '%s'"):format(at))
  end)

  local function token()
    local client <close> = assert(server:client())
    local job = client.async:render(support.project())
    support.wait_until(function ()
      client:step()
      return #server:ledger() > 0 and job:token()
    end)
    return job:token()
  end

  --- Runs a snippet, in the folder of the examples or where it says.
  local function run(text)
    if text:find "pkg%-config" then
      support.run(("make -s install-static PREFIX='%s'"):format(at))
    end
    support.write_file(at .. "/script", script_of(text))
    local keys = server.app_id .. "\n" .. server.user_key .. "\n"
    support.write_file(at .. "/keys", keys)
    if text:find "batch run" then
      server:set { list_lag = 1000 }
      server:fault { on = "export_project", kind = "drop_after_read", times = "always" }
    end
    local folder = text:find "\ncd " and at or at .. "/spec/examples"
    support.run(([[cd '%s' && HOME='%s' XDG_CONFIG_HOME='%s/config' XDG_STATE_HOME='%s/state' \
      TMPDIR='%s' BROWSER=true AISTUDIOS_BASE_URL='%s' AISTUDIOS_STREAMING_URL='%s' \
      AISTUDIOS_APP_ID='%s' AISTUDIOS_USER_KEY='%s' TOKEN='%s' \
      PATH='%s/bin':"$PATH" PKG_CONFIG_PATH='%s/lib/pkgconfig' \
      sh -x '%s/script' <'%s/keys' 2>&1]]):format(folder, at, at, at, at, server.url,
      server.url, server.app_id, server.user_key, token(), support.build, at, at, at))
  end

  local count = 0
  for path in support.run "ls README.md spec/docs/*.md":gmatch "[^\n]+" do
    for text in support.read_file(path):gmatch "\n```sh(\n.-\n)```\n" do
      it(("of %s work: %s"):format(path, text:match "\n([^\n]*)"), function () run(text) end)
      count = count + 1
    end
  end
  assert(count == 8)
end)
