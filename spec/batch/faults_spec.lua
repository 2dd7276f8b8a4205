-- What goes wrong while a batch is worked on: the disk is full, the database
-- gone, the clock wrong, an answer lost or late. Nothing is bought twice.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local core = require "aistudios.core"
local support = require "spec.support"
local worker_of = require "aistudios.batch.worker"

local sandbox = require "aistudios.sandbox"

local server -- of PostgreSQL
local api, client
local count = 0

lazy_setup(function () server = require "spec.support.postgres".start() end)
lazy_teardown(function () server:close() end)

before_each(function ()
  api = sandbox.start { render_seconds = 0.1 }
  client = support.client(api)
end)

after_each(function ()
  client:close()
  api:close()
end)

local stores = {
  sqlite = function (at) return at .. "/batch.db" end,
  postgres = function () return server:database() end,
}

local function template()
  local file = support.read_file "spec/examples/offer.json"
  return (assert(aistudios.decode(file)))
end

local function rows_of(n)
  local rows = {}
  for i = 1, n do rows[i] = { sku = "s" .. i, name = "Tea " .. i, price = "4" } end
  return rows
end

local function open(kind, n, options)
  count = count + 1
  local at = support.directory("faults-" .. count)
  local all = { store = stores[kind](at), id = "faults" .. count, template = template(),
    rows = rows_of(n), to = "{sku}.mp4", directory = at, at_once = 10 }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(batches.open(all)), all
end

--- Runs a batch; `f` is called again and again meanwhile.
local function run(batch, f, options)
  local wait = worker_of.wait_for(client)
  local all = { interval = 0.05, window = 0.3, lease = 4, download_pause = 0.1,
    wait = function (seconds)
      wait(seconds)
      if f then f() end
    end }
  for name, value in pairs(options or {}) do all[name] = value end
  return batch:run(client, all)
end

local function assert_all_done(batch, n)
  local status = assert(batch:status())
  assert.equal(n, status.counts.done, aistudios.encode(status))
  assert.equal(n, status.spent_jobs)
  assert.equal(0, status.reserved_jobs)
  assert.equal(n, api:ledger().count)
  assert.equal(0, api:ledger().duplicates)
end

-- Moves the clock of the database: all times that it has written move the other way.
local function jump(batch, seconds)
  assert(batch.database:run("update aistudios_row set lease_until = lease_until - @seconds, "
    .. "due_at = due_at - @seconds, changed_at = changed_at - @seconds", { seconds = seconds }))
  assert(batch.database:run("update aistudios_batch set sweeper_until = sweeper_until - @seconds",
    { seconds = seconds }))
  assert(batch.database:run("update aistudios_account set due_at = due_at - @seconds",
    { seconds = seconds }))
end

-- A worker that others hold for gone.
local function without_heartbeat(worker)
  worker.store.beat = function () return {} end
end

-- What a function does at the first of its calls for which the time has come.
local function after(seconds, f)
  local at, is_done = core.now() + seconds, false
  return function ()
    if is_done or core.now() < at then return end
    is_done = true
    f()
  end
end

