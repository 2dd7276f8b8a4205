-- SPDX-License-Identifier: MIT
--
-- What a worker does by its clock, on a store in SQLite.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local SECRET = "a secret of the spec"

describe("a worker", function ()
  local api, client, batch

  before_each(function ()
    api = assert(sandbox.start { render_seconds = 1.5 })
    client = support.client(api)
    batch = assert(batches.open { store = support.directory "worker" .. "/batch.db",
      id = "films", to = "{sku}.mp4",
      template = aistudios.decode(support.read_file "spec/examples/offer.json"),
      rows = { { sku = "1", name = "Tea", price = "4" } } })
  end)

  after_each(function ()
    batch:close()
    client:close()
    api:close()
  end)

  it("waits for a store that is busy for a while", function ()
    local refusals = 0
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1,
      on_start = function (worker)
        local beat = worker.store.beat
        worker.beat_at = 0
        worker.store.beat = function (store)
          if refusals == 2 then return beat(store) end
          refusals = refusals + 1
          return nil, { kind = "busy", message = "no answer" }
        end
      end }))
    assert.equal(2, refusals)
    assert.equal(1, batch:status().counts.done)
  end)

  it("does not hold up its other changes by one that the store refuses", function ()
    local kinds = { "constraint", "busy", "constraint", "constraint" } -- with others, and alone
    local refused = 0
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1,
      on_start = function (worker)
        local write = worker.store.write
        worker.store.write = function (store, list, wanted)
          if refused == #kinds or not list[1] then return write(store, list, wanted) end
          refused = refused + 1
          return nil, { kind = kinds[refused], message = "a " .. kinds[refused] }
        end
      end }))
    assert.equal(1, batch:status().counts.done)
    assert.equal(1, api:ledger().count)
    local events = assert(batch.database:run(
      "select message from aistudios_event where kind = 'refused'", {}))
    assert.same({ { message = "a constraint" } }, events)
  end)

  -- Runs the batch, and stops it at its first change to `state`.
  local function run_to(state, options)
    local all = { interval = 0.05, longest_interval = 0.1, on_change = function (change)
      if change.state == state then batch:stop() end
    end }
    for name, value in pairs(options or {}) do all[name] = value end
    return batch:run(client, all)
  end

  it("that is stopped with a draft buys nothing of it, until the next run", function ()
    local running
    local function stop_before_the_change()
      if running.changes[1] and running.changes[1].transition == "submit" then batch:stop() end
    end
    local wait = require "aistudios.batch.worker".wait_for(client)
    for i, options in ipairs {
      { on_start = function (worker) running = worker end, wait = function (seconds)
        wait(seconds)
        stop_before_the_change()
      end },
      {}, -- or when it is written
    } do
      assert.equal(1, assert(run_to("submitting", options)).counts.waiting)
      assert.equal("stopped before sending", batch:row("1").message)
      assert.equal("none", batch:row("1").money)
      assert.equal(0, #api:requests "export_project")
      for _, event in ipairs(i == 1 and batch:events(1) or {}) do -- nothing that a kill leaves
        assert.are_not.equal("submitting", event.to_state)        -- could have been sent
      end
    end
    assert.equal(1, assert(run_to()).counts.done)
    assert.equal(1, api:ledger().count)
  end)

  it("drafts anew, and looks for the purchase, where an answer names no project", function ()
    local empty = { kind = "status", status = 200, body = '{"success":true,"data":{}}' }
    for name, has_acted in pairs { create_project = false, export_project = true } do
      empty.on, empty.act = name, has_acted
      api:fault(empty)
    end
    assert.equal(1, assert(run_to()).counts.done)
    assert.same({ 2, 1 }, { #api:requests "create_project", #api:requests "export_project" })
    assert.equal(1, api:ledger().count)
  end)

  it("gives up a video that the service failed at, and keeps what it cost", function ()
    api:fault { on = "get_progress", kind = "unknown_state", state = "renderFailed",
      times = "always" }
    local status = assert(run_to())
    assert.same({ 1, 1 }, { status.counts.failed, status.spent_jobs })
    assert.truthy(batch:row("1").message:find("renderFailed", 1, true), batch:row("1").message)
    api:clear_faults()
    assert.equal(1, assert(batch:retry()))
    assert.equal(1, assert(run_to()).counts.done)
    assert.equal(1, api:ledger().count)
  end)

  it("fails a row that its template does not take any more, and goes on", function ()
    local refusal = { kind = "invalid", outcome = "not_sent", message = "no such name" }
    local status = assert(run_to(nil, { on_start = function (worker)
      worker.template = { fill = function ()
        return nil, setmetatable(refusal, { __tostring = function () return "no such name" end })
      end }
    end }))
    assert.equal(1, status.counts.failed)
    assert.equal("no such name", batch:row("1").message)
    assert.equal(0, api:ledger().count)
  end)

  it("reports each row as JSON whose names are in order", function ()
    assert.equal(1, assert(run_to()).counts.done)
    local path, names = support.build .. "/spec/worker/rows.jsonl", {}
    assert(batch:report(path))
    local line = support.read_file(path):match "[^\n]+"
    for name in line:gsub('"fields":%b{},', '"fields":0,'):gmatch '"([%l_]+)":' do
      names[#names + 1] = name
    end
    assert.same({ "attempt", "bytes", "fields", "key", "money", "name", "path", "project_id", "row",
      "state" }, names)
  end)

  it("names a batch that was given no name, and counts no bytes of rows without films", function ()
    local ids = {}
    for i = 1, 2 do
      local own <close> = assert(batches.open { key = "sku",
        store = ("%s/worker/%d.db"):format(support.build .. "/spec", i), rows = { { sku = "1",
          name = "Tea", price = "4" } }, template = aistudios.decode(
            support.read_file "spec/examples/offer.json") })
      assert.equal(1, assert(own:run(client, { interval = 0.05 })).counts.done)
      for row in own:rows() do assert.equal(0, row.bytes) end
      ids[i] = { own.id, own.store.worker }
    end
    for place, length in ipairs { 8, 16 } do -- of a batch, of a worker
      local id = ids[1][place]
      assert.truthy(id:find "^%x+$" and #id == length and id ~= ids[2][place], id)
    end
  end)

  it("drafts a row ten times whose draft is never answered", function ()
    api:fault { on = "create_project", kind = "drop_after_read", times = "always" }
    local status = assert(run_to(nil, { on_start = function (worker)
      worker.trouble = function () end -- without its pauses
    end }))
    assert.same({ 1, 10, 0 }, { status.counts.failed, #api:requests "create_project",
      api:ledger().count })
  end)

  it("buys nothing of a batch that was cancelled, which says so", function ()
    assert.is_false(batch:status().is_cancelled)
    assert.equal(1, assert(batch:cancel()))
    assert.is_true(batch:status().is_cancelled)
    assert.equal(0, assert(batch:run(client, { interval = 0.05 })).counts.waiting)
    assert.equal(0, api:ledger().count)
  end)

  -- The service answered with the project of another row.
  for transition, expected in pairs {
    buy = { "unknown", "it was bought, and the store refuses its project" },
    submit = { "failed", "the store refuses the draft" } } do
    it("goes on where the store refuses to " .. transition, function ()
      local refused = 0
      local status = assert(run_to(expected[1], { on_start = function (worker)
        local write = worker.store.write
        worker.store.write = function (store, list, wanted)
          for _, change in ipairs(list) do
            if change.delay == 1 then change.delay = 0 end -- before the next attempt
            if change.transition == transition then
              refused = refused + 1
              return nil, { kind = "constraint", message = "a constraint" }
            end
          end
          return write(store, list, wanted)
        end
      end }))
      assert.equal(1, status.counts[expected[1]])
      assert.truthy(batch:row("1").message:find(expected[2], 1, true), batch:row("1").message)
      assert.equal(transition == "buy" and 1 or 0, api:ledger().count)
      assert.is_true(refused >= (transition == "buy" and 1 or 10), refused)
    end)
  end

  it("submits a row once that the service refuses", function ()
    api:fault { on = "create_project", kind = "status", status = 400, times = "always" }
    assert.equal(1, assert(run_to()).counts.failed)
    assert.equal(1, #api:requests "create_project")
  end)

  it("ends where the keys are wrong, with rows that wait", function ()
    local other <close> = support.client(api, { user_key = "wrong" })
    local status, err = batch:run(other, { interval = 0.05 })
    assert.is_nil(status)
    assert.equal("auth", err.kind)
    assert.equal(1, batch:status().counts.waiting)
  end)

  it("ends where the store is not what it was, and does not know what became of rows", function ()
    local told = 0
    local status, err = run_to(nil, { on_problem = function () told = told + 1 end,
      on_change = function (change)
        if change.state ~= "rendering" then return end
        assert(batch.database:run "alter table aistudios_row rename to other")
      end })
    assert.is_nil(status)
    assert.same({ "file", "unknown", 1 }, { err.kind, err.outcome, told })
    assert.truthy(err.message:find("no such table", 1, true), err.message)
    assert(batch.database:run "alter table other rename to aistudios_row")
    assert.equal(1, assert(run_to()).counts.done)
    assert.equal(1, api:ledger().count)
  end)

  it("asks a busy store again whether something is left", function ()
    assert.equal(1, assert(run_to(nil, { on_start = function (worker)
      local busy, is_first = worker.store.busy, true
      function worker.store.busy(...)
        if not is_first then return busy(...) end
        is_first = false
        return nil, { kind = "busy", message = "no answer" }
      end
    end })).counts.done)
  end)

  it("buys nothing for a film whose directory cannot be made", function ()
    batch:close()
    batch = assert(batches.open { store = batch.database.address, make_directory = function ()
      return nil, "no room for it"
    end })
    local status = assert(run_to())
    assert.same({ 1, 0 }, { status.counts.failed, status.spent_jobs })
    assert.equal("no room for it", batch:row("1").message)
    assert.equal(0, #api:requests())
    assert.error_matches(function () batch:run(client, { webhook = "http://127.0.0.1:1/" }) end,
      "needs webhook_secret")
  end)

  it("looks for leases that are over, and extends its own, four times in a lease", function ()
    local LEASE = 2
    local counts, began = { expire = 0, beat = 0 }, core.now()
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1, lease = LEASE,
      on_start = function (worker)
        for name in pairs(counts) do
          local original = worker.store[name]
          worker.store[name] = function (...)
            counts[name] = counts[name] + 1
            return original(...)
          end
        end
      end }))
    local most = (core.now() - began) / (LEASE / 4) + 1
    for name, count in pairs(counts) do
      assert.is_true(count >= 2 and count <= most, name .. ": " .. count)
    end
  end)
end)

describe("a batch whose store fails", function ()
  local batch

  before_each(function ()
    batch = assert(batches.open { store = support.directory "worker" .. "/batch.db",
      template = aistudios.decode(support.read_file "spec/examples/offer.json"),
      rows = { { name = "Tea", price = "4" } } })
  end)

  after_each(function () batch:close() end)

  it("returns the error from each of its methods, and raises it in a loop", function ()
    local url = aistudios.webhook.sign_url("http://127.0.0.1:9/hook",
      assert(batch:info()).mark .. "/1/1", SECRET, 60)
    for _, name in ipairs { "row", "event" } do
      assert(batch.database:run(("alter table aistudios_%s rename to other_%s"):format(name, name)))
    end
    local calls = {
      status = {}, row = { "1" }, events = { 1 }, late_events = {}, retry = {}, cancel = {},
      report = { support.build .. "/spec/worker/manifest.jsonl" },
      receive = { { method = "POST", url = url, secret = SECRET, body = "{}" } },
    }
    for name, arguments in pairs(calls) do
      local result, err = batch[name](batch, table.unpack(arguments))
      assert.is_nil(result, name)
      assert.equal("file", err.kind, name)
      assert.truthy(err.message:find("no such table", 1, true), err.message)
    end
    assert.is_false(support.exists(calls.report[1]))
    assert.is_false(support.exists(calls.report[1] .. ".part"))
    assert.error_matches(function () batch:rows()() end, "no such table")
  end)

  it("knows no row that was not planned, and no second verdict of one", function ()
    local _, err = batch:row "2"
    assert.equal("there is no row '2'", err.message)
    assert.truthy(tostring(batch):find(batch.id, 1, true))
    local row = assert(batch:row "1")
    row.state, row.attempt = "unknown", 1 -- as another person has seen it before the first
    function batch.row() return row end
    local ok
    ok, err = batch:resolve("1", { not_bought = true })
    assert.is_nil(ok)
    assert.equal("row '1' is not unknown any more", err.message)
  end)
end)
