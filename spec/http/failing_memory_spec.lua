-- SPDX-License-Identifier: MIT
--
-- One allocation of the module fails, each in its turn: an error says so, nothing is told
-- wrongly, and the next call goes on.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local sweep = require "spec.support.sweep"

describe("memory that ends, at each place,", function ()
  local at, server, client

  before_each(function ()
    at = support.directory "failing_memory"
    support.write_file(at .. "/slides.pdf", ("%PDF-1.4\n"):rep(1000))
    server = sandbox.start { render_seconds = 0, download_bytes = 300000 }
    client = support.client(server)
    assert(client:list_projects())
  end)
  after_each(function ()
    client:close()
    server:close()
  end)

  --- Sweeps `f`, of which comes a value, or an error with an outcome, or a text that speaks
  --- of memory. `look`, when given, is called after each.
  local function try(f, look)
    sweep("aistudios.core", "memory", function ()
      local ok, value, err = pcall(f)
      local is_good = ok and value and true
      local cause = ok and err or value
      assert(is_good or type(cause) == "table" and cause.outcome
        or tostring(cause):find "[Mm]emory", cause)
      if look then look(is_good, err) end
      return is_good
    end)
  end

  --- Nothing that was sold is told as unsold.
  local function compare_with_ledger()
    local sold = #server:ledger()
    return function (is_good, err)
      local more = #server:ledger() - sold
      sold = sold + more
      assert(more <= 1)
      if is_good then assert(more == 1) return end
      local outcome = type(err) == "table" and err.outcome or "not_sent"
      assert(more == 0 or outcome == "unknown", outcome)
    end
  end

  it("makes no client, or a whole one", function ()
    local options = { app_id = server.app_id, user_key = server.user_key, base_url = server.url,
      token_store = at .. "/token", proxy = "http://name:password@127.0.0.1:1",
      user_agent = "an agent", ca_file = at .. "/slides.pdf" }
    try(function ()
      local made, err = aistudios.new(options)
      if made then made:close() end
      return made, err
    end)
  end)

  it("keeps no job whose request was not handed over", function ()
    local raised, kept = 0, 0
    try(function ()
      local ok, job = pcall(client.async.list_projects, client.async)
      if ok then
        job:wait()
        return job:result()
      end
      raised = raised + 1
      for _, waits in pairs(client.scheduler.waiting) do kept = kept + (waits and 1 or 0) end
      error(job, 0)
    end)
    assert.is_true(raised > 0)
    assert.equal(0, kept)
  end)

  it("is an error of a client with a token of its own", function ()
    local token = client:credentials().token or "a-token"
    try(function ()
      local own <close> = assert(aistudios.new { base_url = server.url, token = token })
      local _, err = own:list_projects()
      return err == nil or err.kind == "auth", err
    end)
  end)

  it("is no answer to a call that costs", function ()
    local project = support.project()
    project.isExport = true
    try(function () return client:create_project(project) end, compare_with_ledger())
  end)

  it("is an error of a token that is fetched, and kept in a file", function ()
    try(function ()
      os.remove(at .. "/token")
      local own <close> = support.client(server, { token_store = at .. "/token" })
      return own:list_projects()
    end)
  end)

  it("is told of a token that is refused", function ()
    try(function ()
      local own <close> = support.client(server, { user_key = "another", retries = 0 })
      local _, err = own:list_projects()
      return err.kind == "auth", err
    end)
  end)

  it("is no answer to an upload, and none is sent without its file", function ()
    local compare = compare_with_ledger()
    try(function ()
      return client:translate_video { file = at .. "/slides.pdf", targets = { "de-DE" } }
    end, function (is_good, err)
      assert(is_good or type(err) ~= "table" or (err.status or 200) == 200, err)
      compare(is_good, err)
    end)
  end)

  local function film_address()
    local made = assert(client:create_project(support.project()))
    return assert(client:wait_for_video(made.project_id, { interval = 0.01 })).download_url
  end

  it("leaves nothing else of a film instead of which another one comes", function ()
    local address, path = film_address(), at .. "/film.mp4"
    try(function ()
      os.remove(path)
      support.write_file(path .. ".part", "the first bytes")
      support.write_file(path .. ".part.etag", '"another"')
      return client:download(address, path, { retries = 0 })
    end, function (is_good)
      if is_good then return assert.equal(300000, #support.read_file(path)) end
      local part = support.read_file(path .. ".part")
      assert(not part or part == "the first bytes" or part:find("ftyp", 1, true), part)
      assert.is_nil((support.read_file(path)))
    end)
  end)

  it("leaves no part of a download", function ()
    local address, path = film_address(), at .. "/film.mp4"
    try(function () return client:download(address, path) end, function (is_good)
      local film = support.read_file(path)
      assert(film and #film == (is_good and 300000) or not film and not is_good)
      os.remove(path)
    end)
  end)

  it("is an error of JSON, a check and a storyboard", function ()
    local text = ('[{"a":"\\u00e9\\n","b":[1,2.5e10,-3,true,null],"c":{"d":%s}}]'):format(
      ("9"):rep(40))
    local project, long = support.project(), ("x"):rep(100000)
    try(function ()
      local value = aistudios.decode(text)
      return value and aistudios.encode { value, long } and aistudios.check(project) ~= nil
        and aistudios.storyboard(project)
    end)
  end)
end)
