-- SPDX-License-Identifier: MIT
--
-- What a program gives a batch by mistake must not buy a row again, and what
-- the service asks for must not be ignored.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local lfs = require "lfs"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local worker_of = require "aistudios.batch.worker"

local OFFER = lfs.currentdir() .. "/spec/examples/offer.json"
local QUICK = { interval = 0.05, longest_interval = 0.1 }

describe("a batch", function ()
  local api, client, at
  local count = 0

  before_each(function ()
    api = assert(sandbox.start { render_seconds = 0.05 })
    client = support.client(api, { retries = 0 })
    count = count + 1
    at = support.directory("misuse-" .. count)
  end)

  after_each(function ()
    client:close()
    api:close()
  end)

  local function open(more)
    local options = { store = at .. "/batch.db", id = "films",
      template = assert(aistudios.decode(support.read_file(OFFER))),
      rows = { { sku = "1", name = "Tea", price = "4" } } }
    for name, value in pairs(more or {}) do options[name] = value end
    return assert(batches.open(options))
  end

  -- They meant "not bought", and the row was bought again.
  it("takes a verdict that says one thing, and raises at any other", function ()
    api:set { list_lag = 1000 }
    api:fault { on = "export_project", kind = "drop_after_read" }
    api:fault { on = "get_progress", kind = "status", status = 500, times = "always" }
    local batch <close> = open()
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1, window = 0.2 }))
    assert.equal("unknown", batch:row("1").state)
    for _, verdict in ipairs { false, {}, { bougth = "a-project" }, { not_bought = false },
      { bought = 5 }, { bought = true }, { not_bought = "yes" }, "bought",
      { bought = "a-project", not_bought = true } } do
      assert.error_matches(function () batch:resolve("1", verdict or nil) end,
        "batch:resolve: a table with either bought")
      assert.equal("unknown", batch:row("1").state)
    end
    assert(batch:resolve("1", { not_bought = true }))
    assert.equal("waiting", batch:row("1").state)
  end)

  -- An infinite one raised after the row was bought; lease = 0 had no end.
  it("takes no number of seconds that it cannot work with", function ()
    local batch <close> = open()
    for name, wrong in pairs { interval = { 0, 3601 }, longest_interval = { 0, 3601 },
      lease = { 0, 86401 }, download_pause = { -1, 3601 }, deadline = { -1 }, window = { -1 } } do
      for _, value in ipairs { math.huge, 0 / 0, table.unpack(wrong) } do
        assert.error_matches(function () batch:run(client, { [name] = value }) end,
          "batch:run: option '" .. name .. "' must be a number from")
      end
    end
    assert.equal(0, #api:requests())
  end)

  -- One of another name changed nothing, and 1.5 videos were two.
  it("takes no limit that it would not be opened with", function ()
    local batch <close> = open { max_jobs = 1 }
    for _, limits in ipairs { { max_job = 0 }, { max_jobs = 1.5 }, { max_jobs = "many" },
      { max_jobs = -1 }, { at_once = 0 }, { max_credits = 0 / 0 }, { is_confirmed = 1 } } do
      assert.error_matches(function () batch:set(limits) end, "batch:set: ")
    end
    assert.error_matches(function () batch:set() end, "batch:set: options must be a table")
    assert.equal(1, batch:info().max_jobs)
    assert(batch:set { max_jobs = 2.0 })
    assert.equal(2, batch:info().max_jobs)
  end)

  -- They went out as {{sku}}, and were bought.
  it("exports with the values of the row", function ()
    local template = assert(aistudios.decode(support.read_file "spec/examples/offer.json"))
    template.webhookUrl = "https://example.com/hook?row={{sku}}"
    local batch <close> = open { template = template }
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1 }))
    assert.equal("done", batch:row("1").state, batch:row("1").message)
    local sent = support.requests(api, "export_project")
    assert.equal(1, #sent)
    assert.truthy(sent[1].body:find("hook?row=1", 1, true), sent[1].body)
  end)

  it("passes over what is no project in a list of them", function ()
    api:fault { on = "export_project", kind = "drop_after_read" }
    api:fault { on = "list_projects", kind = "not_json", status = 200, times = 1,
      headers = { ["Content-Type"] = "application/json" },
      body = '{"success":true,"data":{"projects":[1,true,"x",{"projectId":["x"],"name":7}]}}' }
    local batch <close> = open()
    assert(batch:run(client, { interval = 0.05, longest_interval = 0.1, window = 5 }))
    assert.equal("done", batch:row("1").state)
    assert.equal(1, api:ledger().count)
  end)

  -- Retry-After: 301 and 0 made it ask without a pause.
  for _, seconds in ipairs { 301, 1e9, 0 } do
    it(("waits where the service says Retry-After: %d"):format(seconds), function ()
      api:fault { on = "create_project", kind = "status", status = 429, retry_after = seconds,
        times = "always" }
      local batch <close> = open()
      local worker, turns, wait = nil, 0, worker_of.wait_for(client)
      assert(batch:run(client, { interval = 60,
        on_start = function (started) worker = started end,
        wait = function (longest)
          wait(longest)
          if #support.requests(api, "create_project") > 0 then turns = turns + 1 end
          if turns > 8 then worker:stop() end
        end }))
      assert.equal(1, #support.requests(api, "create_project"))
      assert.equal("waiting", batch:row("1").state)
    end)
  end

  it("buys no film that has no place", function ()
    local batch <close> = open { to = "films/{sku}.mp4" }
    assert(batch:run(client, QUICK))
    assert.equal("failed", batch:row("1").state)
    assert.equal(0, #api:ledger())
    assert(lfs.mkdir(at .. "/films"))
    assert.equal(1, batch:retry())
    assert(batch:run(client, QUICK))
    assert.equal("done", batch:row("1").state)
    local names = {}
    for name in lfs.dir(at .. "/films") do names[#names + 1] = name end
    table.sort(names)
    assert.same({ ".", "..", "1.mp4" }, names)
  end)

  it("has its films in one place, also when the process changes its directory", function ()
    local here = lfs.currentdir()
    assert(lfs.mkdir(at .. "/elsewhere"))
    assert(lfs.chdir(at))
    local ok, message = pcall(function ()
      local batch <close> = open { store = "batch.db", to = "{sku}.mp4" }
      assert(lfs.chdir(at .. "/elsewhere"))
      assert(batch:run(client, QUICK))
      assert.equal("done", batch:row("1").state)
    end)
    lfs.chdir(here)
    assert(ok, message)
    assert.truthy(support.read_file(at .. "/1.mp4"))
  end)

  it("makes a draft anew that the service does not have any more", function ()
    for _, times in ipairs { 1, "always" } do
      local batch <close> = open { store = at .. "/" .. times .. ".db" }
      api:fault { on = "export_project", kind = "status", status = 404, times = times }
      local status = assert(batch:run(client, QUICK))
      if times == "always" then
        assert.same({ 1, 0 }, { status.counts.failed, status.spent_jobs })
        assert.is_nil(batch:row("1").draft_id)
        api:clear_faults()
        assert(batch:retry())
        status = assert(batch:run(client, QUICK))
      end
      assert.same({ 1, 1 }, { status.counts.done, status.spent_jobs })
    end
    assert.equal(2, #api:ledger())
  end)

  it("takes no limit of credits without an end", function ()
    local batch <close> = open()
    for _, wrong in ipairs { math.huge, 0 / 0, -1, "5" } do
      assert.error_matches(function () batch:set { max_credits = wrong } end, "max_credits")
      assert.error_matches(function () open { max_credits = wrong } end, "max_credits")
    end
  end)

  it("ends when its client is closed", function ()
    local batch <close> = open()
    local _, err = batch:run(client, { interval = 0.05, on_change = function (change)
      if change.state == "submitting" then client:close() end
    end })
    assert.truthy(tostring(err):find("the client was closed", 1, true), tostring(err))
  end)

  it("ends in order when a callback raises, and raises that", function ()
    for _, state in ipairs { "claimed", "submitting", "rendering" } do
      local batch <close> = open { store = at .. "/" .. state .. ".db" }
      local bought = #api:ledger()
      local ok, cause = pcall(batch.run, batch, client, { interval = 0.05,
        on_change = function (change)
          if change.state == state then error { "mine" } end
        end })
      assert.is_false(ok)
      assert.equal("mine", cause[1])
      local row = batch:row("1")
      assert.equal(state == "rendering" and "rendering" or "waiting", row.state)
      assert.equal(state == "rendering" and 1 or 0, #api:ledger() - bought)
      assert(batch:run(client, QUICK))
      assert.equal("done", batch:row("1").state)
      assert.equal(1, #api:ledger() - bought)
    end
  end)
end)
