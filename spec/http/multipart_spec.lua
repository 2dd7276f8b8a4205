-- The headers of a body's parts, as a server gets them.
local core = require "aistudios.core"
local http = require "spec.support.http"
local socket = require "socket"
local support = require "spec.support"

-- The body of a request with these parts.
local function sent(parts)
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:settimeout(10)
  local handle <close> = core.client { token = "a-token" }
  assert(handle:submit(1, { method = "POST", parts = parts,
    url = ("http://127.0.0.1:%d/"):format(port) }))
  local peer = assert(listener:accept())
  peer:settimeout(10)
  local _, body = http.read_request(peer)
  assert(body)
  peer:send "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
  support.wait_until(function () return handle:peek() end)
  peer:close()
  listener:close()
  return body
end

describe("a file that is changed while it is sent", function ()
  -- What the server gets, and what the call says.
  local function send(change)
    local path = support.directory "multipart" .. "/file"
    support.write_file(path, ("x"):rep(16 << 20)) -- more than the system takes at once
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local handle <close> = core.client { token = "a-token" }
    assert(handle:submit(1, { method = "POST", parts = { { name = "file", path = path } },
      url = ("http://127.0.0.1:%d/"):format(port) }))
    local peer = assert(listener:accept())
    local head = ""
    repeat head = head .. assert(peer:receive "*l") .. "\n" until head:find "\n\n$"
    local announced, got = tonumber(head:match "Content%-Length: (%d+)"), 0
    change(path)
    while got < announced do
      local text, _, rest = peer:receive(math.min(1 << 16, announced - got))
      got = got + #(text or rest)
      if not text then break end
    end
    peer:send "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    support.wait_until(function () return handle:peek() end)
    local _, response = handle:peek()
    peer:close()
    listener:close()
    return response, announced - got
  end

  for what, case in pairs {
    ["and grows"] = { "it was changed while it was sent", function (path)
      local file <close> = assert(io.open(path, "a"))
      file:write "more"
    end },
    ["and keeps its length"] = { "it was changed while it was sent", function (path)
      local file <close> = assert(io.open(path, "r+"))
      file:write "other"
    end },
    ["and becomes shorter"] = { "it became shorter or unreadable", function (path)
      support.write_file(path, "x")
    end },
  } do
    it(what .. " is not sent whole", function ()
      local response, missing = send(case[2])
      assert.equal("file", response.failure)
      assert.truthy(response.message:find(case[1], 1, true), response.message)
      assert.is_true(response.sent)
      assert.is_true(missing > 0)
    end)
  end

  it("is sent whole where another takes its name", function ()
    local response, missing = send(function (path)
      support.write_file(path .. ".new", "another")
      os.rename(path .. ".new", path)
    end)
    assert.equal(200, response.status)
    assert.equal(0, missing)
  end)
end)

describe("the name of a part and of its file", function ()
  -- As browsers do it (WHATWG, multipart/form-data): quotes as %22, all else as it is.
  for given, wanted in pairs {
    ['say "hello"'] = "say %22hello%22",
    ["Präsentation für 東京"] = "Präsentation für 東京",
    ["50% off; a=b\\c"] = "50% off; a=b\\c",
  } do
    it("arrives: " .. given, function ()
      local path = support.directory "multipart" .. "/file"
      support.write_file(path, "content")
      local body = sent {
        { name = given, value = "text" },
        { name = "file", path = path, filename = given, type = "text/plain" },
      }
      local text = ('form-data; name="%s"\r\n\r\ntext\r\n'):format(wanted)
      assert.truthy(body:find(text, 1, true), body)
      assert.truthy(body:find(('form-data; name="file"; filename="%s"\r\nContent-Type: text/plain')
        :format(wanted), 1, true), body)
    end)
  end

  it("arrives with those of 63 others", function ()
    local parts = {}
    for i = 1, 64 do parts[i] = { name = "part" .. i, value = "text" } end
    local _, count = sent(parts):gsub('form%-data; name="part%d+"', "")
    assert.equal(64, count)
  end)

  it("has no line end and no control character", function ()
    local handle <close> = core.client { token = "a-token" }
    for _, name in ipairs { "a\r\nb", "a\0b", "a\127" } do
      for _, part in ipairs { { name = name, value = "x" },
        { name = "a", path = "/dev/null", filename = name },
        { name = "a", value = "x", type = name } } do
        assert.has_error(function ()
          handle:submit(1, { method = "POST", url = "http://127.0.0.1:1/", parts = { part } })
        end)
      end
    end
  end)
end)
