-- SPDX-License-Identifier: MIT
--
-- response: from the text of an answer to a result. One decoder for all shapes
-- of the service's envelope, and for answers without one.

local copy = require "aistudios.util.copy"
local core = require "aistudios.core"
local refusal = require "aistudios.endpoints.refusal"
local trim = require "aistudios.util.trim"

local byte, type = string.byte, type

local M = {}

local LONGEST_COMPLAINT = 1 << 20 -- bytes; more is no envelope, and takes too long to read

--- What a call returns: the members of the answer's data under their own
--- names, without nulls, and these. It is the caller's own. Of a list it is
--- the list, and the names are found by indexing only: as JSON it is a list.
---@class aistudios.Result
---@field raw any               the decoded answer, untouched; nil when it was empty
---@field project_id? string
---@field download_url? string
---@field session_id? string
---@field [string] any

--- Decodes a text.
---@param text? string
---@return any value
---@return string? message
local function decode(text)
  if not text or text == "" then return nil, "the answer is empty" end
  local value, message = core.decode(text, true)
  if value ~= nil then return value end
  if text:find "^[%s\xEF\xBB\xBF]*<" then return nil, "the answer is a web page, not JSON" end
  return nil, "the answer is not JSON: " .. message
end

local function is_list(value)
  return type(value) == "table" and (value[1] ~= nil or next(value) == nil)
end

--- Does a 2xx answer say no, in an envelope or in words?
local function says_no(row, answer)
  if answer.success == true then return false end
  if refusal.is_no(row, answer) then return true end
  return answer.success == nil and answer.data == nil
    and (answer.error ~= nil or refusal.is_code(answer.code))
end

--- What an answer that is no good says: `is_no`, the API's own envelope says
--- no; `is_yes`, it says yes in spite of the status; `code` and `message` as far as
--- there are any.
---@class aistudios.Complaint
---@field is_no boolean
---@field is_yes? boolean
---@field code? any
---@field message? string

-- Does an envelope say yes, or name a project? `text` is what it was read from; it may
-- be cut off.
local function says_yes(answer, text)
  if type(answer) ~= "table" then
    return text ~= nil and text:find '^%s*{%s*"success"%s*:%s*true' ~= nil
  end
  local data = answer.data
  return answer.success == true
    or answer.success == nil and type(data) == "table" and data.projectId ~= nil
end

--- Reads an answer that is not 2xx.
---@param row aistudios.Row
---@param text? string
---@return aistudios.Complaint
function M.complaint(row, text)
  local is_short = text and #text <= LONGEST_COMPLAINT
  local answer = is_short and core.without_nulls((decode(text))) or nil
  local code, message = refusal.read(answer)
  local is_yes = row.host ~= nil and says_yes(answer, text)
  return { is_no = refusal.is_no(row, answer), is_yes = is_yes, code = code, message = message }
end

local function text_of(value)
  if type(value) == "string" and value ~= "" then return value end
end

--- An id; a service that one day counts them, or pads them, is understood as well.
local function id_of(value)
  if value == nil then return nil end
  if type(value) == "string" then
    local first, last = byte(value), byte(value, -1)
    if first and first > 32 and first < 127 and last > 32 and last < 127 then return value end
    value = trim(value)
    return value ~= "" and value or nil
  end
  return math.type(value) == "integer" and ("%d"):format(value) or nil
end

local function find_project_id(object, inner, is_project)
  return id_of(object.project_id) or (inner and (id_of(inner._id) or id_of(inner.id)))
    or id_of(object._id) or (is_project and id_of(object.id)) or nil
end

--- Adds the normalized names: project_id, download_url, session_id.
local function normalize(object, is_project)
  local inner, progress = object.project, object.progress
  local url, other_url = object.downloadUrl, object.download_url
  local session, other_session = object.session_id, object.sessionId
  if inner and type(inner) ~= "table" then inner = nil end
  object.project_id = id_of(object.projectId) or find_project_id(object, inner, is_project)
  if url ~= nil or other_url ~= nil or inner then
    object.download_url = text_of(url) or text_of(other_url)
      or (inner and (text_of(inner.download_url) or text_of(inner.downloadUrl)))
  end
  if session ~= nil or other_session ~= nil then
    object.session_id = id_of(session) or id_of(other_session)
  end
  if progress and type(progress) == "string" then
    object.progress = tonumber(progress) or progress
  end
  return object
end

