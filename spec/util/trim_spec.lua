-- Texts without the blanks around them, and how long that may take. What servers say
-- may be megabytes: a pattern that tries each place again holds the host up.
local errors = require "aistudios.error"
local response = require "aistudios.endpoints.response"
local retry = require "aistudios.transport.retry"
local trim = require "aistudios.util.trim"
local url = require "aistudios.util.url"

describe("a text", function ()
  it("loses the blanks and line ends around it, and no other byte", function ()
    for text, wanted in pairs { ["  a b \r\n"] = "a b", ["\t\v\fa"] = "a", a = "a", [""] = "",
      [" \n "] = "", ["\0 a\0"] = "\0 a\0", ["\u{A0}a\u{85}"] = "\u{A0}a\u{85}" } do
      assert.equal(wanted, trim(text))
    end
  end)

  it("of a server is read in a time that grows as it does, whatever stands in it", function ()
    local blanks, digits = (" "):rep(60000), ("1"):rep(60000)
    local row = { answer = {}, name = "a" }
    local readers = {
      trim = trim, line = errors.line, address = url.parse,
      tidy = function (text) return url.tidy(text, "https://a") end,
      wait = function (text) return retry.asked { ["retry-after"] = text:sub(1, 8000) .. "x" } end,
      id = function (text)
        return response.read(row, ('{"success":true,"data":{"projectId":"%s"}}'):format(text))
      end,
    }
    for name, read in pairs(readers) do
      for _, text in ipairs { blanks, digits, "x" .. blanks .. "x", blanks .. "x" .. blanks,
        "http://x/" .. blanks .. "x", "http://" .. digits .. "!", "http://a:" .. digits .. "!" } do
        local began = os.clock()
        read(text)
        assert.is_true(os.clock() - began < 1, name .. " " .. text:sub(1, 20))
      end
    end
  end)
end)
