-- Every documented sample, sent through its method, arrives as the sample.
local aistudios = require "aistudios"
local lfs = require "lfs"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local FOLDER = "spec/fixtures/samples/"
local ID = "65fa6b07dca2e367461a2925"

local server, client, files

before_each(function()
  server = sandbox.start {}
  client = support.client(server)
  files = support.directory "samples"
end)

after_each(function()
  client:close()
  server:close()
end)

--- The request that this call sent, however it was answered.
local function request_of(row)
  local pattern = "^" .. row.path:gsub("%p", "%%%0"):gsub("%%{.-}", "[^/]+") .. "$"
  for _, request in ipairs(server:requests()) do
    if request.method == row.method and request.path:gsub("%?.*", ""):find(pattern) then
      return request
    end
  end
end

--- Says the sample in the arguments of its method.
local function call(row, fields)
  local method, options = client[row.name], { retries = 0 }
  if row.auth == "session_bearer" then options.session_token = "a-session-token" end
  if not row.identity then return method(client, fields, options) end
  local id, rest = fields[row.identity] or ID, {}
  for name, value in pairs(fields) do
    if name ~= row.identity then rest[name] = value end
  end
  if row.takes == "nothing" then return method(client, id, options) end
  return method(client, id, rest, options)
end

--- What the method adds where the sample leaves it out.
local function complete(row, sample)
  for name, value in pairs(row.defaults) do
    if sample[name] == nil then sample[name] = value end
  end
  return sample
end

--- The parts of a multipart body, by name in their order.
local function read_form(request)
  local boundary = request.headers["content-type"]:match("boundary=(.+)$")
  local list = {}
  local mark = "--" .. boundary
  for part in request.body:gmatch("(.-)\r\n%-%-" .. boundary:gsub("%p", "%%%0")) do
    part = part:gsub("^" .. mark:gsub("%p", "%%%0") .. "\r\n", ""):gsub("^\r\n", "")
    local head, content = part:match("^(.-)\r\n\r\n(.*)$")
    list[#list + 1] = {
      name = head:match('name="([^"]*)"'), filename = head:match('filename="([^"]*)"'),
      type = head:match("[Cc]ontent%-[Tt]ype: ([^\r\n]+)"), content = content,
    }
  end
  return list
end

local function check_form(row, sample)
  local fields, expected = {}, {}
  for name, value in pairs(sample.fields) do fields[name] = value end
  for i, file in ipairs(sample.files) do
    local content = ("content of %s\0\r\n--%d"):format(file.path, i)
    support.write_file(files .. "/" .. file.path, content)
    local given = { path = files .. "/" .. file.path, type = file.content_type }
    if row.fields[file.field].is_repeated then
      fields[file.field] = fields[file.field] or {}
      table.insert(fields[file.field], given)
    else
      fields[file.field] = given
    end
    expected[#expected + 1] = { name = file.field, filename = file.path,
      type = file.content_type, content = content }
  end
  for name, value in pairs(sample.fields) do
    expected[#expected + 1] = { name = name, content = value }
  end
  call(row, fields)
  local found = read_form(assert(request_of(row)))
  local function order(a, b)
    return a.name .. (a.filename or "") < b.name .. (b.filename or "")
  end
  table.sort(expected, order)
  table.sort(found, order)
  assert.same(expected, found)
end

local function check_json(row, sample)
  call(row, sample)
  local request = assert(request_of(row), "nothing was sent")
  local found = assert(aistudios.decode(request.body))
  assert.same(complete(row, sample), found)
end

describe("the sample of", function()
  for file in lfs.dir(FOLDER) do
    local name = file:match("^(.*)%.json$")
    if name then
      it(name .. " arrives as it is", function()
        local row = aistudios.api[name]
        local sample = assert(aistudios.decode(support.read_file(FOLDER .. file)))
        if row.body == "form" then
          check_form(row, sample)
        else
          check_json(row, sample)
        end
      end)
    end
  end
end)
