-- Workers that are killed with -9 at every point of their work: no row is bought
-- twice, none is lost, and the budget is what was spent and what is reserved.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local support = require "spec.support"

local sandbox = require "aistudios.sandbox"

local LEASE = 1
local AT_ONCE = 8 -- processes
local MOST_POINTS = 200 -- in the life of one job
local count = 0
local server -- of PostgreSQL

lazy_setup(function () server = require "spec.support.postgres".start() end)
lazy_teardown(function () server:close() end)

local function template()
  local project = dofile "spec/examples/project.lua"
  project.name = "Offer {{sku}}"
  project.scenes[1].clips[1].script.org = "Hello, {{name}}."
  return project
end

local stores = {
  sqlite = function (at) return at .. "/batch.db" end,
  postgres = function () return server:database() end,
}

--- A batch of rows and a sandbox for it.
local function new_batch(kind, rows, options)
  count = count + 1
  local at = support.directory("kill-films-" .. count)
  local all = { store = stores[kind](at), id = "batch" .. count, template = template(),
    to = "{sku}.mp4", rows = rows, directory = at, at_once = 5 }
  for name, value in pairs(options or {}) do all[name] = value end
  local batch = assert(batches.open(all))
  batch:close()
  return { store = all.store, id = all.id, at = at }
end

local function rows_of(n)
  local rows = {}
  for i = 1, n do rows[i] = { sku = "sku" .. i, name = "row " .. i } end
  return rows
end

-- The command that runs a worker.
local function worker(api, batch, more)
  local settings = { app_id = api.app_id, user_key = api.user_key, directory = batch.at,
    lease = LEASE, interval = 0.05, window = 0.2, kill_at = 0 }
  for name, value in pairs(more or {}) do settings[name] = value end
  return ("exec env %s spec/support/batch_worker.lua '%s' '%s' '%s' '%s' 2>&1"):format(support.lua,
    batch.store, batch.id, api.url, aistudios.encode(settings))
end

local function run(api, batch, more)
  local pipe = assert(io.popen(worker(api, batch, more)))
  local printed = pipe:read "a"
  pipe:close()
  return printed
end

