-- SPDX-License-Identifier: MIT
--
-- callers: the programs that calls.lua compares: each makes COUNT calls of
-- create_project of the seed project, FLIGHT of them at a time, and prints the
-- seconds of wall time and of the processor that they took.
--
--   lua5.4 spec/bench/callers.lua KIND URL COUNT FLIGHT [CA_FILE]

local common = require "spec.bench.common"
local support = require "spec.support"

local kind, url, count, flight, ca_file = table.unpack(arg)
count, flight = tonumber(count), tonumber(flight)

local project = support.project()
project.isExport = true

local kinds = {}

local function aistudios(check)
  local client = common.client({ url = url, ca_file = ca_file },
    { max_in_flight = flight, check = check })
  assert(client:create_project(project))
  if flight > 1 then
    return function () common.create_projects(client, project, count, flight) end
  end
  return function ()
    for _ = 1, count do assert(client:create_project(project)) end
  end
end

--- As always: checked, encoded, the answer decoded.
function kinds.aistudios() return aistudios(true) end

--- With the option check = false.
function kinds.unchecked() return aistudios(false) end

-- The first call is not counted.
local function repeated(call)
  call()
  return function ()
    for _ = 1, count do call() end
  end
end

--- luasocket's HTTP client and lua-cjson. It opens a connection for each call.
kinds["socket.http"] = function ()
  local cjson, http, ltn12 = require "cjson", require "socket.http", require "ltn12"
  local function call()
    local body, answer = cjson.encode(project), {}
    local _, status = assert(http.request {
      url = url .. common.PROJECT, method = "POST", source = ltn12.source.string(body),
      headers = { Authorization = "bench-token", ["Content-Type"] = "application/json",
        ["Content-Length"] = #body },
      sink = ltn12.sink.table(answer),
    })
    assert(status == 200)
    assert(cjson.decode(table.concat(answer)).data.projectId)
  end
  return repeated(call)
end

--- luasocket's TCP and lua-cjson, HTTP by hand over one connection that stays open.
function kinds.luasocket()
  local cjson = require "cjson"
  local tcp = assert(require "socket".connect("127.0.0.1", tonumber(url:match ":(%d+)$")))
  tcp:setoption("tcp-nodelay", true)
  local head = ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: bench-token\r\n"
    .. "Content-Type: application/json\r\nContent-Length: %%d\r\n\r\n%%s"):format(common.PROJECT)
  local function call()
    local body = cjson.encode(project)
    assert(tcp:send(head:format(#body, body)))
    assert(tcp:receive "*l":find " 200 ")
    local length
    for line in function () return tcp:receive "*l" end do
      if line == "" then break end
      length = line:match "^[Cc]ontent%-[Ll]ength: (%d+)" or length
    end
    local answer = cjson.decode((tcp:receive(tonumber(length))))
    assert(answer.data.projectId)
  end
  return repeated(call)
end

local run = kinds[kind]()
local wall, cpu = common.now(), os.clock()
run()
print(common.now() - wall, os.clock() - cpu)
