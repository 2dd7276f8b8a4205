-- What the end of an exchange means for the user's money: the table of the architecture,
-- status by status.
local outcome = require "aistudios.transport.outcome"

local refusals = { [400] = true, [401] = true, [403] = true, [404] = true, [405] = true,
  [409] = true, [411] = true, [413] = true, [415] = true, [422] = true, [429] = true }

describe("an exchange without a result", function ()
  it("was refused by eleven statuses, and by no other", function ()
    for status = 100, 999 do
      assert.equal(refusals[status] and "rejected" or "unknown", outcome.of { status = status })
    end
  end)

  it("was refused by the API's own no, whatever the status", function ()
    for status = 100, 999 do
      assert.equal("rejected", outcome.of({ status = status }, true), status)
    end
  end)

  it("is unknown where the API's own envelope says yes, whatever the status", function ()
    for status = 100, 999 do
      assert.equal("unknown", outcome.of({ status = status }, false, true), status)
    end
  end)

  it("that failed is unknown when some of it was sent, whatever was answered", function ()
    assert.equal("not_sent", outcome.of { failure = "network", sent = false })
    assert.equal("unknown", outcome.of { failure = "network", sent = true })
    for status in pairs(refusals) do
      assert.equal("unknown", outcome.of { failure = "network", sent = true, status = status })
    end
  end)
end)

describe("two attempts together", function ()
  it("mean what the worse one means", function ()
    local order = { "not_sent", "rejected", "unknown" }
    for i, a in ipairs(order) do
      for j, b in ipairs(order) do
        assert.equal(order[math.max(i, j)], outcome.worse(a, b))
      end
    end
  end)
end)
