-- SPDX-License-Identifier: MIT
--
-- How many more videos the limits of a batch leave.
local left_of = require "aistudios.batch.budget"

local function left(limits)
  local all = { spent_jobs = 0, reserved_jobs = 0, credited_jobs = 0, spent_credits = 0 }
  for name, value in pairs(limits) do all[name] = value end
  return left_of(all)
end

describe("a budget", function ()
  it("of videos counts those that are bought or may be", function ()
    assert.equal(math.huge, left {})
    assert.equal(2, left { max_jobs = 5, spent_jobs = 2, reserved_jobs = 1 })
  end)

  it("of credits takes a video for one credit, or for the average of those that are known",
    function ()
      assert.equal(3, left { max_credits = 3 })
      assert.equal(1, left { max_credits = 3, spent_jobs = 1, reserved_jobs = 1 })
      local known = { spent_jobs = 3, credited_jobs = 2, spent_credits = 4, max_credits = 10 }
      assert.equal(2, left(known)) -- 4 are left, a video takes 2
      known.max_jobs = 4
      assert.equal(1, left(known))
    end)

  it("of credits has no end where videos are free", function ()
    assert.equal(math.huge, left { max_credits = 3, spent_jobs = 1, credited_jobs = 1 })
  end)
end)
