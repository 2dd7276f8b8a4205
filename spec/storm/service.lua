-- SPDX-License-Identifier: MIT
--
-- storm.service: what the storm's server does besides misbehaving: it notes each
-- submission that it acts on in the ledger, a file with a line for each, and
-- answers the calls of the API that the storm makes. What it knows is on disk, so
-- that it can be restarted at any time.

local M = {}

local LISTED = 100 -- projects that the list shows, the newest ones

local ledger_path, projects_path
local ledger, projects_file
local projects, newest -- those that can be read again, by id

--- The id of a submission's project: its name in hexadecimal digits.
function M.id_of(name)
  return (name:gsub(".", function (c) return ("%02x"):format(c:byte()) end) .. ("0"):rep(24))
    :sub(1, 24)
end

--- The id of what its export makes.
function M.exported_id_of(name)
  return "f" .. M.id_of(name):sub(2)
end

-- The name of the submission whose project is exported.
local function exported_name(body)
  local id = body:match '"projectId":"(%x+)"'
  return id and id:gsub("%x%x", function (digits) return string.char(tonumber(digits, 16)) end)
    :match "^[%w-]+"
end

local function remember(id, name, body)
  projects[id] = { id = id, name = name, body = body, polls = 0 }
  if not body:find '"built":true' then newest[#newest + 1] = projects[id] end -- no list has it
end

--- Opens the files; reads what an earlier process has left.
function M.open(directory)
  ledger_path, projects_path = directory .. "/ledger", directory .. "/projects"
  ledger = assert(io.open(ledger_path, "a"))
  ledger:setvbuf "no"
  projects_file = assert(io.open(projects_path, "a"))
  projects_file:setvbuf "no"
  projects, newest = {}, {}
  for line in io.lines(projects_path) do
    local id, name, body = line:match "^(%x+) (%S+) ({.*})$"
    if id then remember(id, name, body) end
  end
end

-- The name of the submission in a body of JSON or of parts.
local function name_of(body)
  return body:match '"name":"([%w-]+)"' or body:match '"topic":"([%w-]+)"'
    or body:match 'name="name"\r\n\r\n([%w-]+)\r\n'
end

local function is_export(path) return path:find "/project/export$" ~= nil end

--- Does what was asked for. Whatever was acted on is in the ledger before anything
--- is answered: the name, and after it " export" for an export.
function M.act(path, body)
  local is_exported = is_export(path)
  local name = (is_exported and exported_name or name_of)(body)
  if not name then return end
  ledger:write(name .. (is_exported and " export\n" or "\n"))
  if name:find "^victim" and body:find "^{" then
    local id = is_exported and M.exported_id_of(name) or M.id_of(name)
    if is_exported then body = ('{"name":"%s"}'):format(name)
    elseif body:find '"topic"' then body = ('{"name":"%s","built":true}'):format(name) end
    projects_file:write(("%s %s %s\n"):format(id, name, body))
    remember(id, name, body)
  end
end

local function stamp() return os.date "!%Y-%m-%dT%H:%M:%S.000Z" end

local function data(text) return '{"success":true,"data":' .. text .. "}" end

--- The answer to a submission that was acted on.
function M.created(path, body)
  local id = is_export(path) and M.exported_id_of(exported_name(body) or "nobody")
    or M.id_of(name_of(body) or "nobody")
  return data(('{"projectId":"%s"}'):format(id))
end

function M.token() return data(('{"token":"token-%d"}'):format(math.random(1 << 40))) end

local function summary(project)
  return ('{"_id":"%s","name":"%s","state":"exported","createdAt":"%s"}'):format(project.id,
    project.name, stamp())
end

local function list()
  local parts = {}
  for i = #newest, math.max(1, #newest - LISTED), -1 do parts[#parts + 1] = summary(newest[i]) end
  return data("[" .. table.concat(parts, ",") .. "]")
end

local DONE = data '{"progress":100,"state":"finish","downloadUrl":"https://127.0.0.1:1/film.mp4"}'
local BUILT = data '{"progress":100,"state":"finish"}'
local UNTOUCHED = data '{"progress":0,"state":"finish"}'

local function progress(id)
  local project = projects[id]
  if not project then return id:find "^f" and DONE or UNTOUCHED end
  if project.body:find '"built":true' then return UNTOUCHED end
  project.polls = project.polls + 1
  return project.polls < 3 and data '{"progress":40,"state":"rendering"}' or DONE
end

--- The answer to a GET. Projects that nobody has made are shown too: a storm reads.
function M.shown(path)
  if path:find "/automation/progress" then return BUILT end
  local kind, id = path:match "/editor/(%a+)/(%w+)"
  local project = id and projects[id]
  if not id then return list() end
  if kind == "progress" then return progress(id) end
  if not project then
    return data(('{"_id":"%s","name":"read","createdAt":"%s","scenes":[]}'):format(id, stamp()))
  end
  return data(project.body:gsub("^{", function ()
    return ('{"_id":"%s","createdAt":"%s",'):format(id, stamp())
  end, 1))
end

return M
