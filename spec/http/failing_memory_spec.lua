-- One allocation of the module fails, each in its turn: an error says so, nothing is told
-- wrongly, and the next call goes on.
local support = require "spec.support"

local LIBRARY = support.build .. "/spec/support/failing_memory.so"

-- Sanitizers have allocators of their own.
if support.is_slow then return end

describe("a failing allocation", function()
  for _, name in ipairs { "client", "call", "token", "refused_token", "upload", "download",
    "json", "sandbox", "service" } do
    it("of the test '" .. name .. "' is an error like others", function()
      local printed = support.run(("LD_PRELOAD='%s' timeout 100 lua5.4 "
        .. "spec/support/failing_memory.lua %s 2>&1"):format(LIBRARY, name))
      assert.truthy(tonumber(printed) and tonumber(printed) > 1, printed)
    end)
  end
end)
