-- SPDX-License-Identifier: MIT

describe("the list of lines that the collector of `make coverage` does not see", function ()
  it("names lines that are there", function ()
    assert.same({}, require "spec.coverage.read".stale())
  end)
end)
