-- SPDX-License-Identifier: MIT
--
-- sweep: does one thing again and again, and each time the next call of a library fails.

local failing = require "spec.support.failing"
local support = require "spec.support"

-- Where each takes long, some of them do.
local STEP = support.is_sanitized and 5 or 1
local MOST = 5000 -- calls of one thing

--- Calls `f` while its first call of a function fails, its second one, and so on, until no
--- call has failed.
---@param name string   of the module whose calls fail
---@param group string  of functions: see failing.c
---@param f fun(): any  true: it worked, as it must where nothing failed
return function (name, group, f)
  local library = assert(package.searchpath(name, package.cpath))
  for n = 1, MOST, STEP do
    failing.begin(library, group, n)
    local is_fine, result = pcall(f)
    local has_failed = failing.finish(library, group) >= n
    assert(is_fine and (result or has_failed),
      ("call %d of %s: %s"):format(n, group, tostring(result)))
    if not has_failed then return end
  end
  error "it never ends"
end
