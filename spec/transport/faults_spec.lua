-- Every call under every fault: how it ends, what that means, and that nothing
-- that may cost was sent twice.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local ID = "65fa6b07dca2e367461a2925"
local SAMPLES = "spec/fixtures/samples/"

local server, client, folder

-- fault, kind of the error, its outcome
local faults = {
  { { kind = "drop_before_read" }, "network", "unknown" },
  { { kind = "drop_after_read" }, "network", "unknown" },
  { { kind = "reset_mid_body" }, "network", "unknown" },
  { { kind = "truncated" }, "network", "unknown" },
  { { kind = "slow", seconds = 2 }, "timeout", "unknown" },
  { { kind = "not_json" }, "protocol", "unknown" },
  { { kind = "status", status = 400 }, "api", "rejected" },
  { { kind = "status", status = 404, body = "<html>" }, "http", "rejected" },
  { { kind = "status", status = 429 }, "http", "rejected" },
  { { kind = "status", status = 500 }, "http", "rejected" },
  { { kind = "status", status = 503 }, "http", "rejected" },
  { { kind = "status", status = 503, retry_after = 1 }, "http", "rejected" },
  { { kind = "status", status = 408, from = "gateway" }, "http", "unknown" },
  { { kind = "status", status = 500, from = "gateway" }, "http", "unknown" },
  { { kind = "status", status = 502, body = "<html>" }, "http", "unknown" },
  { { kind = "status", status = 503, from = "gateway" }, "http", "unknown" },
  { { kind = "status", status = 302, from = "gateway" }, "http", "unknown" },
  { { kind = "success_false" }, "api", "rejected" },
}

-- Calls that hand out tokens: a no is about the credentials.
local no_to_credentials = { get_token = true, create_session_token = true }

--- The fields of a call: its documented sample, with files that exist.
local function fields_of(row)
  local text = support.read_file(SAMPLES .. row.name .. ".json")
  local sample = text and assert(aistudios.decode(text)) or {}
  if row.body ~= "form" then return sample end
  local fields = sample.fields
  for _, file in ipairs(sample.files) do
    local path = folder .. "/" .. file.path
    support.write_file(path, "content")
    fields[file.field] = path
  end
  return fields
end

local function call(row, options)
  local method, fields = client[row.name], fields_of(row)
  if no_to_credentials[row.name] then return method(client, nil, options) end
  if not row.identity then
    if row.takes == "nothing" then return method(client, options) end
    return method(client, fields, options)
  end
  local id = fields[row.identity] or ID
  fields[row.identity] = nil
  if row.takes == "nothing" then return method(client, id, options) end
  return method(client, id, fields, options)
end

--- Makes the call under one fault and looks at how it ended.
local function check(name, row, case, make)
  local fault, kind, outcome = table.unpack(case)
  local what = ("%s under %s %s"):format(name, fault.kind, fault.status or "")
  fault.on, fault.times = name, 3 -- libcurl asks again itself what may be asked again
  server:clear_faults()
  server:fault(fault)
  local before = #support.requests(server, name)
  local _, err = make { retries = 0, timeout = fault.kind == "slow" and 0.2 or nil }
  assert(err, what .. " went well")
  if no_to_credentials[name] and fault.kind == "success_false" then kind = "auth" end
  assert.equal(kind, err.kind, what)
  assert.equal(outcome, err.outcome, what)
  -- Asked again: with another token, for this call itself says that it is dead, or
  -- by another method.
  local most = (name == "confirm_auth" or row and row.fallback) and 2 or 1
  assert.is_true(err.attempts >= 1 and err.attempts <= most, what)
  assert.equal(name, err.endpoint, what)
  assert.is_nil((tostring(err) .. tostring(err.body)):find(server.user_key, 1, true), what)
  if row and not row.is_replayable and not row.fallback then
    assert.is_true(#support.requests(server, name) - before <= 1, what .. " was sent twice")
  end
end

before_each(function()
  server = sandbox.start { render_seconds = 0.1 }
  client = support.client(server)
  folder = support.directory "faults"
end)

after_each(function()
  client:close()
  server:close()
end)

describe("under every fault, with the documented error and no trace of the keys, ends", function()
  for name, row in pairs(aistudios.api) do
    it(name, function()
      assert(client:confirm_auth())
      if row.auth == "session_bearer" then
        client:session_token(assert(client:create_session_token()).session_token)
      end
      for _, case in ipairs(faults) do
        check(name, row, case, function(options) return call(row, options) end)
      end
    end)
  end

  it("download", function()
    for _, case in ipairs(faults) do
      case = { case[1], case[2], case[3] }
      if case[1].kind == "success_false" then case[2], case[3] = "protocol", "unknown" end
      if case[1].kind == "status" then
        case[2] = "http"
        if case[1].status >= 500 then case[3] = "unknown" end -- it is not the API's server
      end
      check("download", nil, case, function(options)
        return client:download(server.url .. "/files/x.mp4", folder .. "/x.mp4", options)
      end)
    end
  end)
end)
