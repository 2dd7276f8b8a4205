-- SPDX-License-Identifier: MIT
--
-- storm.server: the server of the storm, a program. Each way of misbehaving listens on
-- ports of its own: one in plain, one with TLS. The process that holds these ports
-- starts another that serves, and starts it again when it has ended. Both end when
-- their input does.
--
--   lua5.4 spec/storm/server.lua DIRECTORY SEED CERTIFICATE KEY
--
-- DIRECTORY gets the ledger, what is known of projects and the file `ports`.

local cqueues = require "cqueues"
local native = require "spec.support.native"
local service = require "spec.storm.service"
local socket = require "cqueues.socket"
local visits = require "spec.storm.visit"
local ways = require "spec.storm.ways"
local ways_h2 = require "spec.storm.ways_h2"

local directory, seed, certificate, key = table.unpack(arg)

local SECONDS = 4 -- that one read or write may take
local INPUT_ENDED = 7 -- status
local GOOD = 0.4 -- the share of requests that any way answers well
local MISBEHAVED_TOKENS = 0.3 -- the share of a way of HTTP/2

local active = 0 -- connections being served

local function read_file(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function make_context(alpn)
  local context = require "openssl.ssl.context".new("TLS", true)
  context:setCertificate(require "openssl.x509".new(read_file(certificate)))
  context:setPrivateKey(require "openssl.pkey".new(read_file(key)))
  context:setAlpnSelect(function (_, offered)
    for _, name in ipairs(offered) do
      if name == alpn then return name end
    end
    return "http/1.1"
  end)
  return context
end

-- The service's own answer to a token's request, unless the way is about these.
local function serve_token(v, row)
  if row.is_of_tokens then return row.serve(v) end
  if not v:read_body(1) then return end
  v:good()
  return true
end

-- Does the row misbehave for this request? Good answers leave connections that are
-- used again.
local function misbehaves(row)
  return not row.is_of_tokens and not row.is_h2 and math.random() > GOOD
end

local function serve_h1(v, row)
  while v:read_head() do
    local goes_on
    if v.request.is_token then
      goes_on = serve_token(v, row)
    elseif misbehaves(row) then
      goes_on = row.serve(v)
    else
      goes_on = ways.good(v)
    end
    if not goes_on then return end
  end
end

local function serve_h2(v, row)
  ways_h2.run(v, function (h, stream, is_token)
    local body = is_token and service.token() or service.shown "/editor/project/0000"
    if is_token and math.random() > MISBEHAVED_TOKENS then
      return ways_h2.good(h, stream, body)
    end
    return row.serve(h, stream, body)
  end)
end

local function serve(c, row, context)
  c:setmode("bn", "bn")
  c:settimeout(SECONDS)
  c:onerror(function (_, _, code) return code end)
  local v = visits.new(c)
  if row.accept and not row.accept(v) then return end
  if not context then return serve_h1(v, row) end
  if not c:starttls(context) then return end
  if c:checktls():getAlpnSelected() == "h2" then return serve_h2(v, row) end
  return serve_h1(v, row)
end

local function accept(loop, port, contexts)
  local row = port.row
  local context = port.is_tls and contexts[row.is_h2 and "h2" or "http/1.1"] or nil
  for c in port.listener:clients() do
    active = active + 1
    loop:wrap(function ()
      local ok, err = pcall(serve, c, row, context)
      if not ok then io.stderr:write(row.name, ": ", tostring(err), "\n") end
      active = active - 1
      c:close()
    end)
  end
end

-- Whoever connects to this port is told how many connections are being served.
local function report_active(listener)
  for c in listener:clients() do
    c:onerror(function (_, _, code) return code end)
    c:write(active .. "\n")
    c:flush()
    c:close()
  end
end

local function work(ports, control, number)
  math.randomseed(tonumber(seed), number)
  service.open(directory)
  local contexts = { h2 = make_context "h2", ["http/1.1"] = make_context "http/1.1" }
  local loop = cqueues.new()
  loop:wrap(function ()
    cqueues.poll { pollfd = 0, events = "r" } -- nothing comes: it has ended
    os.exit(INPUT_ENDED, false)
  end)
  loop:wrap(function () report_active(control) end)
  for _, port in ipairs(ports) do
    loop:wrap(function () accept(loop, port, contexts) end)
  end
  assert(loop:loop())
end

local function listen()
  local listener = socket.listen { host = "127.0.0.1", port = 0 }
  assert(listener:listen())
  local _, _, number = listener:localname()
  return listener, math.tointeger(number)
end

local function all_rows()
  local rows = table.move(ways.rows, 1, #ways.rows, 1, {})
  for _, row in ipairs(ways.rows) do
    if not row.accept and not row.name:find "_done$" then -- a token's request does nothing
      rows[#rows + 1] = { name = "token_" .. row.name, serve = row.serve,
        is_of_tokens = true, is_rare = true }
    end
  end
  return table.move(ways_h2.rows, 1, #ways_h2.rows, #rows + 1, rows)
end

local function main()
  local ports = {}
  local control, number = listen()
  local lines = { "control plain " .. number .. " 0" }
  for _, row in ipairs(all_rows()) do
    for _, protocol in ipairs { "plain", "tls" } do
      if not (row.is_h2 and protocol == "plain") then
        local port = { row = row, is_tls = protocol == "tls" }
        port.listener, number = listen()
        ports[#ports + 1] = port
        lines[#lines + 1] = ("%s %s %d %d"):format(row.name, protocol, number,
          row.is_rare and 1 or 0)
      end
    end
  end
  local file = assert(io.open(directory .. "/ports.new", "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
  assert(os.rename(directory .. "/ports.new", directory .. "/ports"))
  number = 0
  repeat
    number = number + 1
    local worker = native.fork(function () work(ports, control, number) end)
    local status = native.wait(worker)
  until status and status ~= 9 -- killed: by itself
end

main()
