-- "Did you mean ...?"
local suggest = require "aistudios.util.suggest"

describe("a suggestion", function()
  local names = { user_key = 1, user_agent = 1, timeout = 1, proxy = 1 }

  it("is the nearest name", function()
    assert.equal("user_key", suggest.nearest("userkey", names))
    assert.equal("timeout", suggest.nearest("timeuot", names))
    assert.equal("user_key", suggest.nearest("USER_KEY", names))
  end)

  it("is not made when nothing is near", function()
    assert.is_nil(suggest.nearest("colour", names))
    assert.is_nil(suggest.nearest("x", names))
    assert.is_nil(suggest.nearest(12, names))
    assert.is_nil(suggest.nearest(("user_key"):rep(100), names))
    assert.equal("", suggest.hint("colour", names))
    assert.is_nil(suggest.nearest("colour", { [1] = 1, [true] = 1 }))
  end)

  it("is the same from run to run", function()
    for _ = 1, 20 do
      assert.equal("aa", suggest.nearest("ax", { aa = 1, ab = 1, ac = 1 }))
    end
  end)
end)
