-- Bringing a film home from servers that are not ready, change their mind, cut
-- off, or send something else.
local aistudios = require "aistudios"
local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local socket = require "socket"
local support = require "spec.support"
local url = require "aistudios.util.url"

local QUICK = { interval = 0.02, longest_interval = 0.1 }

local server, client, folder

local function with(more) return copy(more, copy(QUICK)) end

local function requests(name)
  return support.requests(server, name)
end

before_each(function()
  server = sandbox.start { render_seconds = 0.05 }
  client = support.client(server)
  folder = support.directory "download"
end)

after_each(function()
  client:close()
  server:close()
end)

-- ---- a server whose every byte is ours ----

local function read_head(peer)
  local head = {}
  for line in function () return peer:receive "*l" end do
    if line == "" then break end
    head[#head + 1] = line
  end
  return table.concat(head, "\n")
end

--- Starts `begin(address)`, answers its requests with `answers`, one after the
--- other on connections of their own, and returns what the job brought, and the
--- heads of the requests.
local function serve(answers, begin)
  local listener <close> = setmetatable({ assert(socket.bind("127.0.0.1", 0)) },
    { __close = function (self) self[1]:close() end })
  local _, port = listener[1]:getsockname()
  listener[1]:settimeout(0)
  local job = begin(("http://127.0.0.1:%d/film"):format(port))
  local heads = {}
  support.wait_until(function()
    client:step(0.005)
    local peer = listener[1]:accept()
    if peer then
      peer:settimeout(5)
      heads[#heads + 1] = read_head(peer)
      peer:send(answers[#heads] or answers[#answers])
      peer:close()
    end
    return job:done()
  end, 20)
  local result, err = job:result()
  return result, err, heads
end

local function answer(body, more, status)
  return ("HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s"):format(status or "200 OK", #body,
    more or "", body)
end

local function box(name, content)
  return string.pack(">I4c4", 8 + #content, name) .. content
end

local MP4 = box("ftyp", "isom") .. box("mdat", ("x"):rep(100)) .. box("moov", "y")

--- Downloads to a file of this name; no address is asked for again.
local function fetch(name, answers, options)
  return serve(answers, function (address)
    return client.async:download(address, folder .. "/" .. name, options)
  end)
end

describe("a film right after it is done", function()
  for name, fault in pairs {
    ["404"] = { status = 404 }, ["403"] = { status = 403 }, ["202"] = { status = 202 },
    ["401"] = { status = 401 }, -- Azure's, for an address that has expired
    ["410"] = { status = 410 }, ["520"] = { status = 520 },
    ["400 ExpiredToken of S3"] = { status = 400,
      body = "<Error><Code>ExpiredToken</Code></Error>" },
    ["200 with an empty body"] = { status = 200, body = "" },
    ["200 with a web page"] = { status = 200, body = "<!DOCTYPE html><html></html>" },
  } do
    it("that answers " .. name .. " is waited for, with a fresh address each time", function()
      fault.on, fault.kind, fault.times = "download", "status", 3
      server:fault(fault)
      local path = folder .. "/a.mp4"
      local result = assert(client:render(support.project(), with { to = path, retries = 0 }))
      assert.equal("ftyp", support.read_file(path):sub(5, 8))
      assert.equal(4, #requests("download"))
      assert.is_true(#requests("get_progress") >= 4)
      assert.truthy(result.download_url)
      assert.equal(1, #server:ledger())
    end)
  end

  it("is asked for again though nobody tells a fresh address meanwhile", function()
    server:fault { on = "download", kind = "status", status = 404, times = 2 }
    server:fault { on = "get_progress", kind = "status", status = 400, nth = 2, times = 2 }
    local path = folder .. "/a.mp4"
    local id = assert(client:create_project(support.project())).project_id
    server:advance(10)
    assert(client:wait_for_video(id, with { to = path, retries = 0 }))
    assert.equal("ftyp", support.read_file(path):sub(5, 8))
    assert.equal(3, #requests("get_progress"))
  end)

  it("needs a name, and a working directory where that is relative", function()
    local _, err = client:download(server.url .. "/files/x.mp4", "a\0.mp4")
    assert.equal("invalid", err.kind)
    local printed = support.run(("mkdir '%s/gone' && cd '%s/gone' && rmdir '%s/gone' && %s -e '%s'")
      :format(folder, folder, folder, support.lua, [[
        local client <close> = require "aistudios".new { base_url = "http://127.0.0.1:1",
          token = "t" }
        local _, err = client:download("http://127.0.0.1:1/a.mp4", "a.mp4")
        print(err.kind, err.outcome)]]))
    assert.equal("file\tnot_sent", printed)
  end)

  it("that is refused until the end is no matter of the credentials", function()
    for _, status in ipairs { 401, 403, 404 } do
      server:fault { on = "download", kind = "status", status = status, times = 99 }
      local _, err = client:render(support.project(),
        with { to = folder .. "/a.mp4", deadline = 0.2 })
      assert.equal("http", err.kind, status)
      assert.is_nil(err.message:find "credentials" or err.message:find "base_url", err.message)
      server:clear_faults()
    end
  end)

  it("is given up when the server says that it is no good request", function()
    server:fault { on = "download", kind = "status", status = 400, times = 99 }
    local _, err = client:render(support.project(), with { to = folder .. "/a.mp4" })
    assert.equal("download", err.phase)
    assert.equal(1, #requests("download"))
  end)

  it("is waited for until the deadline, then the job goes on from its token", function()
    server:fault { on = "download", kind = "status", status = 404, times = 999 }
    local path = folder .. "/a.mp4"
    local _, err = client:render(support.project(), with { to = path, deadline = 0.5 })
    assert.equal("download", err.phase)
    assert.equal(404, err.status)
    server:clear_faults()
    assert(client:resume(err.resume_token, with()))
    assert.truthy(support.exists(path))
    assert.equal(1, #server:ledger())
  end)

  it("has the address that worked in its result", function()
    local id = assert(client:create_project(support.project())).project_id
    local real = assert(client:wait_for_video(id, with())).download_url
    local job = client.async:wait_for_video(id, with())
    local token = job:token():gsub("goal=video", "goal=deliver")
    assert.is_true(job:wait(5))
    server:fault { on = "get_progress", kind = "status", status = 200, act = true,
      body = ('{"success":true,"data":{"progress":100,"downloadUrl":"%s/files/none here.mp4"}}')
        :format(server.url) }
    local result = assert(client:resume(token, with { to = folder .. "/b.mp4" }))
    assert.equal(real, result.download_url)
    assert.equal("/files/none%20here.mp4", requests("download")[1].path)
  end)
end)

describe("an address of the service", function()
  local base = "https://app.example.com:8443/prefix"

  it("is asked for with its odd bytes encoded, once", function()
    for given, wanted in pairs {
      ["https://cdn.example.com/a film.mp4?x=1 2"] = "https://cdn.example.com/a%20film.mp4?x=1%202",
      [" https://cdn.example.com/ü%20\"|.mp4\n"] = "https://cdn.example.com/%C3%BC%20%22%7C.mp4",
      ["https://cdn.example.com/100%.mp4?a=%2F"] = "https://cdn.example.com/100%25.mp4?a=%2F",
      ["https://cdn.example.com/a%zz%%20"] = "https://cdn.example.com/a%25zz%25%20",
      ["/files/a b.mp4"] = "https://app.example.com:8443/files/a%20b.mp4",
      ["//cdn.example.com/a"] = "https://cdn.example.com/a",
      ["https://cdn.example.com/a?X-Amz-Signature=abc&b[]=(1)"] =
        "https://cdn.example.com/a?X-Amz-Signature=abc&b[]=(1)",
    } do
      assert.equal(wanted, url.tidy(given, base))
      assert.equal(wanted, url.tidy(wanted, base))
    end
  end)

  it("without a host is one of the service", function()
    local id = assert(client:create_project(support.project())).project_id
    local path = assert(client:wait_for_video(id, with())).download_url:match "//[^/]*(/.*)"
    local result = assert(client:download(path, folder .. "/a.mp4"))
    assert.equal(server.url .. path, result.download_url)
  end)
end)

describe("a file of any kind", function()
  local refused = {
    empty = "", ["a web page"] = "\n <!DOCTYPE HTML><html><body>Not found</body></html>",
    ["a page without a type"] = "<html></html>", ["an error in XML"] =
      '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
    ["an error object"] = '{"success": false, "message": "gone"}', ["a list"] = ' [ {"a": 1} ]',
    ["a list of texts"] = '["a"]',
    ["a page behind a byte order mark"] = "\xEF\xBB\xBF<html>",
  }
  for what, body in pairs(refused) do
    it("is not " .. what, function()
      for _, name in ipairs { "a.mp4", "a.png", "a.wav", "a.srt", "a" } do
        local _, err = fetch(name, { answer(body) }, { retries = 0 })
        assert.equal("protocol", err and err.kind, name)
        assert.is_false(support.exists(folder .. "/" .. name))
        assert.is_false(support.exists(folder .. "/" .. name .. ".part"))
      end
    end)
  end

  it("is what it should be when its name says so", function()
    for name, body in pairs {
      ["a.json"] = '{"a": 1}', ["a.html"] = "<html></html>", ["a.svg"] = '<?xml version="1.0"?>',
      ["a.srt"] = "1\n00:00:01,000", ["b.srt"] = "[Music]\n{softly}", ["a.png"] = "\137PNG",
    } do
      assert(fetch(name, { answer(body) }))
      assert.equal(body, support.read_file(folder .. "/" .. name))
    end
    local _, err = fetch("c.json", { answer "" }, { retries = 0 })
    assert.equal("protocol", err.kind)
  end)

  it("is asked for as it is, and not taken where it comes compressed", function()
    local codings = { gzip = true, ["X-GZip"] = true, br = true, ["aws-chunked, zstd"] = true,
      identity = false, ["aws-chunked"] = false, ["utf-8"] = false }
    for coding, is_compressed in pairs(codings) do
      local result, err, heads = fetch("a.srt", { answer("1\n00:00:01,000",
        "Content-Encoding: " .. coding .. "\r\n") }, { retries = 0 })
      assert.truthy(heads[1]:find("\nAccept-Encoding: identity", 1, true), heads[1])
      assert.equal(not is_compressed, result ~= nil, coding)
      assert.equal(is_compressed and "protocol" or nil, err and err.kind)
      assert.equal(not is_compressed, support.exists(folder .. "/a.srt"))
      assert.is_false(support.exists(folder .. "/a.srt.part"))
      os.remove(folder .. "/a.srt")
    end
  end)

  it("is not taken compressed instead of the rest of another, whose part stays", function()
    local begun = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 100\r\n\r\n" .. ("x"):rep(50)
    local compressed = answer(("y"):rep(3000), "ETag: \"2\"\r\nContent-Encoding: gzip\r\n")
    local _, err = fetch("a.srt", { begun, compressed }, { retries = 1 })
    assert.equal("protocol", err.kind)
    assert.equal(("x"):rep(50), support.read_file(folder .. "/a.srt.part"))
  end)
end)

describe("a text", function()
  it("is JSON where it begins like a list of objects, strings or nothing", function()
    for _, body in ipairs { '["a"]', '[{"a":1}]', "[ ]", '{"a":1}', "{}" } do
      local _, err = fetch("a.bin", { answer(body) }, { retries = 0 })
      assert.equal("protocol", err and err.kind, body)
    end
    for _, body in ipairs { "[section]\nkey = 1\n", "{x}", "[[", "[1]" } do
      assert(fetch("a.bin", { answer(body) }, { retries = 0, overwrite = true }))
    end
  end)
end)

describe("an MP4", function()
  it("is whole when its boxes add up to its size", function()
    local long = box("ftyp", "isom") .. string.pack(">I4c4I8", 1, "mdat", 16 + 50) .. ("z"):rep(50)
    local open = box("ftyp", "isom") .. string.pack(">I4c4", 0, "mdat") .. "to the end"
    for _, body in ipairs { MP4, long, open } do
      assert(fetch("a.mp4", { answer(body) }))
      assert.equal(body, support.read_file(folder .. "/a.mp4"))
    end
  end)

  it("is not whole where a box is shorter than its own beginning", function()
    local short = string.pack(">I4c3", 7, "mda") .. box("free", "1234") -- 7 bytes, and a box
    local long = string.pack(">I4c4I8", 1, "mdat", 8) -- 8 bytes, and a box to the end
    local cut = string.pack(">I4c4", 1, "mdat") .. "\0\0\0"
    for _, last in ipairs { short, long, cut } do
      local _, err = fetch("a.mp4", { "HTTP/1.1 200 OK\r\n\r\n" .. box("ftyp", "isom") .. last },
        { retries = 0 })
      assert.equal("network", err.kind)
    end
  end)

  it("that is cut off where no length tells is fetched again", function()
    for cut = 1, #MP4 - 10, 7 do -- 9 bytes are the last box
      local _, err, heads = fetch("a.mp4",
        { "HTTP/1.1 200 OK\r\n\r\n" .. MP4:sub(1, cut) }, { retries = 0 })
      assert.is_not_nil(err, cut)
      assert.equal(1, #heads)
      assert.is_false(support.exists(folder .. "/a.mp4"))
    end
    local cut = "HTTP/1.1 200 OK\r\n\r\n" .. MP4:sub(1, 30)
    local _, err = fetch("a.mp4", { cut }, { retries = 0 })
    assert.equal("network", err.kind)
    assert.is_true(err.retryable)
    assert(fetch("a.mp4", { cut, answer(MP4) }))
  end)

  it("takes a film from an answer of 200 or 203 alone, when it asked for all of it", function()
    for status, is_film in pairs { ["200 OK"] = true, ["203 Non-Authoritative"] = true,
      ["201 Created"] = false, ["206 Partial Content"] = false, ["404 Not Found"] = false } do
      os.remove(folder .. "/a.mp4")
      local result, err = fetch("a.mp4", { answer(MP4, "", status) }, { retries = 0 })
      assert.equal(is_film, result ~= nil, status .. tostring(err))
      assert.equal(is_film, support.exists(folder .. "/a.mp4"), status)
    end
  end)
end)

describe("a download that goes on", function()
  --- An answer that breaks off after `count` bytes from `from`.
  local function piece(from, count, etag)
    local status = from == 0 and "200 OK"
      or ("206 Partial Content\r\nContent-Range: bytes %d-%d/%d"):format(from, #MP4 - 1, #MP4)
    return ('HTTP/1.1 %s\r\nETag: "%s"\r\nContent-Length: %d\r\n\r\n%s'):format(status,
      etag or "v1", #MP4 - from, MP4:sub(from + 1, from + count))
  end

  it("is fetched from behind five redirects, and no more", function()
    local answers = { piece(0, #MP4) }
    for _ = 1, 5 do
      table.insert(answers, 1, answer("", "Location: /film\r\nConnection: close\r\n",
        "302 Found"))
    end
    assert(fetch("a.mp4", answers, { retries = 0 }))
    table.insert(answers, 1, answers[1])
    local result, _, heads = fetch("b.mp4", answers, { retries = 0 })
    assert.is_nil(result)
    assert.equal(6, #heads)
  end)

  it("goes on behind a redirect, which says nothing of the film's version", function()
    local redirect = answer("", 'Location: /film\r\nETag: "r"\r\nConnection: close\r\n',
      "302 Found")
    fetch("a.mp4", { redirect, piece(0, 1) }, { retries = 0 })
    local result, err, heads = fetch("a.mp4", { redirect, piece(1, #MP4) }, { retries = 0 })
    assert.equal(#MP4, (assert(result, err)).size)
    assert.truthy(heads[2]:lower():find('if-range: "v1"', 1, true), heads[2])
    assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
  end)

  -- Each of these cost the bytes that were there, of however large a film.
  it("keeps its part when something else comes instead", function()
    fetch("a.mp4", { piece(0, 1) }, { retries = 0 })
    fetch("a.mp4", { answer "<!DOCTYPE html><html></html>" }, { retries = 0 })
    assert.equal(MP4:sub(1, 1), support.read_file(folder .. "/a.mp4.part")) -- however small
    fetch("a.mp4", { piece(1, 19) }, { retries = 0 })
    for what, other in pairs { page = answer "<!DOCTYPE html><html></html>",
      ["page in pieces"] = "HTTP/1.1 200 OK\r\n\r\n<!DOCTYPE html>" .. (" "):rep(70000),
      json = answer '{"error":"busy"}', nothing = answer "", text = answer(("busy "):rep(400)),
      ["film that breaks off"] = piece(0, 10, "v2"),
      loop = answer("", "Location: /film\r\n", "302 Found"),
      scheme = answer("", "Location: ftp://127.0.0.1/film\r\n", "302 Found"),
      garbage = "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      ["another protocol"] = "220 hello\r\n" } do
      local _, err = fetch("a.mp4", { other }, { retries = 0 })
      assert.is_not_nil(err, what)
      assert.equal(MP4:sub(1, 20), support.read_file(folder .. "/a.mp4.part"), what)
    end
    local result, err, heads = fetch("a.mp4", { piece(20, #MP4) }, { retries = 0 })
    assert.is_not_nil(result, tostring(err))
    assert.equal(1, #heads)
    assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
  end)

  it("takes no rest whose place in the film it is not told", function()
    for _, range in ipairs { "", "Content-Range: items 20-99/100\r\n" } do
      fetch("a.mp4", { piece(0, 20) }, { retries = 0 })
      local _, err = fetch("a.mp4", { answer(MP4:sub(21), range .. 'ETag: "v1"\r\n',
        "206 Partial Content") }, { retries = 0 })
      assert.equal("protocol", err and err.kind)
      assert.is_false(support.exists(folder .. "/a.mp4"))
    end
  end)

  it("takes a film of another version that begins slowly", function()
    for _, film in ipairs { MP4, MP4 .. box("free", ("z"):rep(200000)) } do
      fetch("a.mp4", { piece(0, 20) }, { retries = 0 })
      assert(fetch("a.mp4", { answer(film, 'ETag: "v2"\r\n') }, { retries = 0 }))
      assert.equal(film, support.read_file(folder .. "/a.mp4"))
    end
  end)

  -- A process that ended between the last byte and the name leaves such a part.
  it("is whole when the server says that no byte is left", function()
    local function ask(range, count)
      support.write_file(folder .. "/a.mp4.part", MP4:sub(1, count))
      support.write_file(folder .. "/a.mp4.part.etag", '"v1"')
      local result, err, heads = fetch("a.mp4", { answer("<p>no such range</p>", range,
        "416 Range Not Satisfiable"), answer(MP4) }, { retries = 0 })
      assert.equal(#MP4, (assert(result, err)).size)
      assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
      assert.same({}, { support.read_file(folder .. "/a.mp4.part.etag") })
      return #heads
    end
    local all = ("Content-Range: bytes */%d\r\n"):format(#MP4)
    assert.equal(1, ask(all, #MP4))
    assert.equal(1, ask(all .. 'ETag: "v1"\r\n', #MP4))
    assert.equal(2, ask(all .. 'ETag: "v2"\r\n', #MP4))
    assert.equal(2, ask(all, #MP4 - 1))
    assert.equal(2, ask("", #MP4))
  end)

  it("begins anew when the server does not take the condition", function()
    fetch("a.mp4", { piece(0, 20) }, { retries = 0 })
    local result, err, heads = fetch("a.mp4", { answer("", "", "412 Precondition Failed"),
      answer(MP4) }, { retries = 0 })
    assert.equal(#MP4, (assert(result, err)).size)
    assert.equal(2, #heads)
    assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
  end)

  it("goes where a symbolic link leads, and the link stays", function()
    local lfs = require "lfs"
    assert(lfs.mkdir(folder .. "/disk"))
    support.write_file(folder .. "/disk/old.mp4", "old")
    for name, target in pairs { old = "disk/old.mp4", new = folder .. "/disk/new.mp4",
      far = "disk/../old.lnk" } do
      assert(lfs.link(target, folder .. "/" .. name .. ".mp4", true))
    end
    assert(lfs.link("disk/far.mp4", folder .. "/old.lnk", true))
    for _, name in ipairs { "old", "new", "far" } do
      local path = ("%s/%s.mp4"):format(folder, name)
      assert.is_nil(fetch(name .. ".mp4", { piece(0, 20) }, { retries = 0 }))
      assert.equal(MP4:sub(1, 20), support.read_file(("%s/disk/%s.mp4.part"):format(folder, name)))
      assert(fetch(name .. ".mp4", { piece(20, #MP4) }))
      assert.equal("link", lfs.symlinkattributes(path, "mode"))
      assert.equal(MP4, support.read_file(("%s/disk/%s.mp4"):format(folder, name)))
    end
    assert(lfs.link("round.mp4", folder .. "/round.mp4", true))
    local _, err = fetch("round.mp4", {})
    assert.equal("file", err.kind)
  end)

  it("may break off any number of times, as long as bytes come", function()
    local answers = {}
    for from = 0, #MP4 - 1, 20 do answers[#answers + 1] = piece(from, 20) end
    local result, _, heads = fetch("a.mp4", answers, { retries = 1 })
    assert.is_not_nil(result)
    assert.equal(#answers, #heads)
    assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
  end)

  it("is given up when no more bytes come", function()
    local _, err, heads = fetch("a.mp4", { piece(0, 20), piece(20, 0) }, { retries = 1 })
    assert.equal("network", err.kind)
    assert.equal(2, #heads)
    support.write_file(folder .. "/a.mp4", "") -- with the permissions of any other file
    local modes = support.run(("stat -c %%a '%s'/a.mp4* | sort -u"):format(folder))
    assert.matches("^%d+$", modes) -- what is kept to go on has them too
  end)

  it("starts over when the rest is another range, or does not say which it is", function()
    for _, range in ipairs { "bytes 21-%d/%d", "bytes 20-%d", "bytes 20", "20-%d/%d",
      "bytes -%d/%d" } do
      local other = piece(20, #MP4):gsub("bytes %d+%-%d+/%d+", range:format(#MP4 - 1, #MP4))
      local result, err, heads = fetch("a.mp4", { piece(0, 20), other, answer(MP4) },
        { retries = 1 })
      assert.is_not_nil(result, tostring(err))
      assert.equal(3, #heads, range)
      assert.is_nil(heads[3]:lower():find("\nrange:", 1, true), range)
      assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
    end
  end)

  it("may be one whose length the server does not say", function()
    local rest = piece(20, #MP4):gsub("/%d+\r", "/*\r", 1)
    local result, err, heads = fetch("a.mp4", { piece(0, 20), rest }, { retries = 1 })
    assert.is_not_nil(result, tostring(err))
    assert.equal(2, #heads)
    assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
  end)

  it("starts over where nothing in quotes names the version", function()
    for _, etag in ipairs { '"', "v1", 'W/"v1"' } do
      local first = piece(0, 20):gsub('ETag: "v1"', "ETag: " .. etag)
      local result, err, heads = fetch("a.mp4", { first, answer(MP4) }, { retries = 1 })
      assert.is_not_nil(result, tostring(err))
      assert.is_nil(heads[2]:lower():find("\nrange:", 1, true), etag)
    end
  end)

  it("starts over where the file of the version holds no version", function()
    for _, text in ipairs { 'W/"v1"', '"', "" } do
      fetch("a.mp4", { piece(0, 20) }, { retries = 0 })
      support.write_file(folder .. "/a.mp4.part.etag", text)
      local result, err, heads = fetch("a.mp4", { answer(MP4) }, { retries = 0 })
      assert.is_not_nil(result, tostring(err))
      assert.is_nil(heads[1]:lower():find("\nrange:", 1, true), text)
    end
  end)

  it("starts over when the server has another version", function()
    local result, err, heads = fetch("a.mp4", { piece(0, 20),
      piece(20, #MP4, "v2"), answer(MP4) }, { retries = 1 })
    assert.is_not_nil(result, tostring(err))
    assert.equal(3, #heads)
    assert.is_nil(heads[3]:lower():find("\nrange:", 1, true))
    assert.equal(MP4, support.read_file(folder .. "/a.mp4"))
  end)
end)

describe("an address that a function brings", function()
  local function film()
    local id = assert(client:create_project(support.project())).project_id
    return assert(client:wait_for_video(id, with())).download_url, id
  end

  it("is asked for at once, and again when it is refused", function()
    local address = film()
    local asked = 0
    server:fault { on = "download", kind = "status", status = 403 }
    local result = assert(client:download(function()
      asked = asked + 1
      return address
    end, folder .. "/a.mp4"))
    assert.equal(2, asked)
    assert.equal(address, result.download_url)
  end)

  it("may come from a job, or as a table", function()
    local address, id = film()
    assert(client:download(function() return client.async:get_progress(id) end,
      folder .. "/a.mp4"))
    assert(client:download(function() return { download_url = address } end, folder .. "/b.mp4"))
    assert.truthy(support.exists(folder .. "/a.mp4") and support.exists(folder .. "/b.mp4"))
  end)

  it("may stand beside a first one", function()
    local address = film()
    server:fault { on = "download", kind = "status", status = 403 }
    local asked = 0
    assert(client:download(address, folder .. "/a.mp4", { url = function()
      asked = asked + 1
      return address
    end }))
    assert.equal(1, asked)
  end)

  it("is asked for again for two minutes, and no longer", function()
    local address, now, ahead, asked = film(), core.now, 0, 0
    finally(function () core.now = now end) -- luacheck: ignore 122
    function core.now() return now() + ahead end -- luacheck: ignore 122
    server:fault { on = "download", kind = "status", status = 403, times = "always" }
    local _, err = client:download(function()
      asked = asked + 1
      ahead = asked == 2 and 121 or ahead
      return asked < 4 and address or nil
    end, folder .. "/a.mp4")
    assert.equal(403, err.status)
    assert.equal(2, asked)
  end)

  it("that is none, or a function that raises, ends the download", function()
    local _, err = client:download(function() end, folder .. "/a.mp4")
    assert.equal("url", err.problems[1].path)
    _, err = client:download(function() error "no" end, folder .. "/a.mp4")
    assert.equal("cancelled", err.kind)
    assert.truthy(err.cause:find("no", 1, true))
  end)
end)

describe("two downloads at once", function()
  -- A wake-up of the file thread that was taken for another one left a finished file to
  -- the next event: 5 rounds of 1,000 took 0.4 s or more.
  local function late_rounds(address)
    local late = 0
    for _ = 1, 1000 do
      local began, jobs = core.now(), {}
      for i = 1, 2 do
        jobs[i] = client.async:download(address, folder .. "/" .. i .. ".mp4",
          { overwrite = true })
      end
      for i = 1, 2 do
        jobs[i]:wait()
        assert(jobs[i]:result())
      end
      if core.now() - began > 0.35 then late = late + 1 end
    end
    return late
  end

  it("are told as soon as their files have their names", function()
    if support.is_slow then return end
    local id = assert(client:create_project(support.project())).project_id
    local address = assert(client:wait_for_video(id, QUICK)).download_url
    local late
    for _ = 1, 3 do -- on a busy machine some are late now and then
      late = late_rounds(address)
      if late <= 1 then break end
    end
    assert.is_true(late <= 1, late .. " rounds were late")
  end)
end)

describe("an error page instead of a film", function()
  it("costs no more than its start, however long it is", function()
    local id = assert(client:create_project(support.project())).project_id
    local address = assert(client:wait_for_video(id, QUICK)).download_url
    server:fault { on = "download", kind = "huge", status = 403, bytes = 8 << 20, times = "always" }
    local _, err = client:download(address, folder .. "/film.mp4", { retries = 0 })
    assert.same({ "http", 403 }, { err.kind, err.status })
    assert.equal("", support.run(("ls -A '%s'"):format(folder)))
  end)
end)

describe("a download that must not replace a file", function()
  it("leaves one alone that came meanwhile, and nothing beside it", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(10)
    local _, port = listener:getsockname()
    local path = folder .. "/film.bin"
    local job = client.async:download(("http://127.0.0.1:%d/film"):format(port), path,
      { overwrite = false, retries = 0 })
    client:step(0)
    local peer = assert(listener:accept())
    peer:settimeout(10)
    read_head(peer)
    peer:send "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"
    support.wait_until(function()
      client:step(0.01)
      return support.run(("ls '%s'"):format(folder)) ~= ""
    end)
    support.write_file(path, "of another")
    peer:send "cd"
    assert.is_true(job:wait(10))
    local _, err = job:result()
    peer:close()
    listener:close()
    assert.equal("file", err.kind)
    assert.truthy(tostring(err):find("exists", 1, true), tostring(err))
    assert.equal("of another", support.read_file(path))
    assert.equal("film.bin", support.run(("ls -A '%s'"):format(folder)))
  end)
end)

describe("a download that trickles", function()
  it("is ended as stalled when it stays below its lowest speed", function()
    client:close()
    server:close()
    server = sandbox.start { render_seconds = 0.05, download_bytes = 100000, download_rate = 2000 }
    client = support.client(server)
    local id = assert(client:create_project(support.project())).project_id
    local address = assert(client:wait_for_video(id, with())).download_url
    local download = require "aistudios.workflows.download"
    local window = download.SPEED_WINDOW
    download.SPEED_WINDOW = 1.5
    local _, err = client:download(address, folder .. "/a.mp4",
      { lowest_speed = 50000, retries = 0 })
    download.SPEED_WINDOW = window
    assert.equal("timeout", err.kind)
    assert.truthy(err.message:find("lowest_speed", 1, true))
    assert.is_true(err.retryable)
    support.wait_until(function () -- the disk is nobody's to wait for
      return #support.read_file(folder .. "/a.mp4.part") > 0
    end)
    assert.is_true(aistudios.encode(err.attempts) == "1")
  end)
end)

describe("a download", function()
  it("may take longer than the calls of its client", function()
    client:close()
    client = support.client(server, { timeout = { total = 1 }, retries = 0 })
    local id = assert(client:create_project(support.project())).project_id
    local address = assert(client:wait_for_video(id, with())).download_url
    server:fault { on = "download", kind = "slow", seconds = 1.5 }
    assert(client:download(address, folder .. "/a.mp4"))
    server:fault { on = "download", kind = "slow", seconds = 1.5 }
    local _, err = client:download(address, folder .. "/b.mp4", { timeout = 1 })
    assert.equal("timeout", err.kind)
  end)
end)

describe("the options of a call", function()
  it("are those that it was called with", function()
    local timeout = { total = 20 }
    local job = client.async:render(support.project(), with { timeout = timeout })
    timeout.total, timeout.foo = 0, "x"
    assert.is_true(job:wait(10))
    assert(job:result())
  end)
end)

describe("a job that brings an address", function()
  it("ends the download with its own error", function()
    server:fault { on = "get_progress", kind = "status", status = 400, times = 9 }
    local _, err = client:download(function () return client.async:get_progress "x" end,
      folder .. "/x.mp4")
    assert.equal(400, err.status)
    assert.equal("get_progress", err.endpoint)
  end)
end)
