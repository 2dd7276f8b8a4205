-- SPDX-License-Identifier: MIT
--
-- routes: finds the endpoint (a row) of a request. A row is
--   name, method, path  with {names} for what varies
--   auth       "none", "token", "bearer" or "key"
--   fields     the documented fields of its JSON body (see fields.lua), or
--   takes_query  the fields may also come in the query or as a web form, as
--              the vendor's samples send them
--   form       those of its multipart body (see form.lua), or neither
--   query      the documented fields of its query
--   adapt      function (body): makes what older samples send what is documented
--   check      function (call, state) -> what else is wrong with it
--   answer     function (state, call) -> data, or nil, problem
--   answer_body  function (state, call) -> the body of the answer that this
--              makes, quicker
--   serve      instead: function (state, call) -> answer, not in an envelope
--   is_list    its data are a list
--   is_avatar  it has the envelope of the live avatar
--   observed   function (data) -> the data as clients met them, and whether
--              they came without an envelope

local fields = require "aistudios.sandbox.fields"
local http = require "aistudios.sandbox.http"

local M = {}

local modules = {
  "auth", "projects", "templates", "lists", "simple", "tools", "automation", "avatars",
  "sessions", "files",
}

local exact, patterns = {}, {}

---@type table<string, any>  what a fault may be `on`
M.names = { any = true }

---@type table<string, table<string, boolean>>  the methods of each path
M.paths = {}

local function add(row)
  M.paths[row.path] = M.paths[row.path] or {}
  M.paths[row.path][row.method] = true
  row.rule = row.fields and fields.compile(row.fields)
  row.query_rule = row.query and fields.compile(row.query)
  M.names[row.name] = true
  if not row.path:find("{", 1, true) then
    exact[row.method .. " " .. row.path] = row
    return
  end
  patterns[#patterns + 1] = { row = row, route = http.route(row.path) }
end

for _, name in ipairs(modules) do
  for _, row in ipairs(require("aistudios.sandbox.rows." .. name)) do add(row) end
end

---@param method string
---@param path string  as it came
---@return table? row
---@return table<string, string> parameters
function M.find(method, path)
  local row = exact[method .. " " .. path]
  if row then return row, {} end
  for _, each in ipairs(patterns) do
    local parameters = each.row.method == method and http.match(each.route, path)
    if parameters then return each.row, parameters end
  end
  return nil, {}
end

return M
