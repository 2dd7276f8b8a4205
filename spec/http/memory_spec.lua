-- SPDX-License-Identifier: MIT
--
-- What clients and transfers have allocated is free when they have ended.
local core = require "aistudios.core"
local http = require "spec.support.http"
local native = require "spec.support.native"
local socket = require "socket"
local support = require "spec.support"

local ROUNDS = 150
-- Of a round: what threads keep for themselves varies. GnuTLS keeps 192 bytes of
-- random numbers for each thread, until the process ends.
local MOST_BYTES = os.getenv "AISTUDIOS_GNUTLS" and 300 or 80

local BODY = '{"success":true,"data":{"token":"a-token"}}'
local ANSWER = ('HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: application/json\r\n'
  .. "Content-Length: %d\r\n\r\n%s"):format(#BODY, BODY)

local at, server, address

-- Answers everything, in a process of its own.
local function serve(listener)
  while true do
    local peer = listener:accept()
    http.read_request(peer)
    peer:send(ANSWER)
    peer:close()
  end
end

-- Clients with every option: with a token that is fetched, and one that is given.
local function run_once()
  local common = { retries = 0, user_agent = "an agent", proxy = "http://u:p@127.0.0.1:1" }
  common.token = "a-token"
  local guest <close> = core.client(common)
  common.token, common.app_id, common.user_key, common.token_url, common.token_store =
    nil, "app", "key", address .. "token", at .. "/token"
  local handle <close> = core.client(common)
  assert(handle:submit(1, { method = "POST", url = address, auth = "token", parts = {
    { name = "a", value = "some text" },
    { name = "b", path = at .. "/upload", filename = "b.pdf", type = "application/pdf" } } }))
  guest:submit(2, { method = "GET", url = address, to = at .. "/film", resume = true })
  guest:submit(3, { method = "GET", url = "http://127.0.0.1:1/", to = at .. "/none" })
  guest:submit(4, { method = "POST", url = address, auth = "token", body = core.marshal {} })
  guest:submit(5, { method = "GET", url = "https://localhost:1/" }):cancel()
  local ended = 0
  repeat
    for _, one in ipairs { handle, guest } do
      one:wait(0.01)
      while support.take(one) do ended = ended + 1 end
    end
  until ended == 5
end

-- When the threads have ended.
local function held()
  collectgarbage()
  collectgarbage()
  support.sleep(0.5)
  return native.malloc_in_use()
end

describe("clients and transfers", function ()
  before_each(function ()
    at = support.directory "memory"
    support.write_file(at .. "/upload", "some bytes")
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    address = ("http://127.0.0.1:%s/"):format(port)
    server = native.fork(function () return serve(listener) end)
    listener:close()
  end)

  after_each(function ()
    native.kill(server, 9)
    native.wait(server)
  end)

  it("leave no memory behind", function ()
    for _ = 1, ROUNDS / 4 do run_once() end
    if support.is_slow then return end -- a sanitizer looks for itself
    local before = held()
    for _ = 1, ROUNDS do run_once() end
    local grown = held() - before
    assert.is_true(grown < ROUNDS * MOST_BYTES, grown .. " bytes more")
  end)
end)