for kind in pairs(stores) do
  describe("a batch on " .. kind, function ()
    it("knows what a lost answer bought, by the name of the row", function ()
      for _, fault in ipairs { "drop_after_read", "reset_mid_body", "not_json", "truncated" } do
        api:fault { on = "export_project", kind = fault, times = 2 }
        local batch <close> = open(kind, 5)
        local before = api:ledger().count
        assert(run(batch))
        assert.equal(5, batch:status().counts.done, fault)
        assert.equal(before + 5, api:ledger().count, fault)
        api:clear_faults()
      end
    end)

    it("keeps a row unknown of which there is no trace, with its money reserved", function ()
      api:fault { on = "export_project", kind = "drop_before_read" }
      local batch <close> = open(kind, 3, { max_jobs = 3 })
      local status = assert(run(batch))
      assert.equal(1, status.counts.unknown + 0, aistudios.encode(status))
      assert.equal(2, status.spent_jobs)
      assert.equal(1, status.reserved_jobs)
      assert.equal(2, api:ledger().count)
      assert(run(batch))
      assert.equal(1, batch:status().counts.unknown)
      local row, other = batch:rows "unknown"(), batch:rows "done"()
      local _, err = batch:resolve(row.key, { bought = other.project_id })
      assert.truthy(err.message:find("that of row '" .. other.key, 1, true), err.message)
      _, err = batch:resolve(row.key, { bought = "" })
      assert.truthy(err.message:find("no project's id", 1, true), err.message)
      assert(batch:resolve(row.key, { not_bought = true }))
      assert(run(batch))
      assert_all_done(batch, 3)
    end)

    it("waits with all rows after 429, and buys each once", function ()
      api:fault { on = "export_project", kind = "status", status = 429, times = 4 }
      api:fault { on = "create_project", kind = "status", status = 429, times = 4 }
      local batch <close> = open(kind, 6)
      assert(run(batch))
      assert_all_done(batch, 6)
    end)

    it("waits after 429 with all batches of the account in the store", function ()
      local first <close>, options = open(kind, 1)
      options.id, options.store = options.id .. "b", first.database.address
      local second <close> = assert(batches.open(options))
      api:fault { on = "create_project", kind = "status", status = 429, times = "always",
        retry_after = 3 }
      assert(run(first, nil, { on_change = function (change)
        if change.state == "waiting" then first:stop() end
      end }))
      api:clear_faults()
      local told, seen = core.now(), #support.requests(api, "create_project")
      assert(run(second, function ()
        if core.now() < told + 1 then
          assert.equal(seen, #support.requests(api, "create_project"))
        end
      end))
      assert.equal(1, second:status().counts.done)
      local rows = assert(second.database:run "select id from aistudios_account")
      assert.equal(1, #rows)
      assert.is_nil(rows[1].id:find(api.app_id, 1, true))
    end)

    it("releases what the service refuses", function ()
      api:fault { on = "export_project", kind = "success_false" }
      local batch <close> = open(kind, 3, { max_jobs = 3 })
      local status = assert(run(batch))
      assert.equal(1, status.counts.failed)
      assert.equal(2, status.spent_jobs)
      assert.equal(0, status.reserved_jobs)
      assert.equal(1, batch:retry())
      assert(run(batch))
      assert_all_done(batch, 3)
    end)

    it("buys nothing beyond the budget, and goes on with a larger one", function ()
      local batch <close> = open(kind, 5, { max_jobs = 3 })
      local status = assert(run(batch))
      assert.equal(3, status.spent_jobs)
      assert.equal(2, status.counts.waiting)
      assert.equal(3, api:ledger().count)
      assert(batch:set { max_jobs = 5 })
      assert(run(batch))
      assert_all_done(batch, 5)
    end)

    it("bears a clock that jumps while answers are awaited", function ()
      for _, seconds in ipairs { 3600, -3600 } do
        api:reset()
        api:fault { on = "export_project", kind = "slow", seconds = 3, times = "always" }
        local batch <close> = open(kind, 4)
        assert(run(batch, after(0.6, function () jump(batch, seconds) end),
          { on_start = without_heartbeat }))
        assert_all_done(batch, 4)
        local seen = {}
        for _, event in ipairs(batch:events(1)) do seen[event.to_state or event.kind] = true end
        assert.equal(seconds > 0 or nil, seen.unknown) -- and a late answer ended it
      end
    end)

    it("notes what was bought after somebody had said that it was not", function ()
      api:fault { on = "export_project", kind = "slow", seconds = 3 }
      local batch <close> = open(kind, 1)
      api:set { list_lag = 1000 }
      local steps = { submitting = function () jump(batch, 3600) end,
        unknown = function () assert(batch:resolve("1", { not_bought = true })) end }
      assert(run(batch, function ()
        local state = assert(batch:row "1").state
        local step = steps[state]
        steps[state] = nil
        if step then step() end
      end, { on_start = without_heartbeat }))
      assert.is_nil(next(steps))
      local late = assert(batch:late_events())
      assert.equal(1, #late)
      assert.equal(1, late[1].attempt)
      assert.equal("string", type(late[1].project_id))
      local path = support.build .. "/spec/late.html"
      assert(batch:report(path))
      assert.truthy(support.read_file(path):find(late[1].project_id, 1, true))
    end)

    it("takes a name that neither database has a form for", function ()
      local rows = rows_of(2)
      rows[1].name, rows[2].name = "a\0b", ("\u{E9}"):rep(300)
      local batch <close> = open(kind, 2, { rows = rows })
      assert(run(batch))
      assert_all_done(batch, 2)
      for _, request in ipairs(support.requests(api, "create_project")) do
        local name = aistudios.decode(request.body).name
        assert.truthy(batch:row("1").name == name or batch:row("2").name == name)
      end
    end)

    it("submits nothing while its heartbeats fail", function ()
      local batch <close> = open(kind, 2)
      local worker, broken_at, is_over
      assert(run(batch, function ()
        worker.beat_at = 0
        if not broken_at then
          local has_drafts = #support.requests(api, "create_project") > 0
          broken_at = has_drafts and core.now() or nil
        elseif not is_over and core.now() > broken_at + 1 then
          assert.equal(0, #support.requests(api, "export_project"))
          is_over = true
        end
      end, { on_start = function (started)
        worker = started
        local beat = worker.store.beat
        worker.store.beat = function (store)
          if is_over or not broken_at then return beat(store) end
          return nil, { kind = "busy", message = "no answer" }
        end
      end }))
      assert.is_true(is_over)
      assert_all_done(batch, 2)
    end)

    it("is worked on by two processes of one name", function ()
      local batch <close>, options = open(kind, 30)
      -- Time for the second to begin.
      api:fault { on = "create_project", kind = "slow", seconds = 0.6, times = 30 }
      local settings = aistudios.encode { app_id = api.app_id, user_key = api.user_key,
        directory = options.directory, lease = 4, interval = 0.05, window = 0.3, kill_at = 0 }
      local pipes = {}
      for i = 1, 2 do
        pipes[i] = io.popen(("exec env %s spec/support/batch_worker.lua '%s' '%s' '%s' '%s' 2>&1")
          :format(support.lua, options.store, options.id, api.url, settings))
      end
      for i = 1, 2 do
        assert.truthy(pipes[i]:read "a":find "^over")
        pipes[i]:close()
      end
      assert_all_done(batch, 30)
      local rows = assert(batch.database:run(
        "select distinct worker from aistudios_event where worker is not null", {}))
      assert.equal(2, #rows)
    end)

    it("keeps what its states promise, whoever writes", function ()
      local batch <close> = open(kind, 2)
      for _, text in ipairs {
        "update aistudios_row set state = 'done'",
        "update aistudios_row set state = 'failed'",
        "update aistudios_row set state = 'submitting', money = 'reserved'",
        "update aistudios_row set state = 'rendering', money = 'spent'",
        "update aistudios_row set money = 'reserved'",
        "update aistudios_row set state = 'elsewhere'",
        "update aistudios_row set key = 'same'",
        "delete from aistudios_row",
        "update aistudios_row set credit = -1",
      } do
        local rows = batch.database:run(text, {})
        assert.is_nil(rows, text)
      end
      assert(run(batch))
      assert.is_nil((batch.database:run("delete from aistudios_money", {})))
      assert.is_nil((batch.database:run("delete from aistudios_event", {})))
      assert.is_nil((batch.database:run("update aistudios_event set kind = 'x'", {})))
      assert_all_done(batch, 2)
    end)

    it("counts credits that webhooks tell, and stops at their limit", function ()
      local secret = "a secret of the spec"
      local batch <close> = open(kind, 4, { max_credits = 4, at_once = 1 })
      local told = {}
      assert(run(batch, nil, { webhook = "http://127.0.0.1:9/hook", webhook_secret = secret,
        on_change = function (change)
          if change.state ~= "rendering" or told[change.number] then return end
          told[change.number] = true
          local key = ("%s/%d/%d"):format(assert(batch:info()).mark, change.number, change.attempt)
          local address = aistudios.webhook.sign_url("http://127.0.0.1:9/hook", key, secret, 60)
          for _ = 1, 2 do -- a repeat counts once
            assert(batch:receive { method = "POST", url = address, secret = secret,
              body = '{"progress":100,"credit":2,"download_url":"http://127.0.0.1/x"}' })
          end
        end }))
      local status = assert(batch:status())
      assert.equal(4.0, status.spent_credits)
      assert.equal(2, status.spent_jobs)
      assert.equal(2, api:ledger().count)
      assert.is_true(status.is_budget_used)
      assert(batch:set { max_credits = 5 }) -- and a video costs 2
      assert.is_true(assert(run(batch)).is_budget_used)
      assert(batch:set { max_credits = 6 })
      assert.is_false(assert(batch:status()).is_budget_used)
      assert.is_nil(batch:receive { method = "POST", url = "http://127.0.0.1:9/hook?job_key=x",
        secret = secret, body = "{}" })
    end)
  end)
end

describe("a batch on sqlite", function ()
  it("goes on when a full disk has room again", function ()
    local batch <close> = open("sqlite", 40)
    local errors, told = 0, {}
    local free, is_full = nil, false
    local fill = after(0.1, function ()
      local pages = assert(batch.database:run("pragma page_count", {}))[1].page_count
      assert(batch.database:run(("pragma max_page_count = %d"):format(pages), {}))
      is_full, free = true, after(1.5, function ()
        assert(batch.database:run("pragma max_page_count = 1000000", {}))
      end)
    end)
    assert(run(batch, function ()
      fill()
      if is_full then free() end
    end, { on_problem = function (err) told[#told + 1] = err end, on_start = function (worker)
      local failed = worker.store_failed
      worker.store_failed = function (self, err)
        errors = errors + (err.kind == "full" and 1 or 0)
        return failed(self, err)
      end
    end }))
    assert.is_true(errors > 0)
    assert.equal(1, #told)
    assert.truthy(told[1].message:find("full", 1, true), told[1].message)
    assert_all_done(batch, 40)
  end)
end)

describe("a batch on postgres", function ()
  it("goes on when the database comes back", function ()
    local batch <close> = open("postgres", 40)
    local gone = support.is_slow and 2 or tonumber(os.getenv "BATCH_GONE" or 4)
    local stop = after(0.3, function () server:stop() end)
    local begin = after(0.3 + gone, function () server:begin() end)
    assert(run(batch, function ()
      stop()
      begin()
    end, { window = 1 }))
    local status = assert(batch:status())
    assert.equal(40, status.counts.done + status.counts.unknown, aistudios.encode(status))
    assert.equal(0, status.counts.unknown, aistudios.encode(status))
    assert_all_done(batch, 40)
  end)

  it("begins nothing of a claim that the server may still forget in a crash", function ()
    local batch <close> = open("postgres", 1)
    local function delay(text)
      local db <close> = assert(require "aistudios.batch.postgres".open(batch.database.address))
      assert(db:run("alter system " .. text))
      assert(db:run "select pg_reload_conf()")
    end
    delay "set wal_writer_delay = '10s'"
    finally(function () delay "reset wal_writer_delay" end)
    api:fault { on = "create_project", kind = "slow", seconds = 5 }
    api:fault { on = "export_project", kind = "slow", seconds = 8, times = "always" }
    local has_crashed = false
    assert(run(batch, nil, { lease = 60, on_change = function (change)
      if change.state ~= "claimed" then return end
      assert.is_false(has_crashed)
      has_crashed = true
      server:stop()
      server:begin()
    end }))
    assert.is_true(has_crashed)
    assert_all_done(batch, 1)
  end)

  it("takes a batch over from its file, and no row is bought from both", function ()
    local batch <close>, options = open("sqlite", 5)
    local move = require "aistudios.batch.move"
    local address = server:database()
    for _ = 1, 2 do assert(move.run(batch, address)) end -- also again
    local _, err = run(batch)
    assert.truthy(err.message:find("another store", 1, true))
    local moved <close> = assert(batches.open { store = address, id = options.id,
      directory = options.directory })
    assert(run(moved))
    assert_all_done(moved, 5)
    _, err = move.run(batch, server:database())
    assert.truthy(err.message:find("another store", 1, true))
  end)

  it("takes a batch over at a second try, where the first came to nothing", function ()
    local batch <close>, options = open("sqlite", 2)
    local address, move = server:database(), require "aistudios.batch.move"
    local target <close> = assert(require "aistudios.batch.database".open(address))
    assert(target:run "alter table aistudios_row add constraint full_up check (number < 2)")
    local ok, err = move.run(batch, address)
    assert.is_nil(ok)
    assert.truthy(err.message:find("full_up", 1, true), err.message)
    assert(target:run "alter table aistudios_row drop constraint full_up")
    assert(move.run(batch, address))
    local moved <close> = assert(batches.open { store = address, id = options.id,
      directory = options.directory })
    assert(run(moved))
    assert_all_done(moved, 2)
  end)

  it("is where aistudios batch has moved it, from then on", function ()
    local command = require "spec.support.command"
    finally(command.stop_all)
    local world, address = command.world(api), server:database()
    local at = support.run "pwd" .. "/spec/examples/"
    local function run_command(...)
      local ended = command.run(world, { "batch", ... })
      assert.equal(0, ended.code, ended.err)
      return ended.lines[#ended.lines]
    end
    run_command("plan", "offers", "--template", at .. "offer.json", "--rows", at .. "offers.csv")
    run_command("run", "offers", "--store", address, "--max-jobs", "3", "--interval", "0.1")
    assert.equal(3, run_command("status", "offers").counts.done)
    assert.equal(3, api:ledger().count)
    local ended = command.run(world, { "batch", "status", "offers", "--store", server:database() })
    assert.equal(2, ended.code, ended.err)
    assert.truthy(ended.err:find("another store", 1, true), ended.err)
  end)

  it("is not taken over once it was begun", function ()
    local batch <close> = open("sqlite", 1)
    assert(run(batch))
    local _, err = require "aistudios.batch.move".run(batch, server:database())
    assert.truthy(err.message:find("was begun", 1, true))
  end)
end)
