-- SPDX-License-Identifier: MIT
--
-- rows.control: the state of a world, its faults, its clock.

local clocks = require "aistudios.sandbox.clock"
local fault_options = require "aistudios.sandbox.fault_options"
local json = require "aistudios.sandbox.json"
local options = require "aistudios.sandbox.options"
local routes = require "aistudios.sandbox.routes"
local scenarios = require "aistudios.sandbox.scenarios"
local wait = require "aistudios.sandbox.admin.wait"

-- ---- the state ----

local function stats(context)
  local state = context.state
  local log, ledger = state.request_log, state.ledger
  return {
    requests = log.total, by_endpoint = log.counts, projects = state.projects.count,
    renders = ledger.last, duplicates = ledger.duplicates, credits = ledger.credits,
    active_sessions = state.sessions:active_count(),
  }
end

local function describe(context)
  local state = context.state
  local shown = {
    app_id = state.options.app_id, user_key = state.options.user_key, url = state:url(),
    seed = state.options.seed, clock = state.clock:describe(), stats = stats(context),
    settings = options.settings_of(state.options), faults = state.faults:list(),
    last_event = context.service.events.last,
  }
  return shown
end

local function set(context, given)
  local checked, problem = options.settings(given)
  if not checked then return nil, problem end
  context.state:set(checked)
  return options.settings_of(context.state.options)
end

-- ---- faults ----

local function arm(context, fault)
  local problem = fault_options.problem_of(fault, routes.names)
  if problem then return nil, problem end
  context.state.faults:arm(fault)
  return true
end

local function apply_scenario(context, given)
  local scenario, problem = scenarios.read(given)
  if not scenario then return nil, problem end
  scenarios.apply(context.state, scenario)
  return { name = scenario.name, about = scenario.about }
end

-- ---- the clock ----

local function set_clock(context, given)
  local parsed, problem = clocks.parse(given)
  if not parsed then return nil, "a clock must be " .. problem end
  context.state:set_clock(parsed)
  return context.state.clock:describe()
end

-- Moves the clock from one report that is due to the next. Each is sent and
-- answered before the next step.
local function advance(context, given)
  local state = context.state
  local target = state:now() + given.seconds
  if given.seconds < 0 or target > clocks.END then
    return nil, "seconds must be a number from 0 up, and no clock goes beyond the year 5138"
  end
  local function step()
    while true do
      if state.webhooks:is_busy(state:now()) and given.wait ~= false then
        return wait.defer(60, step)
      end
      local due = state.webhooks:first_due()
      if given.wait == false or not due or due > target then break end
      state:move_to(due)
    end
    state:move_to(target)
    return state.clock:describe()
  end
  return step()
end

return {
  {
    name = "state", method = "GET", path = "/state",
    about = "Credentials, seed, clock, settings, faults, counts, the id of the last event",
    run = describe,
    shown = function (state)
      state.faults = json.list(state.faults)
      return state
    end,
  },
  { name = "stats", about = "Counts", run = stats },
  {
    name = "set", method = "POST", path = "/settings", is_open = true,
    about = "Changes settings, e.g. render_seconds; answers with all",
    run = set,
  },
  {
    name = "reset", method = "POST", path = "/reset",
    about = "Makes the world as it was at its start: no requests, projects, tokens, faults",
    run = function (context)
      context.state:reset()
      context.state:emit("reset", {})
      if context.state.scenario then scenarios.apply(context.state, context.state.scenario) end
      return true
    end,
  },
  {
    name = "expire_tokens", method = "DELETE", path = "/tokens",
    about = "Expires every token that is still valid; answers with their count",
    run = function (context)
      return context.state.tokens:expire_all() + context.state.session_tokens:expire_all()
    end,
    shown = function (count) return { count = count } end,
  },
  {
    name = "replace_video", method = "POST", path = "/videos/replace",
    about = "Gives the video of a project, or of all, other bytes and another ETag",
    takes = { id = { "string", "of the project; all when it is missing" } },
    run = function (context, given)
      context.state.projects:replace_videos(given.id)
      return true
    end,
  },
  {
    name = "faults", method = "GET", path = "/faults",
    about = "The faults that are armed",
    run = function (context) return context.state.faults:list() end, shown = json.list,
  },
  {
    name = "fault", method = "POST", path = "/faults", is_open = true,
    about = "Arms a fault: { on, kind, nth, times, probability, and options of its kind }",
    run = arm,
  },
  {
    name = "clear_faults", method = "DELETE", path = "/faults",
    about = "Removes all faults that are armed",
    run = function (context)
      context.state.faults:clear()
      return true
    end,
  },
  {
    name = "fault_kinds", method = "GET", path = "/faults/kinds",
    about = "The kinds of faults and the options of each, and the endpoints",
    run = fault_options.describe,
  },
  {
    name = "scenarios", method = "GET", path = "/scenarios",
    about = "The scenarios that are known by name",
    run = function () return scenarios.list() end, shown = json.list,
  },
  {
    name = "scenario", method = "POST", path = "/scenarios", is_open = true,
    about = "Applies a scenario: { name } of a known one, or { settings, faults }",
    run = apply_scenario,
  },
  {
    name = "clock", method = "GET", path = "/clock",
    about = "What time it is, and how the clock goes: real, offset or frozen",
    run = function (context) return context.state.clock:describe() end,
  },
  {
    name = "set_clock", method = "POST", path = "/clock", is_open = true,
    about = "Makes it another clock: { mode, time, offset }",
    run = set_clock,
  },
  {
    name = "advance", method = "POST", path = "/clock/advance",
    about = "Moves the clock forward. All that falls due meanwhile is done in order: tokens "
      .. "expire, renders end, webhooks are sent and answered; then it answers",
    takes = {
      seconds = { "number", "how far", required = true },
      wait = { "boolean", "whether it waits for the answers to webhooks (true)" },
    },
    run = advance,
  },
}
