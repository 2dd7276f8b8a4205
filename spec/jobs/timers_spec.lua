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
    assert.equal(expected[1], heap.first)
    local taken = {}
    assert.equal(#expected, heap:take(math.huge, taken, 0))
    assert.same(expected, taken)
    assert.is_nil(heap.first)
    assert.equal(0, heap:take(math.huge, {}, 0))
  end)

  it("are taken when they are due and not before", function()
    local heap, taken = timers.new(), {}
    heap:add(10, "ten")
    heap:add(5, "five")
    assert.equal(0, heap:take(4.9, taken, 0))
    assert.equal(1, heap:take(5, taken, 0))
    assert.equal(1, heap:take(9, taken, 1))
    heap:add(7, "seven")
    assert.equal(3, heap:take(100, taken, 1))
    assert.same({ "five", "seven", "ten" }, taken)
  end)
end)
