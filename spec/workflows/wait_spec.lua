-- Waiting for what was begun elsewhere, and bringing it home.
local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
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
