-- SPDX-License-Identifier: MIT
--
-- The ledger has every render, and finds requests that mean the same.

local calls = require "spec.support.sandbox_calls"
local small_project = require "spec.support.small_project"

local CUSTOM = "/api/odin/v3/simple/custom"

local ask, create = calls.ask, calls.create

before_each(function() calls.begin() end)
after_each(calls.finish)

local function duplicates_of(first, second, path)
  local before = calls.server:ledger().duplicates
  assert.equal(200, calls.caller:ask("POST", CUSTOM .. (path or ""), first).status)
  assert.equal(200, calls.caller:ask("POST", CUSTOM .. (path or ""), second).status)
  return calls.server:ledger().duplicates - before
end

describe("the ledger", function()
  it("has every render, and finds those that were asked for twice", function()
    local first = create()
    local second = create()
    local third = create(small_project(function(whole) whole.name = "other" end))
    local ledger = calls.server:ledger()
    assert.equal(3, #ledger)
    assert.equal(3, ledger.count)
    assert.equal(1, ledger.duplicates)
    assert.equal(first, ledger[1].project_id)
    assert.equal("small", ledger[1].name)
    assert.equal("create_project", ledger[1].endpoint)
    assert.is_nil(ledger[1].duplicate_of)
    assert.equal(second, ledger[2].project_id)
    assert.equal(first, ledger[2].duplicate_of)
    assert.equal(third, ledger[3].project_id)
    assert.is_true(math.abs(ledger[3].time - os.time()) < 5)
  end)

  it("has no work that was refused", function()
    ask("POST", "/api/odin/v3/editor/project", { name = "x" })
    calls.server:expire_tokens()
    ask("POST", "/api/odin/v3/editor/project", small_project())
    assert.equal(0, #calls.server:ledger())
  end)
end)

describe("a duplicate", function()
  it("has its fields in another order, other blanks, escapes or numbers", function()
    assert.equal(1, duplicates_of('{"language":"en","text":"A","model":"M"}',
      '{ "model" : "M", "text":"\\u0041",\n"language":"en" }'))
    assert.equal(1, duplicates_of('{"language":"en","text":"B","model":"M","n":[1,2,{"a":10}]}',
      '{"n":[1.0,2e0,{"a":1.0e1}],"language":"en","text":"B","model":"M"}'))
  end)

  it("may have a null where the other has nothing", function()
    assert.equal(1, duplicates_of('{"language":"en","text":"C","model":"M"}',
      '{"language":"en","text":"C","model":"M","webhookUrl":null,"more":null}'))
  end)

  it("is none when a value, the order of a list or the query differs", function()
    for second, first in pairs {
      ['{"language":"en","text":"d","model":"M"}'] = '{"language":"en","text":"D","model":"M"}',
      ['{"language":"en","text":"E","model":"M","n":[2,1]}'] =
        '{"language":"en","text":"E","model":"M","n":[1,2]}',
      ['{"language":"en","text":"F","model":"M","n":[["a"],"b"]}'] =
        '{"language":"en","text":"F","model":"M","n":["a",["b"]]}',
      ['{"language":"en","text":"G","model":"M","n":"1"}'] =
        '{"language":"en","text":"G","model":"M","n":1}',
      ['{"language":"en","text":"H","model":"M","n":{"a":"b","c":"d"}}'] =
        '{"language":"en","text":"H","model":"M","n":{"a":"d","c":"b"}}',
    } do
      assert.equal(0, duplicates_of(first, second), second)
    end
    local body = '{"language":"en","text":"I","model":"M"}'
    assert.equal(1, duplicates_of(body, body))
    assert.equal(1, duplicates_of(body, body, "?a=1"))
  end)
end)

describe("fault kinds", function()
  it("are suggested, or all named", function()
    for given, expected in pairs {
      stal = "did you mean 'stall'", drop_after = "there are: bare_list", timeout = "truncated",
    } do
      local ok, message = pcall(function() calls.server:fault { on = "any", kind = given } end)
      assert.is_false(ok)
      assert.truthy(message:find(expected, 1, true), message)
    end
  end)
end)
