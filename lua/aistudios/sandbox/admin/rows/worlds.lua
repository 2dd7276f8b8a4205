-- SPDX-License-Identifier: MIT
--
-- rows.worlds: worlds of one sandbox, each with an AppId of its own.

local json = require "aistudios.sandbox.json"
local options = require "aistudios.sandbox.options"

local function describe(state)
  return { app_id = state.options.app_id, user_key = state.options.user_key,
    seed = state.options.seed, url = state:url() }
end

local function list(context)
  local found = {}
  for i, state in ipairs(context.worlds.list) do found[i] = describe(state) end
  return found
end

-- What is not given is as in the first world, but for the credentials.
local function create(context, given)
  local first, random = context.worlds.first, context.worlds.random
  local defaults = setmetatable({
    app_id = given.app_id or "sandbox-" .. random:hex(6),
    user_key = given.user_key or random:hex(16),
  }, { __index = first.initial })
  local checked, problem = options.world(given, defaults)
  if not checked then return nil, problem end
  local state
  state, problem = context.worlds:create(checked)
  if not state then return nil, problem end
  state:emit("world", { made = true })
  return describe(state)
end

return {
  {
    name = "worlds", method = "GET", path = "/worlds",
    about = "The worlds, each with projects, ledger, faults and clock of its own",
    run = list, shown = json.list,
  },
  {
    name = "new_world", method = "POST", path = "/worlds", is_open = true,
    about = "Makes a world: { app_id, user_key, seed, clock and settings }, all optional",
    run = create,
  },
  {
    name = "remove_world", method = "DELETE", path = "/worlds/{app_id}",
    about = "Removes a world; the first one stays",
    takes = { app_id = { "string", "of the world", required = true } },
    run = function (context, given)
      local state = context.worlds:get(given.app_id)
      if not state then return nil, "no such world" end
      if context.worlds:remove(state) then
        state:emit("world", { removed = true })
        return true
      end
      return nil, "the first world stays"
    end,
  },
}
