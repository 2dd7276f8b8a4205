-- Characters of a text as the core counts, repairs and escapes them, beside Lua's own utf8.
local core = require "aistudios.core"

-- What core.text_valid returns, byte by byte.
local function repaired(text)
  local parts, place = {}, 1
  while place <= #text do
    local code = utf8.len(text, place, place) and utf8.codepoint(text, place)
    local is_good = code and code ~= 0xFFFE and code ~= 0xFFFF
      and not (code >= 0x80 and code < 0xA0)
    parts[#parts + 1] = is_good and utf8.char(code) or "\u{FFFD}"
    place = code and place + #utf8.char(code) or place + 1
  end
  return table.concat(parts)
end

local BITS = { "a", "plain words ", "\n", "\xC2", "\x85", "\u{85}", "\u{A0}", "\xEF", "\xBF",
  "\xBE", "\u{FFFE}", "\u{FFFD}", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE0\x80\x80", "é", "日",
  "\u{1F600}" }

describe("the core's text_valid and text_length", function ()
  it("find the characters that utf8.len finds", function ()
    math.randomseed(11)
    for _ = 1, 5000 do
      local parts = {}
      for i = 1, math.random(0, 12) do parts[i] = BITS[math.random(#BITS)] end
      local text = table.concat(parts)
      assert.equal(repaired(text), core.text_valid(text))
      assert.equal(utf8.len(text) or #text, core.text_length(text))
    end
  end)

  it("are of a text whose blanks text_squeezed makes one, whatever they are", function ()
    for _, blank in ipairs { " ", "\t", "\n", "\v", "\f", "\r", "\u{A0}", "\r\n \t" } do
      assert.equal("a b", core.text_squeezed(blank .. "a" .. blank .. "b" .. blank))
    end
    assert.equal("a\x08b\x0Ec", core.text_squeezed "a\x08b\x0Ec")
  end)

  it("are what text_escaped begins with", function ()
    assert.equal("&lt;\u{FFFD}&amp;&quot;&#39;\t\n\u{2401}\u{2421}é",
      core.text_escaped "<\xFF&\"'\t\n\x01\x7Fé")
  end)
end)
