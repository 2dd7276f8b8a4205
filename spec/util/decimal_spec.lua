-- Numbers in texts have a point, whatever the host's locale.
local format = require "aistudios.util.decimal".format

local COMMA = "de_DE.UTF-8"

describe("decimal.format", function ()
  after_each(function () os.setlocale "C" end)

  it("is string.format with a point, and gives the same in a locale with a comma", function ()
    local cases = {
      { "%.2f", 1.25 }, { "%8.2f|%-8.1f|%+.1f", 1.5, -1.5, 2.5 }, { "%g", 1e-7 },
      { "%.8g %d %s, %.1f %%", 0.5, 7, "a,5", 99.95 }, { "%.14g", 1e300 },
      { "%g %g %g", 1 / 0, -1 / 0, 12 }, { "%.3g", 1.25e-10 }, { "%s %q", "1,5", "2,5" },
      { "%5.1f%%", 3.25 }, { "no numbers, 1,5" },
    }
    for _, case in ipairs(cases) do
      local expected = string.format(table.unpack(case))
      assert.equal(expected, format(table.unpack(case)))
      assert(os.setlocale(COMMA))
      assert.equal(expected, format(table.unpack(case)), case[1])
      os.setlocale "C"
    end
  end)

  it("writes numbers as string.format does", function ()
    math.randomseed(29)
    local numbers = { 0, -0.0, 1 / 0, 1e-4, 0.00009999, 9.99999999e7, 99999999.5, 0.5, 2.5, 0.125,
      0.005, 2 ^ 53, math.mininteger }
    for _ = 1, 4000 do
      numbers[#numbers + 1] = math.random(-4000, 4000) / 8
      numbers[#numbers + 1] = math.random(2000) / 100
      numbers[#numbers + 1] = math.random() * 10 ^ math.random(-8, 12)
    end
    for i, number in ipairs(numbers) do
      for precision = i % 3, 9, 3 do
        for _, kind in ipairs { "g", "f" } do
          local directive = ("%%.%d%s"):format(precision, kind)
          assert.equal(directive:format(number), format(directive, number))
        end
      end
      local whole = math.tointeger(number)
      if whole then assert.equal(("%d"):format(whole), format("%d", whole)) end
    end
  end)

  it("takes nil for a text, in both", function ()
    for _, locale in ipairs { "C", COMMA } do
      assert(os.setlocale(locale))
      assert.equal("1.5 nil nil", format("%g %s %s", 1.5, nil, nil))
    end
  end)
end)
