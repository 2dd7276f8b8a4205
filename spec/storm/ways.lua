-- SPDX-License-Identifier: MIT
--
-- storm.ways: how the storm's server misbehaves over HTTP/1.1, in plain or inside of
-- TLS. A way is a row: its name, and a function that serves one request whose head
-- was read and tells by `true` that the connection goes on. `rare` ways take long or
-- cost much, and come seldom.

local cqueues = require "cqueues"

local M = {}

local ways = {}

---@param name string
---@param serve fun(v: spec.storm.Visit): boolean?
---@param options? { is_rare?: boolean, accept?: fun(v: spec.storm.Visit): boolean? }
local function way(name, serve, options)
  local row = { name = name, serve = serve }
  for key, value in pairs(options or {}) do row[key] = value end
  ways[#ways + 1] = row
end

local function whole(v) return v:read_body(1) end

local function good(v)
  if not whole(v) then return end
  v:act()
  v:good()
  return true
end

-- ---- at once, without a request ----

-- `accept` runs before TLS; a connection that it returns true for is served well.
local function at_accept(name, f, options)
  options = options or {}
  options.accept = f
  way("accept_" .. name, good, options)
end

local function sometimes(f)
  return function (v) return math.random() < 0.5 or f(v) end
end

at_accept("close", sometimes(function () end))
at_accept("reset", sometimes(function (v) v:reset() end))
at_accept("garbage", sometimes(function (v) v:write "\x15\x03\x01\0\2\2\70SSH-2.0\r\n" end))
at_accept("silent", sometimes(function (v) v:wait() end), { is_rare = true })
at_accept("408", sometimes(function (v)
  v:write "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
end))

-- ---- while the request is read ----

way("close_after_head", function () end)
way("reset_after_head", function (v) v:reset() end)
way("silent_after_head", function (v) v:wait() end, { is_rare = true })
way("never_reads", function () cqueues.sleep(2) end, { is_rare = true })
way("close_mid_body", function (v) v:read_body(0.5) end)
way("reset_mid_body", function (v) v:read_body(0.5) v:reset() end)
way("half_close_mid_body", function (v) v:read_body(0.5) v:half_close() end)
way("restart_mid_body", function (v) v:read_body(0.5) v:restart() end, { is_rare = true })
way("413_early_close", function (v) v:answer("413 Too Large", "{}") end)
way("413_early_stay", function (v)
  v:answer("413 Too Large", "{}")
  return whole(v)
end)
way("400_early_reset", function (v) v:answer("400 Bad Request", "{}") v:reset() end)
way("reads_slowly", function (v)
  for _ = 1, 4 do
    v:read_body(0.25)
    cqueues.sleep(0.02)
  end
  v:reset() -- a share is left unread
end)

-- ---- after the request was read, with and without having acted ----

local PAGE = "<html><head><title>502 Bad Gateway</title></head><body>cloud</body></html>"
local GZIP = "Content-Encoding: gzip\r\n"
local CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
local LINE = "X-Line: " .. ("x"):rep(990) .. "\r\n"
local zipped = io.popen("printf '%s' '{\"success\":true,\"data\":{\"projectId\":\"0\"}}' | gzip -c")
local GZIPPED = zipped:read "a"
zipped:close()

local function page(status)
  return function (v)
    v:answer(status, PAGE, "Server: gateway\r\n")
    return true
  end
end

local function page_with(status, headers)
  return function (v)
    v:answer(status, PAGE, headers)
    return true
  end
end

local endings = {
  close = function () end,
  reset = function (v) v:reset() end,
  half_close = function (v) v:half_close() end,
  garbage = function (v) v:write "\0\1\2\3 no HTTP at all\r\n\r\n" end,
  http09 = function (v) v:write(v:good_body()) end,
  h2_preface = function (v) v:write "\0\0\0\4\0\0\0\0\0" v:wait() end,
  upgrade = function (v)
    v:write "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
  end,
  head_cut = function (v) v:write "HTTP/1.1 200 OK\r\nContent-Ty" end,
  head_reset = function (v) v:write "HTTP/1.1 200 OK\r\nContent-Type: a\r\n" v:reset() end,
  body_cut = function (v)
    v:write 'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"success":true,"data":{"pro'
  end,
  body_reset = function (v)
    v:write 'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"success":true,"data":{"pro'
    v:reset()
  end,
  chunk_cut = function (v) v:write(CHUNKED .. '1a\r\n{"success":true,') end,
  chunk_bad = function (v) v:write(CHUNKED .. "zz\r\n{}\r\n0\r\n\r\n") end,
  chunk_no_end = function (v)
    local body = v:good_body()
    v:write(CHUNKED .. ("%x\r\n%s\r\n"):format(#body, body))
  end,
  gzip_cut = function (v) v:answer("200 OK", GZIPPED:sub(1, #GZIPPED // 2), GZIP) return true end,
  gzip_bad = function (v)
    v:answer("200 OK", GZIPPED:sub(1, 12) .. ("\xff"):rep(20), GZIP)
    return true
  end,
  json_cut = function (v) v:answer("200 OK", v:good_body():sub(1, -9)) return true end,
  json_other = function (v) v:answer("200 OK", '{"hello":[1,2,3]}') return true end,
  no_id = function (v) v:answer("200 OK", '{"success":true,"data":{}}') return true end,
  empty_200 = page_with("200 OK", ""),
  no_content = function (v) v:write "HTTP/1.1 204 No Content\r\n\r\n" return true end,
  length_negative = function (v) v:write "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}" end,
  length_twice = function (v)
    v:write "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}"
  end,
  page_200 = page "200 OK", page_203 = page "203 Non-Authoritative",
  s408 = page "408 Request Timeout", s425 = page "425 Too Early",
  s500 = page "500 Internal Server Error", s502 = page "502 Bad Gateway",
  s503 = page "503 Service Unavailable", s504 = page "504 Gateway Timeout",
  s503_retry = page_with("503 Service Unavailable", "Retry-After: 0\r\n"),
  s520 = page "520 Web Server Returned an Unknown Error", s999 = page "999 Request denied",
  s307 = function (v)
    v:answer("307 Temporary Redirect", "", "Location: " .. v.request.path .. "\r\n")
    return true
  end,
  s302 = function (v) v:answer("302 Found", PAGE, "Location: /login\r\n") return true end,
}

local rare_endings = {
  silent = function (v) v:wait() end,
  restart = function (v) v:restart() end,
  half_answer_silent = function (v)
    v:write 'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"success":true,"data":{"pro'
    v:wait()
  end,
  endless_1xx = function (v) v:flood(("HTTP/1.1 102 Processing\r\n\r\n"):rep(2000)) end,
  endless_headers = function (v) v:write "HTTP/1.1 200 OK\r\n" v:flood(LINE:rep(64)) end,
  endless_trailers = function (v) v:write(CHUNKED .. "2\r\n{}\r\n0\r\n") v:flood(LINE:rep(64)) end,
  endless_extension = function (v) v:write(CHUNKED .. "2;") v:flood(("x"):rep(65536)) end,
  endless_body = function (v)
    v:write "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"
    v:flood(("x"):rep(65536))
  end,
  long_header = function (v) v:write("HTTP/1.1 200 OK\r\nX: " .. ("x"):rep(400000) .. "\r\n") end,
  drip = function (v)
    for c in ("HTTP/1.1 200 OK\r\nX-Slow: " .. ("x"):rep(200)):gmatch "." do
      if not v:write(c) then return end
      cqueues.sleep(0.02)
    end
  end,
}

local function add_endings(list, options)
  local names = {}
  for name in pairs(list) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local finish = list[name]
    way(name .. "_undone", function (v) return whole(v) and finish(v) end, options)
    way(name .. "_done", function (v)
      if not whole(v) then return end
      v:act()
      return finish(v)
    end, options)
  end
end

add_endings(endings)
add_endings(rare_endings, { is_rare = true })

-- ---- the service says no ----

local NO = '{"success":false,"error":{"code":"no","msg":"refused"}}'

local function refuse(status, body, headers)
  return function (v)
    if not whole(v) then return end
    v:answer(status, body, headers)
    return true
  end
end

for _, status in ipairs { 400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 429 } do
  local is_repeated = status == 401 or status == 403 or status == 429
  way("no_" .. status, refuse(status .. " No", NO), { is_rare = is_repeated })
  way("page_" .. status, refuse(status .. " No", PAGE), { is_rare = is_repeated })
end
for _, status in ipairs { 200, 500, 503 } do
  way("no_" .. status, refuse(status .. " No", NO))
  way(("no_%d_retry"):format(status), refuse(status .. " No", NO, "Retry-After: 0\r\n"),
    { is_rare = true })
end

-- Says no to every second request.
local function every_second(no)
  local count = 0
  return function (v)
    count = count + 1
    return count % 2 == 1 and no(v) or good(v)
  end
end

way("401_then_good", every_second(refuse("401 No", NO)))
way("429_then_good", every_second(refuse("429 No", NO, "Retry-After: 0\r\n")))
way("503_no_then_good", every_second(refuse("503 No", NO, "Retry-After: 0\r\n")))

-- ---- good answers, and what comes after them ----

local function answered(name, f, options)
  way("good" .. name, function (v)
    if not whole(v) then return end
    v:act()
    return f(v)
  end, options)
end

answered("", function (v) v:good() return true end)
answered("_close", function (v) v:good "Connection: close\r\n" end)
answered("_http10", function (v) v:write("HTTP/1.0 200 OK\r\n\r\n" .. v:good_body()) end)
answered("_until_close", function (v) v:write("HTTP/1.1 200 OK\r\n\r\n" .. v:good_body()) end)
answered("_1xx", function (v)
  v:write "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
  v:good()
  return true
end)
answered("_chunked", function (v)
  v:write(CHUNKED)
  for c in v:good_body():gmatch ".?.?.?.?.?.?.?" do
    if c ~= "" then v:write(("%x;a=b\r\n%s\r\n"):format(#c, c)) end
  end
  v:write "0\r\nX-Trailer: 1\r\n\r\n"
  return true
end)
answered("_bytewise", function (v)
  local body = v:good_body()
  for c in ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body):gmatch "." do
    v:write(c)
  end
  return true
end)
answered("_late", function (v) cqueues.sleep(0.1) v:good() return true end)
answered("_then_close", function (v) v:good() end)
answered("_then_close_soon", function (v) v:good() cqueues.sleep(math.random() * 0.01) end)
answered("_then_reset", function (v) v:good() v:reset() end)
answered("_then_reset_soon", function (v) v:good() cqueues.sleep(0.003) v:reset() end)
answered("_then_408", function (v)
  v:good()
  cqueues.sleep(math.random() * 0.01)
  v:write "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
end)
-- In one write: what comes when the next request is under way already is its answer, as
-- far as HTTP/1.1 can tell.
answered("_then_excess", function (v)
  v:answer("200 OK", v:good_body(), nil, 2)
  return true
end)
answered("_then_half_close", function (v) v:good() v:half_close() end)
answered("_then_close_on_next", function (v) -- the next request meets a close
  v:good()
  return v:read_head() ~= nil and whole(v) and false
end)

--- The rows, in an order that does not change.
M.rows = ways

--- Serves a request without misbehaving.
M.good = good

return M
