-- Waiting for what was begun elsewhere, and bringing it home.
local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local QUICK = { interval = 0.02, longest_interval = 0.1 }

local server, client, folder

local function with(more) return copy(more, copy(QUICK)) end

before_each(function()
  server = sandbox.start { render_seconds = 0.1 }
  client = support.client(server)
  folder = support.directory "wait"
end)

after_each(function()
  client:close()
  server:close()
end)

local function step_until_asleep(own)
  local deadline = core.now() + 20
  repeat
    own:step(0.05)
    local stats = own:stats()
    local are_asleep = stats.running + stats.queued == 0 and (own:timeout() or 0) > 1
  until are_asleep or core.now() > deadline
end

local function is_film(path)
  return (support.read_file(path) or ""):sub(5, 8) == "ftyp"
end

describe("wait_for_video", function()
  it("brings the film home when it is told where", function()
    local id = assert(client:create_project(support.project())).project_id
    local path = folder .. "/a.mp4"
    local result = assert(client:wait_for_video(id, with { to = path }))
    assert.equal(path, result.path)
    assert.is_true(is_film(path))
    assert.equal(#support.read_file(path), result.size)
  end)

  it("that cannot write says so, and can be repeated", function()
    local id = assert(client:create_project(support.project())).project_id
    local _, err = client:wait_for_video(id, with { to = "/nonexistent/a.mp4" })
    assert.equal("file", err.kind)
    assert.equal(id, err.project_id)
    assert.equal("download", err.phase)
    assert(client:resume(err.resume_token, with { to = folder .. "/a.mp4" }))
  end)

  it("ends at its deadline, though the poll of that moment hangs", function()
    server:close()
    server = sandbox.start { render_seconds = 100 }
    local own <close> = support.client(server)
    local id = assert(own:create_project(support.project())).project_id
    local began, is_armed = core.now(), false
    local job = own.async:wait_for_video(id, { deadline = 1, interval = 0.1,
      longest_interval = 0.1, timeout = { stall = 20 } })
    repeat
      own:step(0.02)
      if not is_armed and core.now() - began > 0.95 then
        is_armed = true
        server:fault { on = "get_progress", kind = "stall", times = 100 }
      end
    until job:done()
    local took, _, err = core.now() - began, job:result()
    assert.equal("timeout", err.kind)
    assert.equal(id, err.project_id)
    assert.is_true(took >= 1 and took < 5, took)
  end)

  describe("between two polls", function()
    local function asleep(own, count)
      local id, jobs = assert(own:create_project(support.project())).project_id, {}
      for i = 1, count do
        jobs[i] = own.async:wait_for_video(id, { interval = 100, longest_interval = 100 })
      end
      step_until_asleep(own)
      assert.is_false(jobs[1]:done())
      return jobs
    end

    it("takes less than 3 KB of Lua's memory", function()
      server:close()
      server = sandbox.start { render_seconds = 100 }
      local own <close> = support.client(server)
      asleep(own, 20)
      collectgarbage()
      local before = collectgarbage "count"
      local jobs = asleep(own, 500)
      collectgarbage()
      local each = (collectgarbage "count" - before) / #jobs
      assert.is_true(each < 3, each)
    end)

    for _, on_event in ipairs { false, function () end } do
      it("ends when it is cancelled, or its client closed; with on_event: "
          .. tostring(on_event ~= false), function()
        server:close()
        server = sandbox.start { render_seconds = 100 }
        local own <close> = support.client(server, { base_url = server.url,
          app_id = server.app_id, user_key = server.user_key, on_event = on_event or nil })
        local first, second = table.unpack(asleep(own, 2))
        first:cancel()
        assert.is_true(first:wait(5))
        local _, err = first:result()
        assert.equal("cancelled unknown", err.kind .. " " .. err.outcome)
        assert.equal(1, own:stats().jobs)
        own:close()
        _, err = second:result()
        assert.equal("cancelled unknown", err.kind .. " " .. err.outcome)
        assert.equal(0, own:stats().jobs)
      end)
    end
  end)

  describe("that is ended while an answer is read", function()
    local function seconds_of(job, own)
      local began = core.now()
      repeat own:step(0.05) until job:done() or core.now() - began > 30
      local _, err = job:result()
      assert.equal("cancelled", err.kind)
      return core.now() - began
    end

    local own, id
    before_each(function()
      server:close()
      server = sandbox.start { render_seconds = 100 }
      own = support.client(server)
      id = assert(own:create_project(support.project())).project_id
    end)
    after_each(function() own:close() end)

    it("by on_progress does not sleep before that", function()
      local job
      job = own.async:wait_for_video(id, { interval = 20,
        on_progress = function() job:cancel() end })
      assert.is_true(seconds_of(job, own) < 10)
    end)

    it("by its handle, when the answer is there already, does not either", function()
      local job = own.async:wait_for_video(id, { interval = 20 })
      support.wait_until(function() return own.handle:ready() end)
      job:cancel()
      assert.is_true(seconds_of(job, own) < 10)
    end)

    it("by the end of its client is no job any more", function()
      local draft = support.project()
      draft.isExport = false
      id = assert(own:create_project(draft)).project_id
      server:fault { on = "get_project", kind = "status", status = 429, retry_after = 20,
        times = "always" }
      local job = own.async:wait_for_video(id, { interval = 20 })
      step_until_asleep(own)
      own:close()
      assert.is_true(job:done())
      assert.equal(0, own:stats().jobs)
    end)
  end)

  it("keeps its options as they were when it was called", function()
    local id = assert(client:create_project(support.project())).project_id
    local options = with { to = folder .. "/a.mp4" }
    local job = client.async:wait_for_video(id, options)
    options.to = folder .. "/b.mp4"
    assert.is_true(job:wait(5))
    assert.is_true(is_film(folder .. "/a.mp4"))
    assert.is_false(support.exists(folder .. "/b.mp4"))
  end)
end)

describe("wait_for_translations", function()
  it("knows nothing of what is told as no object", function()
    server:fault { on = "get_translation_progress", kind = "status", status = 200,
      times = "always",
      body = [[{"success":true,"data":[1,{"progress":100,"downloadUrl":"http://x"}]}]] }
    local _, err = client:wait_for_translations("a-folder", with { deadline = 0.1 })
    assert.equal("timeout", err.kind)
    assert.matches("^the translations are not there after 0.1 s .* at 50 %%", err.message)
  end)

  local function translate(targets)
    return assert(client:translate_video("https://youtu.be/x", { targets = targets }))
  end

  it("gives each item the language that was asked for", function()
    local begun = translate { "en-US", "ko-KR", "fr-FR" }
    assert.same({ "en-US", "ko-KR", "fr-FR" }, begun.targets)
    local result = assert(client:wait_for_translations(begun.folderId, with()))
    for i, target in ipairs { "en-US", "ko-KR", "fr-FR" } do
      assert.equal(target, result[i].target)
      assert.is_nil(result[i].path)
    end
    assert.equal(begun.folderId, result.folder_id)
    assert.equal("[", assert(aistudios.encode(result)):sub(1, 1))
  end)

  it("brings each film home under a name of its own", function()
    local id = translate { "en-US", "ko-KR" }.folderId
    local result = assert(client:wait_for_translations(id,
      with { to = folder .. "/talk {language}.mp4" }))
    assert.equal(folder .. "/talk en-US.mp4", result[1].path)
    assert.is_true(is_film(folder .. "/talk en-US.mp4") and is_film(folder .. "/talk ko-KR.mp4"))
    assert.equal(#support.read_file(result[2].path), result[2].size)
    id = translate({ "fr-FR" }).folderId
    assert(client:wait_for_translations(id, with { to = folder .. "/one.mp4" }))
    assert.is_true(is_film(folder .. "/one.mp4"))
  end)

  it("brings none home where two would have one name", function()
    local ONE = '"target":"en-US","progress":100,"download_url":"http://127.0.0.1:1/y"'
    local id = translate { "en-US", "ko-KR" }.folderId
    server:fault { on = "get_translation_progress", kind = "status", status = 200, times = "always",
      body = ('{"success":true,"data":[{%s},{%s}]}'):format(ONE, ONE) }
    local result, err = client:wait_for_translations(id,
      with { to = folder .. "/talk {language}.mp4" })
    assert.is_nil(result)
    assert.equal("invalid", err.kind)
    assert.equal("to", err.problems[1].path)
    assert.equal(0, #support.requests(server, "download"))
  end)

  it("limits the time of its calls, not of the films on their way", function()
    server:set { download_bytes = 60000, download_rate = 30000 }
    local id = translate({ "en-US" }).folderId
    local result = assert(client:wait_for_translations(id,
      with { to = folder .. "/slow.mp4", timeout = 1.2, retries = 0, deadline = 1 }))
    assert.equal(60000, result[1].size)
  end)

  it("refuses one name for several films before it waits", function()
    local id = translate { "en-US", "ko-KR" }.folderId
    local _, err = client:wait_for_translations(id, with { to = folder .. "/talk.mp4" })
    assert.equal("to", err.problems[1].path)
    assert.equal(0, #support.requests(server, "get_translation_progress"))
  end)

  it("of another process knows the languages from the token, the option or the names", function()
    local id = translate { "en-US", "ko-KR" }.folderId
    local to = folder .. "/{index} {language}.mp4"
    local job = client.async:wait_for_translations(id, with { to = to, interval = 5 })
    local token = job:token()
    job:cancel()
    client:close()
    client = support.client(server)
    local result = assert(client:resume(token, with()))
    assert.equal("ko-KR", result[2].target)
    assert.is_true(is_film(folder .. "/1 en-US.mp4") and is_film(folder .. "/2 ko-KR.mp4"))
    for _, targets in ipairs { false, { "en-US", "ko-KR" } } do
      result = assert(client:wait_for_translations(id, with { targets = targets or nil }))
      assert.equal("en-US", result[1].target)
    end
  end)

  it("follows names before places, and leaves no folder", function()
    local id = translate { "en-US", "ko-KR" }.folderId
    server:fault { on = "get_translation_progress", kind = "status", status = 200, act = true,
      times = 9, body = ([[{"success":true,"data":[
        {"projectId":"p1","name":"x (ko-KR)","progress":100,"download_url":"%s/files/a.mp4"},
        {"projectId":"../p2","name":"x","progress":100,"download_url":"%s/files/b.mp4"}]}]])
        :format(server.url, server.url) }
    local result = assert(client:wait_for_translations(id, with()))
    assert.equal("ko-KR", result[1].target)
    assert.is_nil(result[2].target)
    local _, err = client:wait_for_translations(id, with { to = folder .. "/{id}.mp4",
      deadline = 0.3 })
    assert.equal("download", err.phase)
    assert.equal(id, err.folder_id)
    assert.is_nil(support.requests(server, "download")[1].path:find("..", 1, true))
  end)
end)
