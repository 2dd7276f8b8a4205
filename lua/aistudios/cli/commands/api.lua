-- SPDX-License-Identifier: MIT
--
-- aistudios api: any call of the API, checked as the method is.

local aistudios = require "aistudios"
local failure = require "aistudios.cli.failure"
local fields_of = require "aistudios.cli.fields"
local follow = require "aistudios.cli.follow"
local results = require "aistudios.cli.results"
local status = require "aistudios.cli.status"

--- All calls with what they do.
local function list(context)
  local rows = {}
  for name, row in pairs(aistudios.api) do
    rows[#rows + 1] = { name = name, method = row.method, path = row.path,
      about = row.about, costs = row.is_billed or false }
  end
  table.sort(rows, function (a, b) return a.name < b.name end)
  context.output:write_list(rows, { "name", "method", "about" })
  return status.done
end

--- A field of a call that takes none.
local function extra_field(row, fields)
  if row.takes ~= "nothing" then return nil end
  for name in pairs(fields) do
    if name ~= row.identity then
      return ("%s takes no field '%s'"):format(row.name, name)
    end
  end
end

--- The fields of the call; nil and a message when they cannot be read.
local function read_fields(row, given)
  local fields, message = {}
  if given.data then
    fields, message = fields_of.read_data(given.data)
    if not fields then return nil, "--data: " .. message end
  end
  for _, word in ipairs(given.field) do
    message = fields_of.read(row, fields, word)
    if message then return nil, message end
  end
  message = extra_field(row, fields)
  if message then return nil, message end
  return fields
end

--- The method's arguments: the identity, what it takes, options.
local function start(client, row, fields, given)
  local options = given.to and { to = given.to } or nil
  local method = client.async[row.name]
  if not row.identity then
    if row.takes == "nothing" then return method(client.async, options) end
    local is_empty = row.takes == "optional fields" and next(fields) == nil
    return method(client.async, not is_empty and fields or nil, options)
  end
  local identity = fields[row.identity]
  fields[row.identity] = nil
  if row.takes == "nothing" then return method(client.async, identity, options) end
  return method(client.async, identity, fields, options)
end

local function run(context, given)
  if not given.name then return list(context) end
  local row = aistudios.api[given.name]
  if not row then
    return failure.usage(context.output, ("there is no call '%s'%s"):format(given.name,
      require "aistudios.util.suggest".hint(given.name, aistudios.api)))
  end
  local fields, message = read_fields(row, given)
  if not fields then return failure.usage(context.output, message) end
  local identity = fields[row.identity]
  if row.identity and identity == nil then
    return failure.usage(context.output, ("%s needs %s=..."):format(row.name, row.identity))
  end
  local client, code = context:connect()
  if not client then return code end
  local task = { is_quiet = true, start = function () return start(client, row, fields, given) end }
  return follow.run(context, { task }, function ()
    local plain = results.plain(task.result)
    if not row.is_replayable then
      context.unseen = { endpoint = row.name, project_id = plain.project_id }
    end
    local text = aistudios.encode(plain, { pretty = true, sort_keys = true })
    context.output:write(plain, text)
  end)
end

---@type aistudios.cli.Command
return {
  name = "api",
  about = "Makes any call of the API, checked before it is sent",
  details = "Without a name it lists the calls. A field is name=value, or name:=JSON; "
    .. "outer.inner=value and list[]=value work too, and file=PATH uploads.",
  arguments = { { "[NAME]", "The call, e.g. get_project." },
    { "[FIELD...]", "Its fields, e.g. projectId=..." } },
  options = {
    { "-d --data JSON", "Fields as JSON, or @FILE, or @- for standard input." },
    { "--to PATH", "Where the file goes, of a call that answers with one." },
  },
  shows_progress = true,
  run = run,
}
