-- SPDX-License-Identifier: MIT
--
-- Each call that the core makes of the system or of libcurl fails once, at each
-- place of a client's life: nothing is reported as not bought that was bought,
-- an error says what is wrong, nothing is left, and the next client works.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local sweep = require "spec.support.sweep"

local PROJECT = support.project()
local LIMITS = { connect = 5, stall = 2, total = 5 }

describe("a call that fails", function ()
  local server, at, address, was_made
  local stores, store = 0, ""

  setup(function ()
    server = assert(sandbox.start { render_seconds = 0, download_bytes = 20000 })
    at = support.directory "failing"
    support.write_file(at .. "/paper.pdf", "%PDF" .. ("x"):rep(3000))
    local client <close> = assert(aistudios.new { base_url = server.url, app_id = server.app_id,
      user_key = server.user_key })
    address = assert(client:render(PROJECT)).download_url
  end)
  teardown(function () server:close() end)

  local function made() return #server:requests "create_project" end

  -- What a call that may cost says must be so.
  local function create(client)
    local before = made()
    local is_fine, result, err = pcall(client.create_project, client, PROJECT)
    local has_acted = made() > before
    if not is_fine then
      assert.truthy(tostring(result):find("memory", 1, true), result)
      assert.is_false(has_acted)
    elseif result then
      was_made = true
      assert.is_true(has_acted)
    else
      assert.truthy(err.message ~= "" and err.kind)
      assert.truthy(err.outcome == "unknown" or not has_acted, tostring(err))
    end
  end

  local function take(client, ...)
    local is_fine, result, err = pcall(client.download, client, address, at .. "/film.mp4", ...)
    if is_fine and result then
      assert.equal(20000, #support.read_file(at .. "/film.mp4"))
    else
      assert.truthy(is_fine and tostring(err) ~= "" or tostring(result):find("memory", 1, true),
        result)
    end
    os.remove(at .. "/film.mp4")
  end

  -- Each time with another store: of one account a failed fetch is remembered.
  local function live()
    os.remove(store)
    stores = stores + 1
    store = at .. "/token" .. stores
    local is_fine, client, err = pcall(aistudios.new, { base_url = server.url, retries = 0,
      app_id = server.app_id, user_key = server.user_key, token_store = store,
      timeout = LIMITS })
    if not is_fine then assert.truthy(tostring(client):find("memory", 1, true), client) end
    if is_fine and not client then assert.truthy(err.message:find "%w+ .*%w", tostring(err)) end
    if not is_fine or not client then return end
    create(client)
    take(client)
    take(client, { overwrite = false })
    pcall(client.upload_docs, client, { files = { at .. "/paper.pdf" } })
    client:close()
    is_fine, client = pcall(aistudios.new, { base_url = server.url, retries = 0,
      app_id = server.app_id, user_key = server.user_key, token_store = store })
    if not is_fine or not client then return end
    pcall(client.confirm_auth, client) -- reads the token that the first one left
    client:close()
  end

  it("of a thread says that the process can have none", function ()
    local seen = 0
    sweep("aistudios.core", "threads", function ()
      local client <close>, err = aistudios.new { base_url = server.url, token = "a-token" }
      if client then return true end
      seen = seen + 1
      assert(err.kind == "file" and err.retryable, err)
      assert(err.message:find("cannot start the threads of a client", 1, true), err)
    end)
    assert.is_true(seen > 0)
  end)

  it("ends a download that is under way", function ()
    local slow <close> = assert(sandbox.start { render_seconds = 0, download_bytes = 1 << 20,
      download_rate = 12 << 20 })
    local client <close> = support.client(slow, { retries = 0 })
    local film = assert(client:render(PROJECT)).download_url
    sweep("aistudios.core", "files", function ()
      local result, err = client:download(film, at .. "/film.mp4")
      assert(result or err.kind == "file", err)
      support.run(("rm -f '%s'/film*"):format(at))
      return result
    end)
  end)

  it("leaves no token that others can read in use", function ()
    local path = at .. "/open"
    local function confirm()
      local client <close> = assert(aistudios.new { base_url = server.url, retries = 0,
        app_id = server.app_id, user_key = server.user_key, token_store = path })
      return client:confirm_auth()
    end
    assert(confirm())
    sweep("aistudios.core", "files", function ()
      os.execute(("chmod 644 '%s'"):format(path))
      local is_fine, result, err = pcall(confirm)
      if not is_fine then error(result) end
      assert(result or err.message:find(path, 1, true), err)
      return result and support.run(("stat -c %%a '%s'"):format(path)):find "^600"
    end)
  end)

  it("of randomness leaves numbers that differ", function ()
    local function draw()
      local first
      sweep("aistudios.core", "system", function ()
        first = first or core.random()
        return true
      end)
      return first
    end
    local one, another = draw(), draw()
    assert.is_true(one >= 0 and one < 1 and another >= 0 and another < 1)
    assert.not_equal(one, another)
  end)

  for _, group in ipairs { "memory", "libcurl", "descriptors", "threads", "files", "system" } do
    it("leaves nothing behind: " .. group, function ()
      sweep("aistudios.core", group, function ()
        was_made = false
        live()
        return was_made
      end)
      live()
      assert.is_true(was_made)
    end)
  end
end)
