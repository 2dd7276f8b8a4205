-- The console of the sandbox in a browser: `make test-web`.
local browsers = require "spec.support.browser"
local http = require "spec.support.http"
local receivers = require "spec.support.webhook_receiver"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local EDITOR = "/api/odin/v3/editor"
local hello = support.read_file "spec/fixtures/hello-project.json"
local HOSTILE = "<img src=x onerror=alert(1)></script><script>console.log('ran')</script>"

local server, caller, browser

before_each(function ()
  server = assert(sandbox.start { admin_port = 0, render_seconds = 0, seed = 1 })
  caller = http.caller(server)
  browser = browsers.start()
end)

after_each(function ()
  browser:close()
  server:close()
end)

local function open(width)
  browser:open(server.console, width or 1320, 900)
  browser:wait_for "document.getElementById('connection')?.textContent === 'live'"
end

local function create(change)
  local project = require "cjson".decode(hello)
  if change then change(project) end
  return caller:ask("POST", EDITOR .. "/project", project).data.projectId
end

local function text_of(id)
  return ("document.getElementById('%s').textContent"):format(id)
end

describe("the console", function ()
  it("shows a project that is created over HTTP, without a reload", function ()
    open()
    browser:value "window.isTheSamePage = true"
    local id = create(function (project) project.name = HOSTILE end)
    browser:wait_for(("document.querySelector('#projects [data-id=\"%s\"]') !== null"):format(id))
    browser:wait_for "document.querySelector('#requests [data-live]') !== null"
    assert.truthy(browser:value(text_of "requests"):find("create_project", 1, true))
    assert.truthy(browser:value(text_of "projects"):find(HOSTILE, 1, true))
    assert.is_true(browser:value "window.isTheSamePage")
    assert.same({}, browser:said())
  end)

  it("shows the storyboard of each, also of one that was refused", function ()
    open()
    local id = create()
    caller:ask("POST", EDITOR .. "/project", '{"name":"x","scenes":[{"sceneIdx":0}]}')
    browser:wait_for(("document.querySelector('#projects [data-id=\"%s\"]') !== null"):format(id))
    browser:value "document.querySelector('#projects summary').click()"
    browser:wait_for "document.querySelector('#projects iframe') !== null"
    -- Its script may run, in an origin of its own.
    assert.equal("allow-scripts",
      browser:value "document.querySelector('#projects iframe').getAttribute('sandbox')")
    browser:wait_for(text_of "requests" .. ".includes('400')")
    browser:value [[[...document.querySelectorAll('#requests tr')]
      .find(row => row.textContent.includes("400")).querySelector("button").click()]]
    browser:wait_for "document.querySelector('dialog[open] iframe') !== null"
    assert.truthy(browser:value(text_of "detail-body"):find("scenes[0]", 1, true))
    assert.same({}, browser:said())
  end)

  it("marks duplicates in the ledger", function ()
    open()
    create()
    create()
    browser:wait_for "document.querySelectorAll('#ledger tr').length === 2"
    browser:wait_for "document.querySelectorAll('#ledger tr.duplicate').length === 1"
    local color = browser:value
      "getComputedStyle(document.querySelector('#ledger tr.duplicate td')).color"
    local red, green = color:match "rgb%((%d+), (%d+)"
    assert.is_true(tonumber(red) > tonumber(green) + 60, color)
  end)

  it("has buttons for the clock, faults, scenarios and webhooks", function ()
    open()
    browser:value "document.querySelector('[data-mode=frozen]').click()"
    support.wait_until(function () return server:clock().mode == "frozen" end)
    local now = server:clock().now
    browser:value "document.querySelector('[data-seconds=\"60\"]').click()"
    support.wait_until(function () return server:clock().now == now + 60 end)
    browser:value [[document.getElementById("fault-kind").value = "stall",
      document.getElementById("fault-kind").dispatchEvent(new Event("change")),
      document.querySelector("#fault-options [name=seconds]").value = "2.5",
      document.querySelector("#fault-form button").click()]]
    support.wait_until(function () return #server:faults() == 1 end)
    assert.same({ kind = "stall", on = "create_project", nth = 1, times = 1, seconds = 2.5,
      seen = 0, left = 1 }, server:faults()[1])
    browser:wait_for(text_of "faults" .. ".includes('stall')")
    browser:value "document.getElementById('clear-faults').click()"
    support.wait_until(function () return #server:faults() == 0 end)
    browser:value [[document.getElementById("scenario").value = "list-lag",
      document.querySelector("#scenario-form button").click()]]
    support.wait_until(function () return server:state().settings.list_lag == 30 end)
    local receiver = receivers.start(2)
    create(function (project) project.webhookUrl = receiver.url end)
    browser:wait_for "document.querySelector('#webhooks .good') !== null"
    browser:value "document.querySelector('#webhooks button').click()"
    assert.equal(2, #receiver.bodies())
    assert.same({}, browser:said())
  end)

  it("shows the credentials, each with a button that copies it", function ()
    open()
    local shown = browser:value(text_of "credentials")
    for _, text in ipairs { server.url, server.app_id, server.user_key } do
      assert.truthy(shown:find(text, 1, true))
    end
    assert.equal(5, browser:value "document.querySelectorAll('#credentials button').length")
  end)

  it("shows the world that is chosen, and no other", function ()
    local other = server:new_world { app_id = "other" }
    open()
    http.caller { port = server.port, app_id = "other", user_key = other.user_key }
    browser:wait_for "document.querySelectorAll('#world option').length === 2"
    assert.equal("1", browser:value(text_of "requests-count"))
    browser:value [[document.getElementById("world").value = "other",
      document.getElementById("world").dispatchEvent(new Event("change"))]]
    browser:wait_for(text_of "credentials" .. ".includes('other')")
    browser:wait_for "document.querySelectorAll('#requests tr').length === 1"
  end)

  it("can be used on 420 px, and by keyboard", function ()
    create()
    open(420)
    browser:wait_for "document.querySelectorAll('#ledger tr').length === 1"
    assert.is_true(browser:value "document.documentElement.scrollWidth <= innerWidth")
    assert.is_true(browser:value [[[...document.querySelectorAll("button, select, input, a")]
      .filter(e => e.checkVisibility() && !e.closest(".skip") && !e.closest("dialog")
        && !e.classList.contains("skip"))
      .every(e => { const r = e.getBoundingClientRect(); return r.right <= innerWidth + 1
        && r.width > 0 })]])
    local seen = {}
    for _ = 1, 60 do
      browser:press "Tab"
      local at = browser:value [[document.activeElement.id || document.activeElement.dataset.mode
        || document.activeElement.textContent]]
      seen[at or ""] = true
      if at == "create_project" then break end
    end
    assert.is_true(seen.create_project)
    browser:press "Enter"
    browser:wait_for "document.querySelector('dialog[open]') !== null"
    browser:press "Escape"
    browser:wait_for "document.querySelector('dialog[open]') === null"
    assert.same({}, browser:said())
  end)

  it("is light, and dark for whom it shall be dark", function ()
    open()
    local function back()
      return tonumber(browser:value "getComputedStyle(document.body).backgroundColor"
        :match "rgb%((%d+)")
    end
    browser:call("Emulation.setEmulatedMedia",
      { features = { { name = "prefers-color-scheme", value = "light" } } })
    assert.is_true(back() > 230)
    browser:call("Emulation.setEmulatedMedia",
      { features = { { name = "prefers-color-scheme", value = "dark" } } })
    assert.is_true(back() < 40)
  end)
end)
