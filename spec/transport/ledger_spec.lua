-- Random faults, one call after the other: what each error says about the money
-- is compared with the ledger of the service.
local aistudios = require "aistudios"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local SEED = math.tointeger(tonumber(os.getenv "AISTUDIOS_SEED")) or 20261123
local SECONDS = tonumber(os.getenv "AISTUDIOS_FUZZ_SECONDS") or (support.is_slow and 2 or 4)

local ID = "65fa6b07dca2e367461a2925"
local SAMPLES = "spec/fixtures/samples/"

-- Of these the service does what it was asked for, or nothing; it never lies.
local faults = {
  { kind = "drop_before_read" }, { kind = "drop_after_read" }, { kind = "reset_mid_body" },
  { kind = "truncated" }, { kind = "slow", seconds = 0.3 }, { kind = "stall", seconds = 0.3 },
  { kind = "not_json" }, { kind = "not_json", status = 502 }, { kind = "huge", bytes = 300000 },
  { kind = "status", status = 400 }, { kind = "status", status = 401 },
  { kind = "status", status = 403 }, { kind = "status", status = 404, body = "<html>" },
  { kind = "status", status = 429 },
  { kind = "status", status = 429, retry_after = 0 },
  { kind = "status", status = 429, retry_after = 300 },
  { kind = "status", status = 500 }, { kind = "status", status = 503 },
  { kind = "status", status = 503, retry_after = 0 },
  { kind = "status", status = 500, from = "gateway", retry_after = false },
  { kind = "status", status = 500, from = "gateway", act = true },
  { kind = "status", status = 502, from = "gateway", act = true },
  { kind = "status", status = 504, from = "gateway", act = true, retry_after = false },
  { kind = "status", status = 503, from = "gateway", act = true, retry_after = 0 },
  { kind = "status", status = 503, from = "gateway", retry_after = 0 },
  { kind = "status", status = 408, from = "gateway", act = true, retry_after = 0 },
  { kind = "status", status = 520, from = "gateway", act = true },
  { kind = "status", status = 503, body = '{"message":"upstream"}', act = true },
  { kind = "status", status = 200, body = "", act = true },
  { kind = "status", status = 201, body = "{}", act = true },
  { kind = "status", status = 200, body = '{"success":true}', act = true },
  { kind = "status", status = 302, from = "gateway", act = true,
    headers = { Location = "/elsewhere" } },
  { kind = "success_false" }, { kind = "success_false", status = 500 },
  { kind = "expired_token" }, { kind = "unknown_state" }, { kind = "bare_list" },
  { kind = "done_without_url" },
}

local server, client, folder, count, what, seed

