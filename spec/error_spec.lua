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
