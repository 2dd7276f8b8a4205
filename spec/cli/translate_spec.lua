-- aistudios translate: dubbed once, each language comes home.
local command = require "spec.support.command"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, world

before_each(function ()
  server = assert(sandbox.start { render_seconds = 0.3 })
  world = command.world(server)
  support.write_file(world.at .. "/in.mp4", ("x"):rep(1000))
  support.run(("mkdir '%s/out'"):format(world.at))
end)

after_each(function ()
  command.stop_all()
  server:close()
end)

local function translate(...)
  return { "translate", "in.mp4", "--target", "en-US,ko-KR", "--interval", "0.1", ... }
end

describe("aistudios translate", function ()
  it("brings each language home under its code", function ()
    local ended = command.run(world, translate("--to", "out/{language}.mp4"))
    assert.equal(0, ended.code, ended.err)
    assert.is_string(ended.lines[1].resume)
    for _, code in ipairs { "en-US", "ko-KR" } do
      local film = support.read_file(world.at .. "/out/" .. code .. ".mp4")
      assert.equal("ftyp", film and film:sub(5, 8), ended.out)
    end
    assert.equal(1, #server:requests "translate_video")
  end)

  it("prints the addresses without --to", function ()
    local ended = command.run(world, translate())
    assert.equal(0, ended.code, ended.err)
    assert.is_string(ended.lines[2].download_url)
    assert.equal(3, #ended.lines)
  end)

  it("goes on after a kill without another dubbing", function ()
    local running = command.start(world, { "translate", "in.mp4", "--target", "en-US",
      "--to", "out/{language}.mp4", "--interval", "30" })
    local token = running:expect('aistudios%-1[^"]+', true)
    running:signal "KILL"
    running:wait()
    local ended = command.run(world, { "resume", token, "--interval", "0.1" })
    assert.equal(0, ended.code, ended.err)
    assert.is_true(support.exists(world.at .. "/out/en-US.mp4"), ended.out)
    assert.equal("en-US", ended.lines[#ended.lines].target)
    assert.equal(1, #server:requests "translate_video")
  end)

  it("prints the token after ^C while it is sent", function ()
    server:fault { on = "translate_video", kind = "slow", seconds = 1 }
    local running = command.start(world, translate("--to", "out/{language}.mp4"))
    support.wait_until(function () return server:requests "translate_video"[1] end)
    running:signal "INT"
    local ended = running:wait(5)
    assert.equal(130, ended.code, ended.err)
    assert.is_string(ended.lines[1].resume)
  end)

  it("refuses before anything is sent, and ends with 5 when it is unknown", function ()
    for _, arguments in ipairs { { "translate", "in.mp4" },
      { "translate", "in.mp4", "--target", "en", "--target", "ko", "--to", "one.mp4" },
      { "translate", "in.mp4", "--target", "en", "--speakers", "9" } } do
      local ended = command.run(world, arguments)
      assert.equal(2, ended.code, ended.err)
    end
    assert.equal(0, #server:requests())
    server:fault { on = "translate_video", kind = "drop_after_read" }
    assert.equal(5, command.run(world, translate()).code)
  end)
end)