--- The values of an object whose keys are "0", "1", ... in their order; nil
--- for any other.
local function numbered(value)
  local keys = {}
  for key in pairs(value) do
    local n = type(key) == "string" and key:find("^%d+$") and math.tointeger(tonumber(key))
    if not n then return nil end
    keys[#keys + 1] = { n, key }
  end
  if not keys[1] then return nil end
  table.sort(keys, function (a, b) return a[1] < b[1] end)
  local list = {}
  for i, pair in ipairs(keys) do list[i] = value[pair[2]] end
  return list
end

local identities = { "id", "_id", "projectId", "modelId", "sessionId", "templateId" }

--- The list that is somewhere in `data`; a single object with an id is a list
--- of one. Nil: there is none.
local function find_list(data, name)
  if is_list(data) then return data end
  local found = data[name]
  if is_list(found) then return found end
  found = numbered(data)
  if found then return found end
  for _, identity in ipairs(identities) do
    if data[identity] ~= nil then return { data } end
  end
  local lists = 0
  for _, member in pairs(data) do
    if is_list(member) then lists, found = lists + 1, member end
  end
  return lists == 1 and found or nil
end

local function read_list(answer, data, raw)
  local items = type(data) == "table" and find_list(data, answer.list)
  if not items then return nil end
  for i, item in ipairs(items) do -- each is an object; what is none says nothing
    items[i] = normalize(type(item) == "table" and item or {}, answer.is_item_project)
  end
  local named = is_list(data) and {} or copy(data)
  named[answer.list], named.raw = items, raw
  setmetatable(items, { __index = named })
  return items[1] == nil and core.array(items) or items
end

local function has_one(names, object)
  for i = 1, names and #names or 0 do
    if object[names[i]] ~= nil then return true end
  end
  return false
end

--- The object that the data of an answer stand for.
local function find_object(answer, data)
  if type(data) ~= "table" then return answer.bare and { [answer.bare] = data } or {} end
  if type(data[answer.inner]) == "table" then return data end
  local object = copy(data)
  object[answer.inner] = data
  return object
end

local function describe(row)
  local needs = row.answer.needs
  if not needs then return "the answer has none of the documented shapes" end
  return "the answer has no " .. table.concat(needs, " or ")
end

--- Does an empty answer say all that there is to say?
local function may_be_empty(row)
  local answer = row.answer
  return row.host and not (answer.needs or answer.list)
end

---@class aistudios.AnswerProblem: aistudios.Complaint
---@field kind "api"|"protocol"

--- The data of an answer, without nulls, and whether the answer says yes; or the
--- problem when it says no.
local function read_envelope(row, raw)
  if type(raw) ~= "table" then return core.without_nulls(raw), false end
  local answer = core.without_nulls(raw)
  if says_no(row, answer) then
    local code, reason = refusal.read(answer)
    return nil, false,
      { kind = "api", is_no = refusal.is_no(row, answer), code = code, message = reason }
  end
  local data = answer
  if answer.data ~= nil then data = answer.data end
  return data, answer.success == true or (answer.success == nil and answer.code == 1000)
end

--- Makes the result of a good answer.
---@param row aistudios.Row
---@param raw any          the decoded answer
---@param data any         of it, without nulls, the result's own
---@param is_yes boolean   the answer says so
---@return table? result
---@return aistudios.AnswerProblem? problem  it is not the one asked for
function M.result(row, raw, data, is_yes)
  local answer, result = row.answer, nil
  local inner, needs = answer.inner, answer.needs
  if answer.list then
    result = read_list(answer, data, raw)
  else
    if inner or type(data) ~= "table" then data = find_object(answer, data) end
    local object = normalize(data, inner ~= nil)
    -- One that says yes need not have more than what the row insists on.
    if needs and has_one(needs, object) or not needs and (is_yes or has_one(answer.marks, object))
    then
      object.raw, result = raw, object
    end
  end
  if not result then
    return nil, { kind = "protocol", is_no = false, message = describe(row) }
  end
  return result
end

--- Reads the text of a 2xx answer.
---@param row aistudios.Row
---@param text string
---@return table? result
---@return aistudios.AnswerProblem? problem
function M.read(row, text)
  if text == "" and may_be_empty(row) then return {} end
  local raw, message = decode(text)
  if raw == nil then return nil, { kind = "protocol", is_no = false, message = message } end
  local data, is_yes, problem = read_envelope(row, raw)
  if problem then return nil, problem end
  return M.result(row, raw, data, is_yes)
end

--- The ids in an answer that broke off: what it names may be paid for.
---@param row aistudios.Row
---@param text string
---@return string? project_id
---@return string? session_id
function M.ids(row, text)
  local result = M.read(row, text) -- only its frame is not whole
  if result then return result.project_id, result.session_id end
  return text:match '"projectId"%s*:%s*"([%w_-]+)"', text:match '"session_?[iI]d"%s*:%s*"([%w_-]+)"'
end

return M
