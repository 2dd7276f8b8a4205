-- SPDX-License-Identifier: MIT
--
-- storm.ways_h2: how the storm's server misbehaves over HTTP/2, in frames that it
-- writes itself. What costs goes over HTTP/1.1, so these ways meet reads and the
-- token's requests. A row is a name and a function that answers one request.

local cqueues = require "cqueues"

local M = {}

local DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, UPDATE, CONTINUATION =
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9
local END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
local STATUS = { [200] = "\x88", [204] = "\x89", [304] = "\x8b", [400] = "\x8c", [404] = "\x8d",
  [500] = "\x8e" } -- HPACK: entries of the static table
local LONGEST = 3 -- s of a flood

local function frame(kind, flags, stream, payload)
  return string.pack(">I3BBI4", #payload, kind, flags, stream) .. payload
end

-- A header that is not indexed, with a literal name.
local function header(name, value)
  return "\0" .. string.pack("s1", name) .. string.pack("s1", value)
end

local function status(code)
  return STATUS[code] or "\x08" .. string.pack("s1", tostring(code))
end

local function headers(stream, code, more, flags)
  return frame(HEADERS, flags or END_HEADERS, stream, status(code) .. (more or ""))
end

local function answer(stream, code, body, more)
  return headers(stream, code, more) .. frame(DATA, END_STREAM, stream, body)
end

local function rst(stream, code) return frame(RST_STREAM, 0, stream, string.pack(">I4", code)) end

local function goaway(last, code)
  return frame(GOAWAY, 0, 0, string.pack(">I4I4", last, code) .. "why not")
end

local function update(stream, n) return frame(UPDATE, 0, stream, string.pack(">I4", n)) end

-- Ways: f(h, stream, body); `h` has write, reset and wait. True: the connection goes on.
local ways = {}

local function way(name, serve, options)
  local row = { name = "h2_" .. name, serve = serve, is_h2 = true }
  for key, value in pairs(options or {}) do row[key] = value end
  ways[#ways + 1] = row
end

-- Writes what `make(stream, body)` returns.
local function says(name, make, options)
  way(name, function (h, stream, body)
    h:write(make(stream, body))
    return true
  end, options)
end

local function ends(name, make)
  way(name, function (h, stream, body) h:write(make(stream, body)) end)
end

local function floods(name, make, first)
  way("flood_" .. name, function (h, stream)
    if first then h:write(first(stream)) end
    local text, deadline = make(stream):rep(500), cqueues.monotime() + LONGEST
    repeat cqueues.sleep(0.002) until not h:write(text) or cqueues.monotime() > deadline
  end, { is_rare = true })
end

says("good", function (stream, body) return answer(stream, 200, body) end)
M.good = ways[1].serve

-- Every code of RST_STREAM, before, within and after an answer.
for code = 0, 13 do
  says("rst_" .. code, function (stream) return rst(stream, code) end)
end
says("rst_unknown_code", function (stream) return rst(stream, 0xfeed) end)
says("rst_after_headers", function (stream) return headers(stream, 200) .. rst(stream, 2) end)
says("rst_mid_data", function (stream, body)
  return headers(stream, 200) .. frame(DATA, 0, stream, body:sub(1, 9)) .. rst(stream, 8)
end)
says("rst_no_error_after", function (stream, body)
  return answer(stream, 200, body) .. rst(stream, 0)
end)
says("rst_other", function (stream, body)
  return rst(stream + 2, 1) .. answer(stream, 200, body)
end)

for _, code in ipairs { 0, 1, 2, 7, 11, 13 } do
  ends("goaway_below_" .. code, function () return goaway(0, code) end)
end
says("goaway_then_good", function (stream, body)
  return goaway(stream, 0) .. answer(stream, 200, body)
end)
ends("good_then_goaway", function (stream, body)
  return answer(stream, 200, body) .. goaway(stream, 0)
end)
ends("goaway_covers_then_close", function (stream) return goaway(stream, 0) end)
says("goaway_twice", function (stream, body)
  return goaway(0x7fffffff, 0) .. goaway(stream, 0) .. answer(stream, 200, body)
end)
says("goaway_and_stays", function () return goaway(0, 0) end, { is_rare = true })

says("padded", function (stream, body)
  return headers(stream, 200) .. frame(DATA, END_STREAM | PADDED, stream,
    "\7" .. body .. ("\0"):rep(7))
end)
says("continuation", function (stream, body)
  return headers(stream, 200, header("x-a", "b"), 0) .. frame(CONTINUATION, 0, stream, "")
    .. frame(CONTINUATION, END_HEADERS, stream, header("x-c", "d"))
    .. frame(DATA, END_STREAM, stream, body)
end)
says("in_small_frames", function (stream, body)
  return headers(stream, 200) .. body:gsub(".", function (c) return frame(DATA, 0, stream, c) end)
    .. frame(DATA, END_STREAM, stream, "")
end)
says("trailers", function (stream, body)
  return headers(stream, 200) .. frame(DATA, 0, stream, body)
    .. frame(HEADERS, END_HEADERS | END_STREAM, stream, header("x-end", "1"))
end)
says("early_hints", function (stream, body)
  return headers(stream, 103, header("link", "</a>")) .. answer(stream, 200, body)
end)
says("pings_between", function (stream, body)
  return headers(stream, 200) .. frame(PING, 0, 0, "12345678") .. frame(SETTINGS, 0, 0, "")
    .. frame(DATA, END_STREAM, stream, body)
end)
says("no_streams_allowed", function (stream, body)
  return frame(SETTINGS, 0, 0, string.pack(">I2I4", 3, 0)) .. answer(stream, 200, body)
end, { is_rare = true })
says("no_window", function (stream, body)
  return frame(SETTINGS, 0, 0, string.pack(">I2I4", 4, 0)) .. answer(stream, 200, body)
end, { is_rare = true })
says("no_table", function (stream, body)
  return frame(SETTINGS, 0, 0, string.pack(">I2I4", 1, 0)) .. answer(stream, 200, body)
end)

for _, code in ipairs { 400, 404, 429, 500, 502, 503, 999 } do
  says("status_" .. code, function (stream) return answer(stream, code, "<html>") end)
end
says("no_body", function (stream) return headers(stream, 200, "", END_HEADERS | END_STREAM) end)

-- Against the protocol.
says("no_status", function (stream)
  return frame(HEADERS, END_HEADERS | END_STREAM, stream, header("a", "b"))
end)
says("upper_case", function (stream) return headers(stream, 200, header("X-Up", "b")) end)
says("two_statuses", function (stream) return headers(stream, 200, status(404)) end)
says("length_mismatch", function (stream)
  return answer(stream, 200, "{}", header("content-length", "10"))
end)
says("data_after_end", function (stream, body)
  return answer(stream, 200, body) .. frame(DATA, END_STREAM, stream, body)
end)
says("data_without_headers", function (stream) return frame(DATA, END_STREAM, stream, "{}") end)
says("data_on_idle", function (stream) return frame(DATA, 0, stream + 100, "{}") end)
says("headers_on_0", function () return headers(0, 200) end)
says("push", function (stream) return frame(PUSH, END_HEADERS, stream, "\0\0\0\2\x82\x87\x84") end)
says("bad_hpack", function (stream)
  return frame(HEADERS, END_HEADERS, stream, ("\xff"):rep(5))
end)
says("bad_padding", function (stream)
  return headers(stream, 200) .. frame(DATA, END_STREAM | PADDED, stream, "\xff{}")
end)
says("frame_too_large", function (stream) return frame(DATA, 0, stream, ("x"):rep(70000)) end)
says("update_zero", function (stream) return update(stream, 0) end)
says("update_overflow", function () return update(0, 0x7fffffff) .. update(0, 0x7fffffff) end)
says("settings_short", function () return frame(SETTINGS, 0, 0, "abc") end)
says("ack_of_nothing", function (stream, body)
  return frame(SETTINGS, ACK, 0, "") .. frame(PING, ACK, 0, "87654321") .. answer(stream, 200, body)
end)
says("priority_of_itself", function (stream)
  return frame(PRIORITY, 0, stream, string.pack(">I4B", stream, 1))
end)
ends("http1", function () return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" end)
ends("frame_cut", function (stream) return headers(stream, 200):sub(1, -2) end)
ends("data_cut", function (stream)
  return headers(stream, 200) .. frame(DATA, 0, stream, "0123456789"):sub(1, 12)
end)

way("close", function () end)
way("reset", function (h) h:reset() end)
way("silent", function (h) h:wait() end, { is_rare = true })
way("half_answer_silent", function (h, stream)
  h:write(headers(stream, 200) .. frame(DATA, 0, stream, "{"))
  h:wait()
end, { is_rare = true })

floods("update", function () return update(0, 1) end)
floods("ping", function () return frame(PING, 0, 0, "12345678") end)
floods("settings", function () return frame(SETTINGS, 0, 0, "") end)
floods("priority", function (stream) return frame(PRIORITY, 0, stream + 2, "\0\0\0\0\1") end)
floods("unknown", function () return frame(0xfa, 0, 0, "") end)
floods("hints", function (stream) return headers(stream, 103, header("x", "y")) end)
floods("data", function (stream) return frame(DATA, 0, stream, ("x"):rep(1000)) end,
  function (stream) return headers(stream, 200) end)
floods("empty_data", function (stream) return frame(DATA, 0, stream, "") end,
  function (stream) return headers(stream, 200) end)
floods("continuation", function (stream)
  return frame(CONTINUATION, 0, stream, header("x", "y"))
end, function (stream) return headers(stream, 200, "", 0) end)
floods("rst", function (stream) return rst(stream, 8) end)

-- ---- one connection ----

local Connection = {}
Connection.__index = Connection

function Connection:write(text) return self.visit:write(text) end
function Connection:wait() return self.visit:wait() end
function Connection:reset() return self.visit:reset() end

--- Serves a connection: calls `serve(h, stream, is_post)` for each request.
---@param visit spec.storm.Visit
function M.run(visit, serve)
  local c, h = visit.c, setmetatable({ visit = visit }, Connection)
  if not c:read(24) then return end -- the preface
  c:write(frame(SETTINGS, 0, 0, ""))
  local posts = {}
  while true do
    local head = c:read(9)
    if not head or #head < 9 then return end
    local length, kind, flags, stream = string.unpack(">I3BBI4", head)
    if length > 0 and not c:read(length) then return end
    if kind == SETTINGS and flags & ACK == 0 then c:write(frame(SETTINGS, ACK, 0, "")) end
    if kind == PING and flags & ACK == 0 then c:write(frame(PING, ACK, 0, "12345678")) end
    if kind == DATA then posts[stream] = true end
    if (kind == HEADERS or kind == DATA) and flags & END_STREAM ~= 0 then
      if not serve(h, stream, posts[stream]) then return end
      posts[stream] = nil
    end
  end
end

M.rows = ways

return M
