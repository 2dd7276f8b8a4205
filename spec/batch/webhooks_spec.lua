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
  local function open()
    local at = support.directory "webhooks"
    os.remove(at .. "/batch.db")
    return assert(batches.open { store = at .. "/batch.db", id = "hooks", to = "{sku}.mp4",
      template = aistudios.decode(support.read_file "spec/examples/offer.json"),
      rows = { { sku = "1", name = "Tea", price = "4" } } })
  end

  local function receive(batch, attempt)
    local url = aistudios.webhook.sign_url("http://127.0.0.1:9/hook",
      ("%s/1/%d"):format(batch.id, attempt), SECRET, 60)
    return batch:receive { method = "POST", url = url, secret = SECRET, body = '{"progress":10}' }
  end

  it("ends a row that is unknown, where nothing else tells of it", function ()
    local client <close> = support.client(api)
    local batch <close> = open()
    api:set { list_lag = 1000 }
    api:fault { on = "export_project", kind = "drop_after_read" }
    api:fault { on = "get_progress", kind = "success_false", times = "always" }
    local settings = { interval = 0.05, window = 0.3, on_change = function (change)
      if change.state ~= "rendering" then return end
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
