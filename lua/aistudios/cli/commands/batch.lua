-- SPDX-License-Identifier: MIT
--
-- aistudios batch: many videos from a template and a table of rows, each bought
-- once. What it knows is in the directory of the batch, or in PostgreSQL.

local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local format = require "aistudios.util.decimal".format
local optional = require "aistudios.cli.optional"

local ACTIONS = { "plan", "run", "resume", "status", "retry", "resolve", "cancel", "report" }

-- What belongs to an action only; a flag elsewhere is a mistake of the command line.
local only = {
  template = "plan", rows = "plan", to = "plan", key = "plan", separator = "plan",
  direct = "plan", keep_invalid = "plan", failed = "retry", bought = "resolve",
  not_bought = "resolve", row = "resolve", webhook = "run", listen = "run", bind = "run",
}
-- What may stand for another action.
local as = { resume = "run" }

local function count(least, most)
  return function (text)
    local number = text:find "^%d+$" and math.tointeger(text)
    if number and number >= least and number <= most then return number end
    return nil, ("'%s' is no whole number from %d to %d"):format(text, least, most)
  end
end

local function seconds(least, most)
  return function (text)
    local number = tonumber(text)
    if number and number >= least and number <= most then return number end
    return nil, format("'%s' is no number of seconds from %g to %g", text, least, most)
  end
end

local function some_text(text)
  if text ~= "" then return text end
  return nil, "the text is empty"
end

local function server(text)
  if text:find "^postgres%l*://" then return text end
  return nil, ("'%s' is no address of a store: postgresql://..."):format(text)
end

local function credits(text)
  local number = tonumber(text)
  if number and number >= 0 and number < math.huge then return number end
  return nil, ("'%s' is no number of credits"):format(text)
end

local function separator(text)
  if text == "tab" or text == "\\t" then return "\t" end
  if #text == 1 and not text:find '["\r\n]' then return text end
  return nil, ("'%s' is no separator: one character, or tab"):format(text)
end

local function misuse(given)
  for name, action in pairs(only) do
    if given[name] and (as[given.action] or given.action) ~= action then
      local shown = name == "row" and "ROW" or "--" .. name:gsub("_", "-")
      return ("%s belongs to aistudios batch %s"):format(shown, action)
    end
  end
  if given.action == "plan" then
    if not (given.template and given.rows) then return "plan needs --template and --rows" end
  elseif not given.dir then
    return ("%s needs the directory that plan has made"):format(given.action)
  end
  if given.action == "retry" and not given.failed then
    return "retry needs --failed: rows that were not bought are bought then"
  end
  local verdicts = (given.bought and 1 or 0) + (given.not_bought and 1 or 0)
  if given.action == "resolve" and (not given.row or verdicts ~= 1) then
    return "resolve needs ROW and one of --bought ID and --not-bought"
  end
end

local function run(context, given)
  local wrong = misuse(given)
  if wrong then return failure.usage(context.output, wrong) end
  local actions, missing = optional.load("aistudios.cli.batch_actions", "aistudios-batch")
  if not actions then return failure.refuse(context.output, missing) end
  return actions[given.action](context, given)
end

---@type aistudios.cli.Command
return {
  name = "batch",
  about = "Many videos from a template and a table, each bought once",
  details = "plan reads everything and sends nothing. run buys, and may be killed at any time: "
    .. "run or resume goes on, and nothing is bought twice. Rows that nobody can tell about are "
    .. "unknown, and stay it until there is evidence, or a person says so with resolve; run looks "
    .. "for them in the account's list for 300 s before it ends. The exit code is 5 when some are "
    .. "unknown, 7 when the budget is used up and rows wait, 8 when some have failed or were "
    .. "cancelled; of status it is 0 also while rows are still to be done.",
  arguments = {
    { "ACTION", table.concat(ACTIONS, ", ") .. ".", choices = ACTIONS },
    { "[DIR]", "The directory of the batch; plan makes it (ROWS without its ending, .batch)." },
    { "[ROW]", "Of resolve: the key of the row." },
  },
  options = {
    { "--template FILE", "plan: a project with {{name}} in it, JSON or Lua." },
    { "--rows FILE", "plan: CSV, TSV or JSON lines." },
    { "--to PATTERN", "plan: where the films go, below DIR; {name} is a value, {row} the number.",
      convert = some_text },
    { "--key NAME", "plan: the column by which a row is called (its number).",
      convert = some_text },
    { "--separator CHAR", "plan: of a CSV file (as its first line looks).", convert = separator },
    { "--direct", "plan: create and render in one call, where drafts are not free." },
    { "--keep-invalid", "plan: rows that fail their check count as failed." },
    { "--at-once N", "Rows in work at the same time, of all workers (5).",
      convert = count(1, 1000) },
    { "--max-jobs N", "Buy no more videos than that, in all.", convert = count(0, 1 << 40) },
    { "--max-credits N", "Spend no more credits, where webhooks tell them.", convert = credits },
    { "--store ADDRESS", "postgresql://...: a store for workers on many machines "
      .. "(AISTUDIOS_BATCH_STORE).", convert = server },
    { "--webhook URL", "run: where the service reports renders; each address is signed with "
      .. "WEBHOOK_SECRET." },
    { "--listen PORT", "run: receive these reports here, as long as it runs; 0: any that is free.",
      convert = arguments.port },
    { "--bind ADDRESS", "run: on which address (127.0.0.1)." },
    { "--interval SECONDS", "run: between the first looks at a row (3).",
      convert = seconds(0.01, 3600) },
    { "--deadline SECONDS", "run: how long to wait for one render (1800).",
      convert = seconds(0, 366 * 24 * 3600) },
    { "--failed", "retry: rows that have failed; what was bought is not bought again." },
    { "--bought ID", "resolve: the project in which the row was bought." },
    { "--not-bought", "resolve: the row was not bought, and is to be." },
  },
  shows_progress = true,
  run = run,
}
