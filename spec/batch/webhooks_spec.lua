-- Signed webhooks of a batch: what they report is looked at, is evidence for a row that is
-- unknown, and they come in while `aistudios batch run` listens.
local aistudios = require "aistudios"
local batches = require "aistudios.batch"
local command = require "spec.support.command"
local http = require "spec.support.http"
local sandbox = require "aistudios.sandbox"
local socket = require "socket"
local support = require "spec.support"

local SECRET = "a secret of thirty-two bytes, yes"

local api
local postgres -- of PostgreSQL

lazy_setup(function () postgres = require "spec.support.postgres".start() end)
lazy_teardown(function () postgres:close() end)

before_each(function () api = assert(sandbox.start { render_seconds = 0.1 }) end)

after_each(function ()
  command.stop_all()
  api:close()
end)

local function free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return port
end

describe("a signed webhook", function ()
  local stores = {
    sqlite = function (at) return at .. "/batch.db" end,
    postgres = function () return postgres:database() end,
  }

  local function open(is_direct, name, kind)
    local at = support.directory(name or "webhooks")
    os.remove(at .. "/batch.db")
    return assert(batches.open { store = stores[kind or "sqlite"](at), id = "hooks",
      to = "{sku}.mp4", direct = is_direct, directory = at,
      template = aistudios.decode(support.read_file "spec/examples/offer.json"),
      rows = { { sku = "1", name = "Tea", price = "4" }, name and { sku = "2", name = "Ice",
        price = "5" } } })
  end

  local function address_of(batch, row, attempt)
    return aistudios.webhook.sign_url("http://127.0.0.1:9/hook",
      ("%s/%d/%d"):format(assert(batch:info()).mark, row, attempt), SECRET, 60)
  end

  local function receive(batch, attempt)
    return batch:receive { method = "POST", url = address_of(batch, 1, attempt), secret = SECRET,
      body = '{"progress":10}' }
  end

  it("is of the one call that may have bought", function ()
    local client <close> = support.client(api)
    for _, is_direct in ipairs { true, false } do
      local batch <close> = open(is_direct)
      assert(batch:run(client, { interval = 0.05, webhook = "http://127.0.0.1:9/hook",
        webhook_secret = SECRET }))
    end
    local created, exported = api:requests "create_project", api:requests "export_project"
    assert.same({ 2, 1 }, { #created, #exported })
    assert.truthy(created[1].body:find("signature=", 1, true)) -- created and rendered in one
    assert.is_nil(created[2].body:find("signature=", 1, true)) -- a draft
    assert.truthy(exported[1].body:find("signature=", 1, true))
  end)

  -- Of another row, of a batch that has the same id elsewhere, forged, and again and again.
  it("is evidence for no row but its own", function ()
    local client <close> = support.client(api)
    local batch <close> = open(false, "webhooks-many")
    local other <close> = open(false)
    assert.equal(batch.id, other.id)
    api:set { list_lag = 1000 }
    api:fault { on = "export_project", kind = "drop_before_read", times = 2 }
    local settings = { interval = 0.05, window = 0.2 }
    assert.equal(2, assert(batch:run(client, settings)).counts.unknown)
    local own = address_of(batch, 1, 1)
    for _, url in ipairs { address_of(other, 1, 1), address_of(other, 2, 1),
      own:gsub("%%2F1%%2F1", "%%2F2%%2F1"), own:gsub("/1/1", "/2/1"), own:gsub("/1/1", "/1/2"),
      own:gsub("expires=%d+", "expires=9999999999"), (own:gsub("signature=.", "signature=0")) } do
      if url ~= own then
        batch:receive { method = "POST", url = url, secret = SECRET, body = '{"progress":100}' }
      end
    end
    assert.equal(2, assert(batch:run(client, settings)).counts.unknown)
    for _ = 1, 3 do assert(receive(batch, 1)) end
    local status = assert(batch:run(client, { interval = 0.05, window = 0.2, deadline = 0.2 }))
    assert.same({ 1, 1, 1 }, { status.counts.unknown, status.spent_jobs, status.reserved_jobs })
    assert.equal("unknown", batch:row("2").state)
  end)

  it("of another batch is taken, and changes nothing", function ()
    local batch <close> = open()
    local url = aistudios.webhook.sign_url("http://127.0.0.1:9/hook", "other/1/1", SECRET, 60)
    assert(batch:receive { method = "POST", url = url, secret = SECRET,
      body = '{"progress":10}' })
    assert.equal(1, batch:status().counts.waiting)
  end)

  it("is not needed to tell a row from that of a batch with the same id", function ()
    local client <close> = support.client(api)
    local settings = { interval = 0.05, window = 0.3 }
    for i = 1, 2 do -- planned anew, as after the store was removed
      local batch <close> = open(i == 1)
      if i == 2 then api:fault { on = "export_project", kind = "drop_before_read" } end
      local status = assert(batch:run(client, settings))
      assert.equal(i == 1 and 1 or 0, status.counts.done)
      assert.equal(i == 2 and 1 or 0, status.counts.unknown) -- and not the film of the first
    end
  end)

  local function ends_an_unknown_row(is_direct)
    local client <close> = support.client(api)
    local batch <close> = open(is_direct)
    api:set { list_lag = 1000 }
    api:fault { on = is_direct and "create_project" or "export_project", kind = "drop_after_read" }
    api:fault { on = "get_progress", kind = "success_false", times = "always" }
    local settings = { interval = 0.05, window = 0.3, on_change = function (change)
      if change.state ~= "rendering" then return end
      local status = assert(batch:status())
      assert.same({ 1, 0 }, { status.spent_jobs, status.reserved_jobs })
      api:clear_faults()
      api:set { list_lag = 0 }
    end }
    assert.equal(1, assert(batch:run(client, settings)).counts.unknown)
    assert(receive(batch, 2)) -- of an attempt that there never was
    assert.equal(1, assert(batch:run(client, settings)).counts.unknown)
    assert(receive(batch, 1))
    local ok, err = batch:resolve("1", { not_bought = true })
    assert.is_nil(ok)
    assert.truthy(err.message:find("signed webhook", 1, true))
    local status = assert(batch:run(client, settings))
    assert.equal(1, status.counts.done, aistudios.encode(status))
    assert.same({ 1, 0 }, { status.spent_jobs, status.reserved_jobs })
    assert.equal(1, api:ledger().count)
  end

  it("ends a row that is unknown, where nothing else tells of it", function ()
    ends_an_unknown_row(false)
  end)

  it("ends one that was created and rendered in one call", function ()
    ends_an_unknown_row(true)
  end)

  -- Loses the answer of the paid call, so that row 1 is unknown, and says that it was not
  -- bought. The settings of the run. `times`: how often nobody tells a progress.
  local function lose_and_deny(client, batch, call, times)
    local settings = { interval = 0.05, window = 0.3 }
    api:set { list_lag = 1000 }
    api:fault { on = call, kind = "drop_after_read" }
    api:fault { on = "get_progress", kind = "success_false", times = times }
    assert.equal(1, assert(batch:run(client, settings)).counts.unknown)
    assert(batch:resolve("1", { not_bought = true }))
    return settings
  end

  it("keeps a row from being bought again of which somebody said that it was not", function ()
    local client <close> = support.client(api)
    local batch <close> = open()
    local settings = lose_and_deny(client, batch, "export_project", "always")
    assert(receive(batch, 1))
    assert.same({ 1, 1 }, { batch:status().counts.unknown, batch:status().reserved_jobs })
    api:clear_faults()
    api:set { list_lag = 0 }
    local status = assert(batch:run(client, settings))
    assert.same({ 1, 1, 0 }, { status.counts.done, status.spent_jobs, status.reserved_jobs })
    assert.equal(1, api:ledger().count)
    assert.same({}, batch:late_events())
  end)

  -- A row that was bought in its attempt 1, of which a person says that it was not. From then
  -- on the service refuses more.
  local function open_denied(client, is_direct, kind)
    local batch = open(is_direct, nil, kind)
    local call = is_direct and "create_project" or "export_project"
    lose_and_deny(client, batch, call, "always")
    return batch, call
  end

  local function assert_bought_once(client, batch)
    api:clear_faults()
    api:set { list_lag = 0 }
    local status = assert(batch:run(client, { interval = 0.05, window = 0.3, deadline = 5 }))
    assert.same({ 1, 1, 0, 1 }, { status.counts.done, status.spent_jobs, status.reserved_jobs,
      api:ledger().count }, aistudios.encode(status))
  end

  for _, case in ipairs { { "sqlite", false }, { "sqlite", true }, { "postgres", true } } do
    local kind, is_direct = table.unpack(case)
    local of = (is_direct and " in one call, on " or " by its draft, on ") .. kind

    it("of an attempt before the last keeps a row from being bought again" .. of, function ()
      local client <close> = support.client(api)
      local batch <close>, call = open_denied(client, is_direct, kind)
      api:fault { on = call, kind = "status", status = 429, times = "always" }
      assert(batch:run(client, { interval = 0.05, on_change = function (change)
        if change.state == "waiting" then batch:stop() end
      end }))
      assert.same({ "waiting", 2 }, { batch:row("1").state, batch:row("1").attempt })
      assert(receive(batch, 1))
      assert.same({ "unknown", 1 }, { batch:row("1").state, batch:row("1").attempt })
      assert_bought_once(client, batch)
      assert.same({}, batch:late_events())
    end)

    it("stops a worker that has a row and is about to buy it again" .. of, function ()
      local client <close> = support.client(api)
      local batch <close> = open_denied(client, is_direct, kind)
      assert(batch:run(client, { interval = 0.05, window = 0.3,
        on_change = function (change)
          if change.state == "claimed" then assert(receive(batch, 1)) end
          if ({ unknown = 1, rendering = 1 })[change.state] then batch:stop() end
        end }))
      assert.same({ "unknown", 2 }, { batch:row("1").state, batch:row("1").attempt })
      assert_bought_once(client, batch)
    end)

    it("makes a row unknown that the service refused, so that retry buys nothing" .. of,
      function ()
        local client <close> = support.client(api)
        local batch <close> = open(is_direct, nil, kind)
        api:fault { on = is_direct and "create_project" or "export_project", kind = "status",
          status = 400 }
        local settings = { interval = 0.05, window = 0.3, deadline = 1 }
        assert.equal(1, assert(batch:run(client, settings)).counts.failed)
        assert(receive(batch, 1))
        assert.same({ "unknown", "reserved" }, { batch:row("1").state, batch:row("1").money })
        assert.equal(0, assert(batch:retry()))
        assert(batch:run(client, settings))
        assert.same({ 0, "spent" }, { api:ledger().count, batch:row("1").money })
      end)

    it("makes a row unknown that was cancelled, and its film is fetched" .. of, function ()
      local client <close> = support.client(api)
      local batch <close> = open_denied(client, is_direct, kind)
      assert.equal(1, assert(batch:cancel()))
      assert(receive(batch, 1))
      assert.same({ "unknown", "reserved" }, { batch:row("1").state, batch:row("1").money })
      assert_bought_once(client, batch)
    end)

    it("keeps a row unknown whose next attempt was lost too" .. of, function ()
      local client <close> = support.client(api)
      local batch <close>, call = open_denied(client, is_direct, kind)
      api:fault { on = call, kind = "drop_before_read" }
      assert(batch:run(client, { interval = 0.05, window = 0.3 }))
      assert.same({ "unknown", 2 }, { batch:row("1").state, batch:row("1").attempt })
      assert(receive(batch, 1))
      assert(receive(batch, 1))
      local _, err = batch:resolve("1", { not_bought = true })
      assert.truthy(err and err.message:find("signed webhook", 1, true), err)
      assert_bought_once(client, batch)
      local late = assert(batch:late_events())
      assert.same({ 1, 1 }, { #late, late[1].attempt })
    end)
  end

  it("that comes when it was bought again is told, as twice bought", function ()
    local client <close> = support.client(api)
    local batch <close> = open()
    local settings = lose_and_deny(client, batch, "export_project", 5)
    api:clear_faults()
    api:set { list_lag = 0 }
    assert.equal(1, assert(batch:run(client, settings)).counts.done)
    assert(receive(batch, 1))
    local late = assert(batch:late_events())
    assert.same({ 1, 1 }, { #late, late[1].attempt })
    local path = support.directory "webhooks" .. "/late.html"
    assert(batch:report(path))
    assert.truthy(support.read_file(path):find("Row 1 was bought, in its attempt 1", 1, true))
  end)

  -- The credits of the attempt whose webhook came last were not counted against the budget.
  for _, kind in ipairs { "sqlite", "postgres" } do
    it("tells what each attempt cost, and both count, on " .. kind, function ()
      local client <close> = support.client(api)
      local batch <close> = open_denied(client, false, kind)
      api:clear_faults()
      assert.equal(1, assert(batch:run(client, { interval = 0.05 })).counts.done)
      local path = support.directory "webhooks" .. "/credits.html"
      for i, told in ipairs { { 2, 1 }, { 1, 2 }, { 2, 1 }, { 1, 2 } } do
        assert(batch:report(path))
        assert.equal(i > 1, support.read_file(path):find("Credits: [13]%.") ~= nil)
        assert(batch:receive { method = "POST", url = address_of(batch, 1, told[1]),
          secret = SECRET, body = ('{"progress":100,"credit":%d}'):format(told[2]) })
      end
      assert.equal(3.0, assert(batch:status()).spent_credits)
    end)
  end

  it("that comes before the call is refused is told, and the row is not bought again", function ()
    local client <close> = support.client(api)
    local batch <close> = open()
    api:fault { on = "export_project", kind = "status", status = 400 }
    local settings = { interval = 0.05, window = 0.3, deadline = 1, on_change = function (change)
      if change.state == "submitting" and change.attempt == 1 then assert(receive(batch, 1)) end
    end }
    assert.equal(1, assert(batch:run(client, settings)).counts.failed)
    local late = assert(batch:late_events())
    assert.same({ 1, 1, "none" }, { #late, late[1].attempt, batch:row("1").money })
    local path = support.directory "webhooks" .. "/late.html"
    assert(batch:report(path))
    assert.truthy(support.read_file(path):find("Row 1 was bought, in its attempt 1", 1, true))
    assert.equal(1, assert(batch:retry()))
    assert(batch:run(client, settings))
    assert.same({ 0, "spent" }, { api:ledger().count, batch:row("1").money })
  end)

  it("is evidence also of a video that the list never shows", function ()
    local client <close> = support.client(api)
    local batch <close> = open(true)
    api:set { list_lag = 1000 }
    api:fault { on = "create_project", kind = "drop_after_read" }
    local settings = { interval = 0.05, window = 0.3, deadline = 0.5 }
    assert.equal(1, assert(batch:run(client, settings)).counts.unknown)
    assert(receive(batch, 1))
    local status = assert(batch:run(client, settings))
    assert.same({ 1, 1, 0 }, { status.counts.failed, status.spent_jobs, status.reserved_jobs })
    assert.equal(1, assert(batch:retry()))
    api:set { list_lag = 0 }
    assert.equal(1, assert(batch:run(client, settings)).counts.done)
    assert.equal(1, api:ledger().count)
  end)
end)

describe("aistudios batch run --listen", function ()
  local world

  before_each(function ()
    world = command.world(api)
    support.run(("cp spec/examples/offer.json spec/examples/offers.csv '%s'"):format(world.at))
    assert.equal(0, command.run(world, { "batch", "plan", "offers", "--template", "offer.json",
      "--rows", "offers.csv", "--to", "{sku}.mp4" }).code)
  end)

  local function run(...)
    return { "batch", "run", "offers", "--max-jobs", "3", "--interval", "5", ... }
  end

  it("takes what the service reports, also for a row whose answer was lost", function ()
    local port = free_port()
    world.environment.WEBHOOK_SECRET = SECRET
    api:fault { on = "export_project", kind = "drop_after_read" }
    api:set { list_lag = 4, render_seconds = 1.5 }
    local started = command.start(world, run("--webhook",
      ("http://127.0.0.1:%d/hook"):format(port), "--listen", tostring(port)))
    started:expect "listening"
    local forged = http.ask(port, "POST", "/hook?job_key=x&expires=9999999999&signature=00",
      { body = '{"progress":100}' })
    assert.equal(403, forged.status)
    local ended = started:wait(40)
    assert.equal(0, ended.code, ended.err)
    local last = ended.lines[#ended.lines]
    assert.equal(3, last.counts.done)
    assert.is_true(last.spent_credits > 0) -- which nothing but a webhook tells
    assert.equal(3, api:ledger().count)
    assert.truthy(ended.err:find("signature is wrong", 1, true), ended.err)
    assert.is_nil((ended.out .. ended.err):find("signature=", 1, true))
    assert.is_nil((ended.out .. ended.err):find(SECRET, 1, true))
  end)

  it("looks by itself where no webhook can be heard any more, and says so", function ()
    local port = free_port()
    world.environment.WEBHOOK_SECRET = SECRET
    world.wrapper = ("env LD_PRELOAD='%s' ACCEPT_ERRNO=12"):format(
      require "spec.support.slow_system".LIBRARY) -- no memory
    local started = command.start(world, { "batch", "run", "offers", "--max-jobs", "3",
      "--interval", "0.1", "--webhook", ("http://127.0.0.1:%d/hook"):format(port), "--listen",
      tostring(port) })
    local ended = started:wait(40)
    assert.equal(0, ended.code, ended.err)
    assert.equal(1, select(2, ended.err:gsub("no webhooks can be heard any more: ENOMEM", "")))
    assert.equal(3, api:ledger().count)
  end)

  it("buys nothing where it is told half, or cannot listen", function ()
    local taken = assert(socket.bind("127.0.0.1", 0))
    local _, port = taken:getsockname()
    for _, case in ipairs {
      { 2, "--webhook URL", "--listen", "1" },
      { 2, "WEBHOOK_SECRET", "--webhook", "http://127.0.0.1:1/" },
      { 2, "must be an address", "--webhook", "nowhere" },
      { 2, "is no port", "--webhook", "http://127.0.0.1:1/", "--listen", "x" },
      { 1, "cannot listen", "--webhook", "http://127.0.0.1:1/", "--listen", tostring(port),
        secret = SECRET },
    } do
      world.environment.WEBHOOK_SECRET = case.secret
      local ended = command.run(world, run(table.unpack(case, 3)))
      assert.equal(case[1], ended.code, ended.err)
      assert.truthy(ended.err:find(case[2], 1, true), ended.err)
    end
    taken:close()
    assert.equal(0, #api:requests "create_project")
  end)
end)
