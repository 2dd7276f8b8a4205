-- SPDX-License-Identifier: MIT
--
-- har: the request log as an HTTP Archive 1.2 and as lines of JSON.

local base64 = require "aistudios.sandbox.base64"
local copy = require "aistudios.util.copy"
local json = require "aistudios.sandbox.json"
local stamp = require "aistudios.sandbox.clock".stamp
local url = require "aistudios.util.url"

local M = {}

-- { name, value, name, value } as a list of pairs.
local function pairs_of(headers)
  local list = {}
  for i = 1, #headers, 2 do
    list[#list + 1] = { name = headers[i], value = headers[i + 1] }
  end
  return list
end

local function sorted_pairs(values)
  local list = {}
  for name, value in pairs(values) do list[#list + 1] = { name = name, value = value } end
  table.sort(list, function (a, b) return a.name < b.name end)
  return json.list(list)
end

--- A copy of an entry of the request log that has the answer beside it.
---@param entry table
---@param answer? table
---@return table
function M.with_answer(entry, answer)
  local whole = copy(entry)
  if answer then
    whole.answer = { headers = pairs_of(answer.headers or {}), body = answer.body,
      size = answer.size }
  end
  return whole
end

-- JSON has no bytes: what is no UTF-8 is shown in base64, under another name.
local function make_text(object, name, other)
  local text = object[name]
  if text and not utf8.len(text) then
    object[name], object[other or name .. "_base64"] = nil, base64.standard(text)
  end
end

local function digits_of(bytes)
  return (bytes:gsub(".", function (c) return ("%02x"):format(c:byte()) end))
end

--- An entry, with the answer if it has one, as JSON can show it.
---@param entry table  a copy
---@return table entry  the same
function M.as_text(entry)
  make_text(entry, "body")
  if entry.answer then make_text(entry.answer, "body") end
  if entry.parts then
    local parts = {}
    for i, part in ipairs(entry.parts) do
      local shown = { name = part.name, filename = part.filename, type = part.type,
        size = part.size, data = part.data, digest = digits_of(part.digest) }
      make_text(shown, "data")
      parts[i] = shown
    end
    entry.parts = json.list(parts)
  end
  return entry
end

-- ---- lines ----

--- One line of JSON for each request, with its answer.
---@param found table[]
---@param context table  state
---@return table response  body and type
function M.json_lines(found, context)
  local lines = {}
  for i, entry in ipairs(found) do
    local _, answer = context.state.request_log:get(entry.id)
    lines[i] = json.encode(M.as_text(M.with_answer(entry, answer))) .. "\n"
  end
  return { body = table.concat(lines), type = "application/x-ndjson" }
end

-- ---- the archive ----

local function content_type(answer)
  for _, pair in ipairs(answer and pairs_of(answer.headers or {}) or {}) do
    if pair.name == "Content-Type" then return pair.value end
  end
  return ""
end

-- With milliseconds, as an archive has it.
local function exact_stamp(time)
  return (stamp(time):gsub("%.000Z$", (".%03dZ"):format(math.floor(time % 1 * 1000))))
end

local function request_of(entry, base)
  local request = {
    method = entry.method, httpVersion = "HTTP/1.1",
    url = base .. entry.path .. url.query(entry.query),
    headers = sorted_pairs(entry.headers), queryString = sorted_pairs(entry.query),
    cookies = json.list {}, headersSize = -1, bodySize = entry.body_size or #(entry.body or ""),
  }
  if entry.body and entry.body ~= "" then
    request.postData = { mimeType = entry.headers["content-type"] or "", text = entry.body }
    make_text(request.postData, "text", "_text_base64") -- a name of one's own begins with _
  end
  return request
end

local function response_of(entry, answer)
  local body = answer and answer.body or ""
  local is_text = utf8.len(body) ~= nil
  return {
    status = entry.status or 0, statusText = "", httpVersion = "HTTP/1.1",
    headers = json.list(answer and pairs_of(answer.headers or {}) or {}),
    cookies = json.list {}, redirectURL = "", headersSize = -1,
    bodySize = answer and answer.size or -1,
    content = { size = answer and answer.size or 0, mimeType = content_type(answer),
      text = is_text and body or base64.standard(body),
      encoding = not is_text and "base64" or nil },
  }
end

local function entry_of(entry, answer, base)
  local milliseconds = (entry.seconds or 0) * 1000
  return {
    startedDateTime = exact_stamp(entry.time), time = milliseconds,
    connection = tostring(entry.connection),
    request = request_of(entry, base), response = response_of(entry, answer),
    cache = json.raw "{}", timings = { send = 0, wait = milliseconds, receive = 0 },
    comment = entry.fault and "fault: " .. entry.fault or nil,
  }
end

--- An HTTP Archive of the requests.
---@param found table[]
---@param context table  state
---@return table response  body and type
function M.archive(found, context)
  local entries, base = {}, context.state:url()
  for i, entry in ipairs(found) do
    local _, answer = context.state.request_log:get(entry.id)
    entries[i] = entry_of(entry, answer, base)
  end
  return { type = "application/json", body = json.encode { log = {
    version = "1.2", creator = { name = "aistudios sandbox", version = "1" },
    entries = json.list(entries),
  } } }
end

return M
