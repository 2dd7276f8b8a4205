-- SPDX-License-Identifier: MIT
--
-- lists: the fields that hold lists, so that an empty table there is written
-- as []. Data only: the JSON writer needs it without the whole schema.

--- By field name: true, or the name that the enclosing object must have.
---@type table<string, true|string>
return {
  scenes = true, clips = true, scripts = true, effects = true, ids = true,
  value = "updates",
}
