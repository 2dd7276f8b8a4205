-- SPDX-License-Identifier: MIT
--
-- Videos, as a CDN would serve them.

local calls = require "spec.support.sandbox_calls"
local core = require "aistudios.core"
local http = require "spec.support.http"

local create, file_of = calls.create, calls.file_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("a video", function()
  local id, path
  local function get(headers)
    return http.ask(calls.server.port, "GET", path, { headers = headers })
  end

  before_each(function()
    id = create()
    path = file_of(id)
  end)

  it("is served whole, without credentials, and is an MP4", function()
    local answer = get()
    assert.equal(200, answer.status)
    assert.equal("video/mp4", answer.headers["content-type"])
    assert.equal("bytes", answer.headers["accept-ranges"])
    assert.equal("ftyp", answer.body:sub(5, 8))
    assert.truthy(answer.body:find("moov", 1, true))
    assert.equal("download", calls.server:requests "download"[1].endpoint)
  end)

  it("is served in ranges", function()
    local whole = get().body
    for range, part in pairs {
      ["bytes=0-99"] = { 1, 100 }, ["bytes=100-"] = { 101, #whole },
      ["bytes=-10"] = { #whole - 9, #whole }, ["bytes=11000-99999"] = { 11001, #whole },
    } do
      local answer = get { Range = range }
      assert.equal(206, answer.status)
      assert.equal(whole:sub(part[1], part[2]), answer.body)
      assert.equal(("bytes %d-%d/%d"):format(part[1] - 1, part[2] - 1, #whole),
        answer.headers["content-range"])
    end
  end)

  it("is not served beyond its end, and whole for ranges that mean nothing", function()
    local size = #get().body
    local answer = get { Range = "bytes=" .. size .. "-" }
    assert.equal(416, answer.status)
    assert.equal("bytes */" .. size, answer.headers["content-range"])
    assert.equal(416, get({ Range = "bytes=-0" }).status)
    for _, range in ipairs { "bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4" } do
      assert.equal(200, get({ Range = range }).status)
    end
  end)

  it("has a tag, by which a range goes on only with the same video", function()
    local etag = get().headers.etag
    assert.truthy(etag:find '^".+"$')
    assert.equal(206, get({ Range = "bytes=5-", ["If-Range"] = etag }).status)
    assert.equal(200, get({ Range = "bytes=5-", ["If-Range"] = '"other"' }).status)
    assert.equal(304, get({ ["If-None-Match"] = etag }).status)
    calls.server:replace_video(id)
    local answer = get { Range = "bytes=5-", ["If-Range"] = etag }
    assert.equal(200, answer.status)
    assert.not_equal(etag, answer.headers.etag)
  end)

  it("answers HEAD with its size and nothing else", function()
    local answer = http.ask(calls.server.port, "HEAD", path)
    assert.equal(200, answer.status)
    assert.equal(#get().body, tonumber(answer.headers["content-length"]))
  end)

  it("of any size is generated, equal from every offset, a video at its start", function()
    local video = get().body
    calls.begin { render_seconds = 0, download_bytes = 1000000 }
    path = file_of(create())
    local whole = get().body
    assert.equal(1000000, #whole)
    assert.equal(video, whole:sub(1, #video))
    assert.equal("free", whole:sub(#video + 5, #video + 8))
    for _ = 1, 20 do
      local from = math.random(0, 999998)
      local to = math.random(from, 999999)
      local answer = get { Range = ("bytes=%d-%d"):format(from, to) }
      assert.is_true(whole:sub(from + 1, to + 1) == answer.body)
    end
  end)

  it("can be larger than what is kept in memory", function()
    calls.begin { render_seconds = 0, download_bytes = 1 << 40 }
    path = file_of(create())
    local answer = get { Range = ("bytes=%d-%d"):format((1 << 40) - 10, 1 << 40) }
    assert.equal(206, answer.status)
    assert.equal(10, #answer.body)
    local headers = http.ask(calls.server.port, "HEAD", path).headers
    assert.equal(1 << 40, tonumber(headers["content-length"]))
  end)

  it("comes at the speed that it is given", function()
    calls.begin { render_seconds = 0, download_bytes = 100000, download_rate = 400000 }
    path = file_of(create())
    local before = core.now()
    assert.equal(100000, #get().body)
    local seconds = core.now() - before
    assert.is_true(seconds > 0.2 and seconds < 1, seconds)
  end)
end)
