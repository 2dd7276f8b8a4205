-- What is due when.
local timers = require "aistudios.jobs.timers"

describe("timers", function()
  it("come in the order of their times", function()
    local heap, expected = timers.new(), {}
    math.randomseed(7)
    for _ = 1, 1000 do
      local time = math.random(1, 300)
      heap:add(time, time)
      expected[#expected + 1] = time
    end
    table.sort(expected)
    for i = 1, #expected do
      assert.equal(expected[i], heap.first)
      assert.equal(expected[i], heap:take(math.huge))
    end
    assert.is_nil(heap.first)
    assert.is_nil(heap:take(math.huge))
  end)

  it("are taken when they are due and not before", function()
    local heap = timers.new()
    heap:add(10, "ten")
    heap:add(5, "five")
    assert.is_nil(heap:take(4.9))
    assert.equal("five", heap:take(5))
    assert.is_nil(heap:take(9))
    heap:add(7, "seven")
    assert.equal("seven", heap:take(100))
    assert.equal("ten", heap:take(100))
  end)
end)