-- What workers of several batches print that run at the same time.
local function run_all(api, list, more_of)
  local printed = {}
  for first = 1, #list, AT_ONCE do
    local pipes = {}
    for i = first, math.min(#list, first + AT_ONCE - 1) do
      pipes[i] = assert(io.popen(worker(api, list[i], more_of and more_of(i))))
    end
    for i, pipe in pairs(pipes) do
      printed[i] = pipe:read "a"
      pipe:close()
    end
  end
  return printed
end

-- How often each row of a batch was billed, by its number.
local function ledger_of(api, opened)
  local pattern = "%[" .. assert(opened:info()).mark:gsub("%-", "%%-") .. "%-(%d+)%-%d+%]$"
  local billed = {}
  for _, entry in ipairs(api:ledger()) do
    local number = entry.name:match(pattern)
    number = math.tointeger(tonumber(number))
    if number then billed[number] = (billed[number] or 0) + 1 end
  end
  return billed
end

-- Was the paid call of this attempt begun?
local function was_submitted(opened, row)
  for _, event in ipairs(assert(opened:events(row.number))) do
    if event.attempt == row.attempt and event.to_state == "submitting" then return true end
  end
  return false
end

-- What holds of a row whatever happened: its money is what the ledger says, but where the
-- question is open. It is open where the paid call was begun and nothing is known since.
local function check_row(opened, row, times, is_over)
  local what = ("row %d, %s, %s"):format(row.number, row.state, row.message or "")
  assert.is_true(times <= 1, what .. ": was bought twice")
  if row.state == "unknown" or row.state == "submitting" then
    assert.equal("reserved", row.money, what)
    assert.is_true(was_submitted(opened, row), what)
    if is_over then assert.equal(0, times, what .. ": there is a trace of it") end
  else
    assert.equal(row.money == "spent" and 1 or 0, times, what)
    if is_over then assert.equal("done", row.state, what) end
  end
  if is_over then assert.is_not.equal("submitting", row.state, what) end
end

-- What holds of a batch, and when all that happens by itself is over: a row is done, or it
-- is unknown and was not bought.
local function check(api, batch, total, is_over)
  local opened <close> = assert(batches.open { store = batch.store, id = batch.id,
    directory = batch.at })
  local status = assert(opened:status())
  local billed, money, rows = ledger_of(api, opened), { spent = 0, reserved = 0, none = 0 }, 0
  for row in opened:rows() do
    rows = rows + 1
    money[row.money] = money[row.money] + 1
    check_row(opened, row, billed[row.number] or 0, is_over)
    if row.state == "done" then assert.is_true(support.exists(batch.at .. "/" .. row.path)) end
  end
  assert.equal(total, rows)
  assert.equal(money.spent, status.spent_jobs)
  assert.equal(money.reserved, status.reserved_jobs)
  return status, opened
end

-- A person says of each unknown row what the ledger says.
local function resolve(batch)
  local opened <close> = assert(batches.open { store = batch.store, id = batch.id })
  for row in opened:rows "unknown" do -- none of which was bought, see check
    assert(opened:resolve(row.key, { not_bought = true }))
  end
end

--- Batches of one row each, whose workers were killed at one point after the other.
local function kill_everywhere(api, kind, options)
  local killed = {}
  for first = 1, MOST_POINTS, AT_ONCE do
    local list = {}
    for i = 1, AT_ONCE do list[i] = new_batch(kind, rows_of(1), options) end
    local printed = run_all(api, list, function (i) return { kill_at = first + i - 1 } end)
    for i, batch in ipairs(list) do
      check(api, batch, 1)
      if printed[i]:find "^over" then return killed end
      assert.equal("", printed[i])
      killed[#killed + 1] = batch
    end
  end
  error "no worker came to its end"
end

-- Runs batches to their ends; those of them whose row is unknown.
local function run_to_end(api, list)
  local unknown = {}
  for i, printed in ipairs(run_all(api, list)) do
    assert.truthy(printed:find "^over", printed)
    local status = check(api, list[i], 1, true)
    assert.equal(1, status.counts.done + status.counts.unknown, aistudios.encode(status))
    if status.counts.unknown == 1 then unknown[#unknown + 1] = list[i] end
  end
  return unknown
end

for kind in pairs(stores) do
  describe("a worker on " .. kind .. " that is killed", function ()
    for _, is_direct in ipairs { false, true } do
      it("at each point of a job's life" .. (is_direct and ", in one call" or ""), function ()
        local api <close> = sandbox.start { render_seconds = 0.05 }
        local killed = kill_everywhere(api, kind, { direct = is_direct })
        assert.is_true(#killed > 15, "it came to few points: " .. #killed)
        local unknown = run_to_end(api, killed)
        assert.is_true(#unknown > 0) -- those that had said so and were not sent
        for _, batch in ipairs(unknown) do resolve(batch) end
        assert.same({}, run_to_end(api, unknown))
      end)
    end

    it("again and again, while two others work", function ()
      local total = support.is_slow and 100 or tonumber(os.getenv "BATCH_ROWS" or 300)
      local seed = os.time()
      math.randomseed(seed)
      print("seed " .. seed)
      local api <close> = sandbox.start { render_seconds = 0.1, jitter = 0.5 }
      local batch = new_batch(kind, rows_of(total), { at_once = 60, max_jobs = total })
      local pipes, kills = {}, 0
      local function start(i)
        pipes[i] = assert(io.popen(worker(api, batch, { lease = 2,
          kill_at = kills < 60 and math.random(20, 600) or 0 }), "r"))
      end
      for i = 1, 3 do start(i) end
      local over = false
      while not over do
        for i = 1, 3 do
          local printed = pipes[i]:read "a" -- until it has ended
          pipes[i]:close()
          pipes[i] = nil
          if printed:find "^over" then over = true break end
          assert.equal("", printed)
          kills = kills + 1
          start(i)
        end
      end
      for i = 1, 3 do
        if pipes[i] then pipes[i]:read "a" pipes[i]:close() end
      end
      local again = run(api, batch, { lease = 2 })
      assert.truthy(again:find "^over", again)
      local status = check(api, batch, total, true)
      assert.equal(total, status.counts.done + status.counts.unknown)
      resolve(batch)
      assert.truthy(run(api, batch, { lease = 2 }):find "^over")
      status = check(api, batch, total, true)
      assert.equal(total, status.counts.done, aistudios.encode(status))
      assert.equal(total, status.spent_jobs)
      assert.is_true(kills > 3)
    end)
  end)
end
