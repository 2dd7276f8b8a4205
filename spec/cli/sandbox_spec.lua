-- aistudios sandbox: a server for programs in any language.
local aistudios = require "aistudios"
local command = require "spec.support.command"

local world

before_each(function () world = command.world() end)
after_each(command.stop_all)

describe("aistudios sandbox", function ()
  it("prints where it is as one line of JSON, serves, and ends with SIGTERM", function ()
    local running = command.start(world, { "sandbox", "--render-seconds", "0" })
    local told = aistudios.decode(running:expect("{.-}\n", true))
    for _, name in ipairs { "url", "admin", "console", "app_id", "user_key", "pid", "seed" } do
      assert.truthy(told[name], name)
    end
    world.environment.AISTUDIOS_BASE_URL = told.url
    world.environment.AISTUDIOS_APP_ID = told.app_id
    world.environment.AISTUDIOS_USER_KEY = told.user_key
    local ended = command.run(world, { "projects" })
    assert.equal(0, ended.code, ended.err)
    running:signal "TERM"
    ended = running:wait(5)
    assert.equal(0, ended.code, ended.err)
    assert.equal(1, #ended.lines)
  end)

  it("ends with its standard input when it is told to", function ()
    assert.equal(0, command.start(world, { "sandbox", "--with-parent" }):wait(5).code)
  end)

  it("takes seed, clock and scenario, and says what is wrong with them", function ()
    local running = command.start(world,
      { "sandbox", "--seed", "7", "--clock", "frozen", "--scenario", "lost-submission",
        "--render-seconds", "0.5" })
    assert.equal(7, aistudios.decode(running:expect("{.-}\n", true)).seed)
    running:signal "INT"
    assert.equal(0, running:wait(5).code)
    for _, arguments in ipairs { { "--clock", "nonsense" }, { "--seed", "x" },
      { "--port", "99999" }, { "--render-seconds", "-1" } } do
      local ended = command.run(world, { "sandbox", table.unpack(arguments) })
      assert.equal(2, ended.code, table.concat(arguments, " ") .. ended.err)
      assert.equal("", ended.out)
    end
  end)

  it("ends with 1 when it cannot listen", function ()
    local running = command.start(world, { "sandbox" })
    local told = aistudios.decode(running:expect("{.-}\n", true))
    local ended = command.run(world, { "sandbox", "--port", told.url:match "%d+$" })
    assert.equal(1, ended.code, ended.err)
  end)
end)
