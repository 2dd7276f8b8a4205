-- SPDX-License-Identifier: MIT
--
-- failing_memory: a program with failing_memory.so preloaded. It does one thing again and
-- again, and each time the next allocation of one library fails. Prints how many could.
--
--   lua5.4 spec/support/failing_memory.lua NAME

local aistudios = require "aistudios"
local native = require "spec.support.native"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local CORE, SANDBOX = "/aistudios/core.so", "/aistudios/sandbox/core.so"
local MOST = 3000 -- of one thing

local at = support.directory("failing_memory-" .. arg[1])
support.write_file(at .. "/slides.pdf", ("%PDF-1.4\n"):rep(1000))

--- What came of `f`: true, or an error with an outcome, or a text that speaks of memory.
local function judge(ok, value, err)
  if ok and value then return true end
  local cause = ok and err or value
  assert(type(cause) == "table" and cause.outcome or tostring(cause):find "[Mm]emory", cause)
  return false
end

--- Calls `f` until none of the library's allocations in it fails. `look`, when given, is
--- called after each.
local function sweep(library, f, look)
  for n = 1, MOST do
    native.fail_allocation(library, n)
    local ok, value, err = pcall(f)
    local left = native.fail_allocation(library, 0)
    assert(left >= 0, "no such library")
    local is_good = judge(ok, value, err)
    if look then look(is_good, ok and value, err) end
    if left > 0 then
      assert(is_good, ok and err or value)
      return print(n - 1)
    end
  end
  error "it never ends"
end

local tests = {}

--- A server, and a client of it that has a token.
local function start(options)
  local server = sandbox.start(options or { render_seconds = 0 })
  local client = support.client(server)
  assert(client:list_projects())
  return server, client
end

--- Nothing that was sold is told as unsold.
local function compare_with(server)
  local sold = #server:ledger()
  return function (is_good, _, err)
    local more = #server:ledger() - sold
    sold = sold + more
    assert(more <= 1)
    if is_good then assert(more == 1) return end
    local outcome = type(err) == "table" and err.outcome or "not_sent"
    assert(more == 0 or outcome == "unknown", outcome)
  end
end

function tests.client()
  local server = start()
  local options = { app_id = server.app_id, user_key = server.user_key, base_url = server.url,
    token_store = at .. "/token", proxy = "http://name:password@127.0.0.1:1",
    user_agent = "an agent", ca_file = at .. "/slides.pdf" }
  sweep(CORE, function ()
    local client, err = aistudios.new(options)
    if not client then return nil, err end
    client:close()
    return true
  end)
end

function tests.call()
  local server, client = start()
  local project = support.project()
  project.isExport = true
  sweep(CORE, function () return client:create_project(project) end, compare_with(server))
end

-- With a token that is fetched, and kept in a file.
function tests.token()
  local server = start()
  sweep(CORE, function ()
    os.remove(at .. "/token")
    local client <close> = support.client(server, { token_store = at .. "/token" })
    return client:list_projects()
  end)
end

function tests.refused_token()
  local server = start()
  sweep(CORE, function ()
    local client <close> = support.client(server, { user_key = "another", retries = 0 })
    local _, err = client:list_projects()
    return err.kind == "auth", err
  end)
end

function tests.upload()
  local server, client = start()
  sweep(CORE, function ()
    return client:translate_video { file = at .. "/slides.pdf", targets = { "de-DE" } }
  end, compare_with(server))
end

function tests.download()
  local _, client = start { render_seconds = 0, download_bytes = 300000 }
  local made = assert(client:create_project(support.project()))
  local address = assert(client:wait_for_video(made.project_id, { interval = 0.01 })).download_url
  local path = at .. "/film.mp4"
  sweep(CORE, function () return client:download(address, path) end, function (is_good)
    assert((support.read_file(path) ~= nil) == is_good)
    os.remove(path)
  end)
end

function tests.json()
  local text = ('[{"a":"\\u00e9\\n","b":[1,2.5e10,-3,true,null],"c":{"d":%s}}]'):format(
    ("9"):rep(40))
  local project = support.project()
  sweep(CORE, function ()
    local value = aistudios.decode(text)
    return value and aistudios.encode(value) and aistudios.check(project) ~= nil
      and aistudios.storyboard(project)
  end)
end

function tests.sandbox()
  sweep(SANDBOX, function ()
    local server, err = sandbox.start { render_seconds = 0 }
    if not server then return nil, err end
    server:close()
    return true
  end)
end

function tests.service()
  local server, client = start()
  local project = support.project()
  sweep(SANDBOX, function ()
    local made = client:create_project(project)
    if made then client:get_project(made.project_id) end
    client:translate_video { file = at .. "/slides.pdf", targets = { "de-DE" } }
    return true
  end)
  assert(client:create_project(project))
  server:close()
end

tests[arg[1]]()
