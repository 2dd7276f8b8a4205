-- Error objects: what they carry and how they read.
local errors = require "aistudios.error"

describe("an error", function()
  it("reads as one line with the call, the message and what it costs", function()
    local err = errors.new { kind = "network", outcome = "unknown",
      message = "the connection broke", endpoint = "create_project", attempts = 3 }
    assert.equal("create_project: the connection broke "
      .. "(network; the server may have acted; 3 attempts)", tostring(err))
  end)

  it("has no line ends or control characters in its text", function()
    local err = errors.new { kind = "api", outcome = "rejected",
      message = "first\r\nsecond\0\27[31m" }
    assert.equal("first second [31m", err.message)
    assert.is_nil(tostring(err):find("%c"))
  end)

  it("is not retryable unless it says so", function()
    assert.is_false(errors.new { kind = "api", outcome = "rejected", message = "" }.retryable)
    assert.is_true(errors.new { kind = "http", outcome = "rejected",
      message = "", retryable = true }.retryable)
  end)

  it("names the HTTP status and the project to go on from", function()
    local text = tostring(errors.new { kind = "http", outcome = "unknown",
      message = "m", status = 502, project_id = "p1" })
    assert.truthy(text:find("HTTP 502", 1, true))
    assert.truthy(text:find("project p1", 1, true))
  end)

  it("has no text that turns the direction of others, and no invisible one", function()
    local err = errors.new { kind = "api", outcome = "rejected", message =
      "a\u{202E}b\u{200F}c\u{FEFF}d\u{2066}e\u{61C}f\u{85}g\u{2028}h é \u{1F600}" }
    assert.equal("abcdef g h é \u{1F600}", err.message)
  end)

  it("can be made of a value whose __tostring raises", function()
    local value = setmetatable({}, { __tostring = function() error "no" end })
    assert.equal("a table whose __tostring raises", errors.line(value))
  end)

  it("says what to do, as data", function()
    local function next_of(fields)
      fields.message = ""
      return errors.new(fields).next
    end
    local R, U, N = "rejected", "unknown", "not_sent"
    assert.equal("repeat", next_of { kind = "network", outcome = N, retryable = true })
    assert.equal("wait", next_of { kind = "http", outcome = R, retryable = true, retry_after = 9 })
    assert.equal("wait", next_of { kind = "http", outcome = U, project_id = "p" })
    assert.equal("wait", next_of { kind = "cancelled", outcome = U, project_id = "p" })
    assert.equal("look", next_of { kind = "network", outcome = U })
    assert.equal("look", next_of { kind = "cancelled", outcome = U })
    assert.equal("fix", next_of { kind = "api", outcome = R })
    assert.equal("fix", next_of { kind = "file", outcome = U, project_id = "p" })
    assert.equal("fix", next_of { kind = "auth", outcome = N })
    assert.equal("fix", errors.problem("a", "b").next)
    assert.equal("none", next_of { kind = "cancelled", outcome = N })
    assert.equal("look", next_of { kind = "api", outcome = R, next = "look" })
  end)

  it("shows what to do to who walks through it", function()
    local seen = {}
    for name, value in pairs(errors.problem("a", "b")) do seen[name] = value end
    assert.equal("fix", seen.next)
    assert.equal("invalid", seen.kind)
    assert.truthy(require "aistudios.json".encode(errors.problem("a", "b"))
      :find('"next":"fix"', 1, true))
  end)

  it("is told from other tables", function()
    assert.is_true(errors.is(errors.problem("a", "b")))
    assert.is_false(errors.is({ kind = "invalid" }))
    assert.is_false(errors.is(nil))
  end)

  it("of kind invalid shows the first problem and counts the rest", function()
    local err = errors.invalid({
      { path = "name", message = "is odd", level = "warning" },
      { path = "scenes[1].clips", message = "is required" },
      { path = "scenes[2].clips", message = "is required" },
    }, "create_project")
    assert.equal("invalid", err.kind)
    assert.equal("not_sent", err.outcome)
    assert.equal("scenes[1].clips: is required (and 1 more)", err.message)
    assert.equal(3, #err.problems)
  end)
end)
