-- SPDX-License-Identifier: MIT
--
-- A film that was bought and cannot be fetched: nothing is bought again for it.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local core = require "aistudios.core"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local workers = require "aistudios.batch.worker"

describe("a film that cannot be fetched", function ()
  local api, client, batch, at

  before_each(function ()
    api = assert(sandbox.start { render_seconds = 0.05 })
    client = support.client(api)
    at = support.directory "delivery"
    batch = assert(batches.open { store = at .. "/batch.db", id = "films", to = "{sku}.mp4",
      template = aistudios.decode(support.read_file "spec/examples/offer.json"),
      rows = { { sku = "1", name = "Tea", price = "4" } } })
  end)

  after_each(function ()
    batch:close()
    client:close()
    api:close()
  end)

  local function run(on_change)
    return assert(batch:run(client, { interval = 0.05, longest_interval = 0.1,
      download_pause = 0.01, on_change = on_change }))
  end

  it("is tried five times, and a retry fetches what was bought", function ()
    api:fault { on = "download", kind = "status", status = 400, times = "always" }
    local tries = 0
    local status = run(function (change)
      if change.state == "downloading" then tries = tries + 1 end
    end)
    assert.equal(5, tries)
    assert.equal(1, status.counts.failed)
    assert.equal("unknown", batch:row("1").outcome)
    assert.truthy(batch:row("1").message:find("400", 1, true))
    api:clear_faults()
    assert(batch:retry())
    assert.equal(1, run().counts.done)
    assert.equal(1, api:ledger().count)
    assert.equal("ftyp", support.read_file(at .. "/1.mp4"):sub(5, 8))
  end)

  -- The run had no end, whatever its deadline.
  for _, on in ipairs { "get_progress", "list_projects" } do
    it("is waited for no longer than the deadline when nothing answers for it: " .. on, function ()
      api:set { render_seconds = 1000 }
      for _, call in ipairs { on, "get_progress" } do
        api:fault { on = call, kind = "status", status = 404, times = "always" }
      end
      if on == "list_projects" then
        api:fault { on = "export_project", kind = "drop_after_read" } -- its export is sought
      end
      local asked, began, wait = 0, core.now(), workers.wait_for(client)
      local status = assert(batch:run(client, { interval = 0.05, longest_interval = 0.1,
        deadline = 0.3, window = 0.3, wait = function (seconds)
          wait(seconds)
          if core.now() - began > 20 then batch:stop() end
        end, on_change = function (change)
          if change.state ~= "unknown" then return end
          asked = asked + 1
          assert(batch:resolve("1", { bought = batch:row("1").draft_id }))
        end }))
      assert.same({ 1, 1, 0 }, { status.counts.failed, status.spent_jobs, status.reserved_jobs })
      assert.equal(on == "list_projects" and 1 or 0, asked)
      assert.truthy(batch:row("1").message:find("is not there after 0.3 s", 1, true))
      assert.equal(1, api:ledger().count)
    end)
  end

  it("is tried again after ten seconds where nothing else was asked for", function ()
    api:fault { on = "download", kind = "status", status = 400, times = "always" }
    local tries, ends, wait = 0, nil, workers.wait_for(client)
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1, wait = function (seconds)
      wait(seconds)
      if ends and core.now() > ends then batch:stop() end
    end, on_change = function (change)
      if change.state ~= "downloading" then return end
      tries, ends = tries + 1, ends or core.now() + 2
    end }))
    assert.equal(1, tries)
  end)

  it("is tried again after a pause while it is not there yet", function ()
    api:fault { on = "download", kind = "status", status = 404, times = 2 }
    assert.equal(1, run().counts.done)
    assert.equal(1, api:ledger().count)
  end)
end)