local function pick(list) return list[math.random(#list)] end

local function copy(t)
  local out = {}
  for name, value in pairs(t) do out[name] = value end
  return out
end

--- A name like no other: the ledger takes equal requests for duplicates.
local function unique()
  count = count + 1
  return "number " .. count
end

local function new_client()
  return assert(aistudios.new {
    base_url = server.url, streaming_url = server.url,
    app_id = server.app_id, user_key = server.user_key,
    timeout = { connect = 2, stall = 0.2, total = pick { 0.25, 1, 3 } },
    max_response_bytes = 100000, retries = math.random(0, 3),
  })
end

--- Arms a few faults for `names`.
local function arm(names)
  for _ = 1, math.random(0, 3) do
    local fault = copy(pick(faults))
    fault.on, fault.nth, fault.times = pick(names), math.random(2), math.random(3)
    what[#what + 1] = ("%s on %s, %d of them from %d"):format(fault.kind
      .. " " .. (fault.status or "") .. (fault.act and " done" or ""), fault.on,
      fault.times, fault.nth)
    server:fault(fault)
  end
end

local function describe_case(err)
  return ("seed %d; %s; %s (%s, %s)"):format(seed, table.concat(what, "; "), tostring(err),
    err and err.outcome, err and err.phase or "")
end

--- Everything that a user may see of an error.
local function text_of(value, seen)
  seen = seen or {}
  if type(value) ~= "table" then return tostring(value) end
  if seen[value] then return "" end
  seen[value] = true
  local parts = { tostring(value) }
  for name, member in pairs(value) do
    parts[#parts + 1] = tostring(name) .. text_of(member, seen)
  end
  return table.concat(parts, "\n")
end

local kinds = { auth = true, http = true, api = true, network = true, timeout = true,
  cancelled = true, protocol = true, file = true, stalled = true }

local function billed() return server:ledger().count end
local function acted() local all = server:ledger(); return all.count + #all.builds end

--- Is what an error says possible?
local function check_error(err, name)
  local case = describe_case(err)
  assert.is_true(kinds[err.kind], case)
  assert.is_true(err.outcome == "not_sent" or err.outcome == "rejected"
    or err.outcome == "unknown", case)
  assert.equal(name, err.endpoint, case)
  assert.is_boolean(err.retryable, case)
  assert.is_nil(tostring(err):find "\n", case)
  assert.is_nil(text_of(err):find(server.user_key, 1, true), case)
  local row = aistudios.api[name]
  if err.outcome == "unknown" and row and row.is_billed then
    assert.is_false(err.retryable, case)
  end
end

--- Did the service do nothing, as the error says? Gives it time to do it.
local function check_nothing_done(err, before)
  if err.outcome == "unknown" then return end
  support.sleep(0.003)
  assert.equal(before, acted(), describe_case(err))
end

--- Waits for the job; now and then it is cancelled, or its client closed.
local function finish(job)
  local ending = math.random(20)
  if ending <= 2 then
    job:wait(math.random() * 0.02)
    what[#what + 1] = ending == 1 and "cancelled" or "closed"
    if ending == 1 then job:cancel() else client:close() end
  end
  job:wait(20)
  assert.is_true(job:done(), describe_case())
  local result, err = job:result()
  -- What is on its way may be done later, and belongs to this call.
  if err then support.sleep(ending <= 2 and 0.05 or err.outcome == "unknown" and 0.01 or 0) end
  return result, err
end

local function fields_of(row)
  if row.name == "create_project" then
    local project = support.project()
    project.name = unique()
    return project
  end
  local text = support.read_file(SAMPLES .. row.name .. ".json")
  local sample = text and assert(aistudios.decode(text)) or {}
  if row.body ~= "form" then
    sample.nonce = unique()
    return sample
  end
  local fields = sample.fields
  fields.nonce = unique()
  for _, file in ipairs(sample.files) do
    local path = folder .. "/" .. file.path
    support.write_file(path, "content")
    fields[file.field] = path
  end
  return fields
end

local function start_call(row)
  local method, fields = client.async[row.name], fields_of(row)
  if not row.identity then return method(client.async, fields) end
  local id = fields[row.identity] or ID
  fields[row.identity] = nil
  if row.takes == "nothing" then return method(client.async, id) end
  return method(client.async, id, fields)
end

--- One call that may cost; again for as long as its error allows it.
local function try_call(row)
  what = { row.name }
  arm { row.name, row.name, "get_token", "any", "create_session_token" }
  local first = billed()
  for _ = 1, 3 do
    local before = acted()
    local job = start_call(row)
    local result, err = finish(job)
    if result then break end
    check_error(err, row.name)
    check_nothing_done(err, before)
    if not err.retryable then break end
    what[#what + 1] = "again"
    if tostring(client):find "closed" then client = new_client() end
  end
  local most = row.name == "translate_video" and 10 or 1
  assert.is_true(billed() - first <= most, describe_case())
end

local QUICK = { interval = 0.01, longest_interval = 0.02, deadline = 2, stalled = 1 }

--- A flow that dies somewhere and is gone on with, from any of its tokens.
local function try_flow()
  local kind = pick { "topic", "scripts", "render" }
  what = { kind }
  arm { "create_project", "export_project", "get_progress", "get_automation_progress",
    "get_token", "download", "any", "topic_to_video", "scripts_to_video", "get_project",
    "list_projects" }
  local path = folder .. "/" .. unique() .. ".mp4"
  local options = copy(QUICK)
  if math.random(2) == 1 then options.to = path end
  local tokens, dies = {}, math.random(3) == 1
  options.on_progress = function(seen)
    local token = options.job and options.job:token()
    if token then tokens[#tokens + 1] = token end
    if dies and math.random(6) == 1 then
      what[#what + 1] = "cancelled in " .. seen.phase
      options.job:cancel()
    end
  end
  local first, before = billed(), acted()
  local job
  local given = copy(options)
  given.job = nil
  if kind == "render" then
    local project = support.project()
    project.name = unique()
    job = client.async:render(project, given)
  else
    job = client.async:make_video(kind, { [kind] = unique() }, given)
  end
  options.job = job
  local result, err = finish(job)
  tokens[#tokens + 1] = job:token()
  if err then
    check_error(err, job.endpoint)
    check_nothing_done(err, before)
    if err.retryable then assert.not_equal("unknown", err.outcome, describe_case(err)) end
  end
  for _ = 1, 3 do
    if result or not tokens[1] then break end
    local token = pick(tokens)
    what[#what + 1] = "resumed from " .. token:match "goal=(%a+)"
    if math.random(2) == 1 then
      arm { "export_project", "get_progress", "get_project", "list_projects", "any" }
    end
    if tostring(client):find "closed" then client = new_client() end
    job = client.async:resume(token, QUICK)
    assert.is_true(job:wait(20), describe_case())
    local problem
    result, problem = job:result()
    if problem then check_error(problem, "resume") end
    tokens[#tokens + 1] = job:token()
    assert.is_true(billed() - first <= 1, describe_case(problem))
  end
  assert.is_true(billed() - first <= 1, describe_case(err))
end

describe("under any faults", function()
  local random = core.random

  before_each(function()
    folder, count = support.directory "ledger", 0
    core.random = function() return random() * 0.02 end -- short pauses
  end)

  after_each(function()
    core.random = random
    client:close()
    server:close()
  end)

  it("what an error says about the money is what the ledger says", function()
    local rows = {}
    for name, row in pairs(aistudios.api) do
      if row.is_billed and name ~= "talk" and name ~= "start_session" then rows[#rows + 1] = row end
    end
    table.sort(rows, function(a, b) return a.name < b.name end)
    local ends, round = core.now() + SECONDS, 0
    while core.now() < ends do
      seed = SEED + round
      math.randomseed(seed)
      round = round + 1
      if round > 1 then client:close() server:close() end
      server = sandbox.start { render_seconds = pick { 0.001, 0.05, 0.2 }, build_seconds = 0.01,
        shape = pick { "documented", "observed" }, jwt = math.random(2) == 1 }
      client = new_client()
      for _ = 1, 12 do
        server:clear_faults()
        if tostring(client):find "closed" then client = new_client() end
        if math.random(3) == 1 then try_flow() else try_call(pick(rows)) end
      end
      what = { "all" }
      assert.equal(0, server:ledger().duplicates, describe_case())
    end
  end)
end)
