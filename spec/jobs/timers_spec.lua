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
    local taken = { last = 0 }
    heap:take(math.huge, taken)
    assert.equal(#expected, taken.last)
    assert.same(expected, { table.unpack(taken) })
    assert.is_nil(heap.first)
    heap:take(math.huge, taken)
    assert.equal(#expected, taken.last)
  end)

  it("are taken when they are due and not before", function()
    local heap, taken = timers.new(), { last = 0 }
    heap:add(10, "ten")
    heap:add(5, "five")
    heap:take(4.9, taken)
    assert.equal(0, taken.last)
    heap:take(5, taken)
    heap:take(9, taken)
    assert.equal(1, taken.last)
    heap:add(7, "seven")
    heap:take(100, taken)
    assert.same({ last = 3, "five", "seven", "ten" }, taken)
  end)

  it("stay where the queue cannot take them", function()
    local heap = timers.new()
    heap:add(1, "one")
    local full = setmetatable({ last = 0 }, { __newindex = function () error "no memory" end })
    assert.is_false(pcall(heap.take, heap, 2, full))
    assert.equal(0, full.last)
    assert.equal(1, heap.first)
  end)
end)
