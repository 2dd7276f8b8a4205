-- SPDX-License-Identifier: MIT
--
-- What a sandbox keeps has bounds: beyond them the oldest is forgotten, and the newest never.
local ledgers = require "aistudios.sandbox.ledger"
local media = require "aistudios.sandbox.media"
local projects = require "aistudios.sandbox.projects"
local sessions = require "aistudios.sandbox.sessions"
local tokens = require "aistudios.sandbox.tokens"

local state, time

before_each(function ()
  local made = 0
  time = 0
  state = { options = { generated_seconds = 60, token_seconds = 100, app_id = "app" },
    shared = { registry = { tokens = {} } }, native = { digest = function (of) return of[2] end },
    random = { hex = function ()
      made = made + 1
      return ("%024x"):format(made)
    end } }
  function state.now() return time end
  function state.url() return "http://127.0.0.1:1" end
  function state.emit() end
end)

describe("a sandbox", function ()
  it("keeps 10000 entries of the ledger, and counts all", function ()
    local ledger = ledgers.new(state)
    for i = 1, 10005 do
      ledger:bill({ row = { name = "create_project" }, path = i, entry = { id = i } },
        { project_id = "p" .. i })
    end
    local list = ledger:list()
    assert.same({ 10005, 10005, 0 }, { list.count, list.credits, list.duplicates })
    assert.is_true(#list <= 10000)
    assert.equal("p10005", list[#list].project_id)
  end)

  it("finds a duplicate of each of the last 200000 requests", function ()
    local ledger = ledgers.new(state)
    local function build(i)
      ledger:note_build({ row = { name = "topic_to_video" }, path = i, entry = { id = i } },
        { project_id = "p" .. i })
    end
    for i = 1, 200001 do build(i) end
    build(2)
    assert.equal(1, ledger:list().duplicates)
    for i = 200002, 400002 do build(i) end
    build(3)
    assert.equal(1, ledger:list().duplicates)
  end)

  it("keeps 10000 files that generators made", function ()
    local files, names = media.new(state), {}
    for i = 1, 10002 do names[i] = select(2, files:make "png") end
    assert.is_false(files:has(names[1]))
    assert.is_true(files:has(names[10002]) and files:has(names[10]))
  end)

  it("keeps 200000 projects, and 32 MiB of their scenes", function ()
    local kept, ids = projects.new(state), {}
    local scenes = ("x"):rep(1 << 20)
    for i = 1, 40 do ids[i] = kept:create { scenes_text = scenes }.id end
    assert.equal("[]", kept.scenes_text(kept:get(ids[8])))
    assert.equal(scenes, kept.scenes_text(kept:get(ids[9])))
    for _ = 1, 199999 do kept:create {} end
    assert.is_nil(kept:get(ids[39]))
    assert.equal(scenes, kept.scenes_text(kept:get(ids[40])))
  end)

  it("keeps 100000 sessions", function ()
    local kept = sessions.new(state)
    local first, last = kept:start {}, nil
    for _ = 1, 100000 do last = kept:start {} end
    assert.is_nil(kept.by_id[first.id])
    assert.equal(last, kept.by_id[last.id])
  end)

  it("forgets tokens that ended a life ago", function ()
    local kept = tokens.new(state, false)
    local first = kept:issue()
    time = 150
    local second = kept:issue()
    time = 220
    for _ = 3, 1000 do kept:issue() end
    assert.is_nil(state.shared.registry.tokens[first])
    assert.equal(state, state.shared.registry.tokens[second])
  end)
end)
