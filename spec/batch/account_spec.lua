-- SPDX-License-Identifier: MIT
--
-- A batch is of one account: another knows nothing of its projects. And each of its rows
-- has a draft and a project of its own, whatever the service answers.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"
local url = require "aistudios.util.url"

local QUICK = { interval = 0.05, longest_interval = 0.1, window = 0.2 }

local server -- of PostgreSQL
local count = 0

lazy_setup(function () server = require "spec.support.postgres".start() end)
lazy_teardown(function () server:close() end)

local stores = {
  sqlite = function (at) return at .. "/batch.db" end,
  postgres = function () return server:database() end,
}

for kind, store_of in pairs(stores) do
  describe("a batch on " .. kind, function ()
    local api, client, batch

    before_each(function ()
      count = count + 1
      api = assert(sandbox.start { render_seconds = 0.05 })
      client = support.client(api, { retries = 0 })
      batch = assert(batches.open { store = store_of(support.directory("account-" .. count)),
        id = "account", template = assert(aistudios.decode(support.read_file
          "spec/examples/offer.json")), at_once = 1,
        rows = { { sku = "1", name = "Tea", price = "4" }, { sku = "2", name = "Milk",
          price = "2" } } })
    end)

    after_each(function ()
      batch:close()
      client:close()
      api:close()
    end)

    -- What it had bought was said to be lost after half an hour, and its drafts were made anew.
    it("is not gone on with by another account, or at another host", function ()
      local is_loopback = url.is_loopback
      finally(function () url.is_loopback = is_loopback end)
      assert(batch:set { max_jobs = 1 })
      assert.equal(1, assert(batch:run(client, QUICK)).spent_jobs)
      url.is_loopback = function () return false end -- as for the service's own host
      assert(batch:set { max_jobs = 2 })
      local world = assert(api:new_world())
      for _, options in ipairs { { app_id = world.app_id, user_key = world.user_key },
        { base_url = api.url .. "/other" } } do
        url.is_loopback = is_loopback
        local other <close> = support.client(api, options)
        url.is_loopback = function () return false end
        local before = #api:requests()
        local status, err = batch:run(other, QUICK)
        assert.is_nil(status)
        assert.equal("invalid", err.kind)
        assert.truthy(err.message:find("another AppId, or at another host", 1, true), err.message)
        assert.equal(before, #api:requests())
      end
      assert.equal(2, assert(batch:run(client, QUICK)).counts.done)
      url.is_loopback = is_loopback
      local other <close> = support.client(api, { base_url = api.url .. "/other" })
      assert.equal(2, assert(batch:run(other, QUICK)).counts.done) -- it asks nobody
    end)

    it("is gone on with in another sandbox, unless a row is under way", function ()
      assert(batch:set { max_jobs = 1 })
      assert.equal(1, assert(batch:run(client, QUICK)).spent_jobs)
      assert(batch:set { max_jobs = 2 })
      local world = assert(api:new_world())
      local other <close> = support.client(api, { app_id = world.app_id,
        user_key = world.user_key })
      local function stop(change)
        if change.state == "rendering" then batch:stop() end
      end
      assert(batch:run(other, { interval = 1, on_change = stop }))
      assert.equal("rendering", batch:row("2").state)
      local _, err = batch:run(client, QUICK)
      assert.truthy(err and err.message:find("another AppId", 1, true), err and err.message)
      assert.equal(2, assert(batch:run(other, QUICK)).counts.done)
    end)

    it("is of no account after a run with a wrong key", function ()
      do
        local wrong <close> = support.client(api, { app_id = "another", retries = 0 })
        local _, err = batch:run(wrong, QUICK)
        assert.equal("auth", err.kind)
      end
      assert.equal(2, assert(batch:run(client, QUICK)).counts.done)
    end)

    it("ends when it is another account's before it claims", function ()
      local _, err = batch:run(client, { interval = 0.05, on_start = function ()
        assert(batch.database:run "update aistudios_batch set account = 'another'")
      end })
      assert.truthy(err.message:find("another AppId", 1, true), err.message)
      assert.equal(0, #api:requests())
    end)

    -- Both rows were bought of one draft, or got one film.
    it("gives no two rows one draft", function ()
      assert(batch:set { max_jobs = 1 })
      assert(batch:run(client, QUICK))
      local draft = batch:row("1").draft_id
      assert(batch:set { max_jobs = 2 })
      api:fault { on = "create_project", kind = "not_json", status = 200, times = 1,
        body = aistudios.encode { success = true, data = { projectId = draft } } }
      assert(batch:run(client, QUICK))
      assert.equal("done", batch:row("2").state, batch:row("2").message)
      assert.are_not.equal(draft, batch:row("2").draft_id)
      assert.equal(2, api:ledger().count)
      assert.equal(0, api:ledger().duplicates)
    end)

    it("gives no two rows one project", function ()
      assert(batch:set { max_jobs = 1 })
      assert(batch:run(client, QUICK))
      local project = batch:row("1").project_id
      assert(batch:set { max_jobs = 2 })
      api:fault { on = "export_project", kind = "status", status = 200, times = 1, act = true,
        body = aistudios.encode { success = true, data = { projectId = project } } }
      assert(batch:run(client, { interval = 0.05, longest_interval = 0.1, window = 5 }))
      assert.equal("done", batch:row("2").state, batch:row("2").message)
      assert.are_not.equal(project, batch:row("2").project_id)
      assert.equal(2, api:ledger().count)
      assert.equal(0, api:ledger().duplicates)
    end)
  end)
end
