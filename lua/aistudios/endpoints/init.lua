-- SPDX-License-Identifier: MIT
--
-- endpoints: every endpoint of the API as data, gathered from rows/. A method
-- of the client is made of each row; only rows know the API's paths and fields.

---@alias aistudios.Auth "token"|"session_bearer"|"studio_api_key"|"none"

--- One endpoint.
---@class aistudios.Row
---@field name string        the method's name
---@field about string       what it does, in one line
---@field method "GET"|"POST"|"DELETE"
---@field path string        below the base address; `{field}` is replaced
---@field host "app"|"interactive"  which of the service's hosts
---@field auth aistudios.Auth  how the request shows who sends it
---@field page string        the page of the API's documentation
---@field identity? string   the field that is the method's first argument
---@field main? string       the field that a bare value stands for
---@field main_address? string  the one for a bare value that is a web address
---@field takes_credentials? boolean  the client's own, when no fields are given
---@field takes "fields"|"optional fields"|"nothing"  the argument after it
---@field fields table<string, aistudios.Field>
---@field body? "json"|"form"  how the fields are sent; a GET has none
---@field check? "project"|"edits"  who checks the body: instead of `fields`, or besides
---@field needs_one? string[]  one of these fields must be there
---@field is_replayable? boolean  may be sent again whatever happened to it
---@field is_billed? boolean  may cost credits
---@field is_deprecated? boolean
---@field is_in_query_too? boolean  the fields go into the query as well
---@field fallback? "GET"    how to ask when the method is refused
---@field timeout? "long"    the class of its time limits
---@field answer aistudios.Answer
---@field body_fields table<string, aistudios.Field>  without the identity; like what
---  comes after it, this follows from the above
---@field numbered table<string, aistudios.Field>  "target_{0..9}"
---@field spread table<string, string>  lists of these names become numbered fields: { targets =
---  "target_" }
---@field changes_fields boolean  what is sent is not the caller's table with defaults
---@field has_constant_request boolean  its calls differ by their JSON only
---@field is_fields_alone boolean  and their argument is always a table of fields
---@field defaults table<string, any>
---@field default_names string[]  their names
---@field wraps table<string, string>

--- One field of a request, with what a field of a project may have. Fields that no row
--- names are sent as they are.
---@class aistudios.Field: aistudios.project.Field
---@field at? "path"|"query"|"form"  (body)
---@field type "string"|"boolean"|"integer"|"number"|"object"|"list"|"id"|"file"
---@field default? any       sent when the caller gives none
---@field examples? any[]    of what it takes, where the list is open
---@field kinds? string[]    the file name extensions that it takes
---@field wrap? string       a list given for this object becomes its member `wrap`
---@field is_count? boolean  "auto" or a number from 1 to `max`, as a word
---@field is_repeated? boolean  a list of them is sent as parts of the same name
---@field lists? string[]    of a numbered field: names of a list that stands for all of them

--- How to read an answer; see response.lua.
---@class aistudios.Answer
---@field needs? string[]    a good answer has one of these members
---@field marks? string[]    one of these makes an answer without `success` good
---@field bare? string       the member that an answer of a single value stands for
---@field inner? string      the member that holds the object, if it is not `data` itself
---@field list? string       the answer is a list; its likeliest member name
---@field is_item_project? boolean  the `id` of an item is a project id
---@field is_file? boolean   download_url is a file that may vanish
---@field secret? string     the member that must not be shown

---@type table<string, aistudios.Row>
local M = {}

local paths = { app = "/api/odin/v3/", interactive = "/api/v2/sessions" }

--- Adds what follows from the rest of a row, or is so in most rows.
local function complete(name, row)
  row.name = name
  row.host = row.host or "app"
  row.path, row.page = paths[row.host] .. row.path, "aistudioV3/" .. row.page
  row.auth = row.auth or "token"
  row.takes = row.takes or (row.method == "POST" and "fields" or "nothing")
  if row.method ~= "POST" then row.is_replayable = true end
  row.fields = row.fields or {}
  row.body = row.body or (row.method ~= "GET" and "json" or nil)
  row.body_fields, row.numbered, row.spread = {}, {}, {}
  row.defaults, row.wraps = {}, {}
  for field, rule in pairs(row.fields) do
    if field:find("{", 1, true) then
      row.numbered[field] = rule
      for _, list in ipairs(rule.lists) do row.spread[list] = field:match "^(.-){" end
    elseif field ~= row.identity then
      row.body_fields[field] = rule
    end
    row.defaults[field] = rule.default
    row.wraps[field] = rule.wrap
  end
  row.default_names = {}
  for field in pairs(row.defaults) do table.insert(row.default_names, field) end
  local place = row.identity and (row.fields[row.identity].at or "body")
  row.changes_fields = place == "body" or next(row.wraps) ~= nil or next(row.numbered) ~= nil
  row.has_constant_request = row.body == "json" and (place or "body") == "body"
    and not (row.is_in_query_too or row.fallback or row.auth == "session_bearer"
      or row.auth == "studio_api_key")
  row.is_fields_alone = row.has_constant_request and row.takes == "fields"
    and not (row.identity or row.main)
end

for _, part in ipairs { "projects", "simple", "tools", "automation", "avatars", "sessions" } do
  for name, row in pairs(require("aistudios.endpoints.rows." .. part)) do
    complete(name, row)
    M[name] = row
  end
end

return M
