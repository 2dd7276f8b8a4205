-- Everything at once under random faults: no job is lost, no call fails inside
-- this module, nothing is billed twice.
local now = require "aistudios.core".now
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local SECONDS = 3
local MOST_JOBS = 150

local faults = { "drop_before_read", "drop_after_read", "reset_mid_body", "truncated",
  "not_json", "status", "success_false", "expired_token", "slow" }

local server, count, seed

local function pick(list)
  return list[math.random(#list)]
end

--- A project like no other: the ledger takes equal ones for duplicates.
local function new_project()
  local project = support.project()
  count = count + 1
  project.name = "number " .. count
  return project
end

local function new_client()
  return support.client(server, {
    timeout = { connect = 2, stall = 2, total = 2 },
    on_event = function() if math.random() < 0.001 then error "on_event" end end,
  })
end

local QUICK = { interval = 0.05, on_progress = function()
  if math.random() < 0.05 then error { "on_progress" } end
end }

local calls = {
  function(async) return async:create_project(new_project()) end,
  function(async) return async:render(new_project(), QUICK) end,
  function(async)
    count = count + 1
    return async:make_video("topic", { topic = "number " .. count }, QUICK)
  end,
  function(async) return async:list_projects() end,
  function(async) return async:get_project "no-such-project" end,
  function(async) return async:delete_projects { "no-such-project" } end,
  function(async) return async:session { avatar_id = "avatar" } end,
}

--- Looks at a job that is done; true when it is.
local function settle(job)
  if not job:done() then return false end
  local result, err = job:result()
  if not result then
    assert(err.kind and err.outcome and err.message and tostring(err) ~= "", job.endpoint)
    assert.is_nil(err.message:find("inside the call", 1, true), tostring(err))
  end
  return true
end

describe("many jobs under random faults", function()
  before_each(function()
    count, seed = 0, os.time()
    math.randomseed(seed)
    server = sandbox.start { render_seconds = 0.2 }
  end)

  after_each(function()
    server:close()
  end)

  it("all end, and bill nothing twice", function()
    local clients, jobs, done = { new_client(), new_client() }, {}, 0
    local deadline = now() + SECONDS
    while now() < deadline do
      if math.random() < 0.05 then
        server:fault { on = "any", kind = pick(faults), times = math.random(3) }
      end
      if #jobs < MOST_JOBS then jobs[#jobs + 1] = pick(calls)(pick(clients).async) end
      if math.random() < 0.1 then pick(jobs):cancel() end
      for _, client in ipairs(clients) do client:step(0) end
      if math.random() < 0.003 then
        local i = math.random(#clients)
        clients[i]:close()
        clients[i] = new_client()
      end
      for i = #jobs, 1, -1 do
        if settle(jobs[i]) then
          done = done + 1
          table.remove(jobs, i)
        end
      end
    end
    for _, client in ipairs(clients) do client:close() end
    for _, job in ipairs(jobs) do assert.is_true(settle(job), "seed " .. seed) end
    assert.is_true(done > 0)
    assert.equal(0, server:ledger().duplicates, "seed " .. seed)
  end)
end)
