-- SPDX-License-Identifier: MIT
--
-- What a command tells of an error: whatever the error has in it, there is one
-- report, and where money may be at stake it says what to do.
local errors = require "aistudios.error"
local failure = require "aistudios.cli.failure"
local status = require "aistudios.cli.status"

local NONE = {}
local fields = {
  { "kind", "invalid", "auth", "http", "api", "network", "timeout", "cancelled", "protocol",
    "file", "stalled" },
  { "outcome", "not_sent", "rejected", "unknown" },
  { "retryable", true, false },
  { "retry_after", NONE, 3 },
  { "project_id", NONE, "p" },
  { "phase", NONE, "create", "export", "wait", "download" },
  { "next", NONE, "repeat", "wait", "look", "fix", "none" },
  { "endpoint", NONE, "list_projects", "create_project" },
  { "token", NONE, "aistudios-1?goal=deliver&id=x", "aistudios-1?goal=create_sent&id=x&sent=1",
    "aistudios-1?goal=finish&id=x", "garbage" },
}

--- Calls `f` with each combination of the fields.
local function each_error(f, chosen, at)
  local row = fields[at]
  if not row then return f(chosen) end
  for i = 2, #row do
    chosen[row[1]] = row[i] ~= NONE and row[i] or nil
    each_error(f, chosen, at + 1)
  end
end

describe("an error of a command", function ()
  it("is told whatever is in it, and with a hint when something may have been bought", function ()
    local told
    local output = { note = function (_, report) told = report end }
    each_error(function (chosen)
      local given = {}
      for name, value in pairs(chosen) do given[name] = value end
      given.token, given.message = nil, "m"
      local err = errors.new(given)
      told = nil
      local code = failure.tell(output, err, { token = chosen.token })
      assert(told and told.code == code and told.outcome == chosen.outcome)
      local needs_hint = code == status.unknown and err.next == "look" or code == status.waited
      assert(told.hint or not needs_hint or err.next == "fix" or err.next == "none",
        require "aistudios".encode(told))
    end, {}, 1)
  end)
end)
