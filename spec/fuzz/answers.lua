-- SPDX-License-Identifier: MIT
--
-- Fuzz target: answers. The real engine calls a server that sends the bytes;
-- "\n====\n" is between the answers to one connection and the next. Whatever
-- comes, a call returns in time, once, and says truly what was done.

local aistudios = require "aistudios"
local bytes = require "spec.fuzz.bytes"
local peer = require "spec.fuzz.peer"
local project = dofile "spec/fixtures/hello.lua"

local HERE = "http://127.0.0.1:" .. peer.port
local KEY = "a-user-key-of-some-bytes"
local PATH = os.tmpname()
os.remove(PATH)

local refusals = { ["400"] = true, ["401"] = true, ["403"] = true, ["404"] = true,
  ["405"] = true, ["409"] = true, ["411"] = true, ["413"] = true, ["415"] = true,
  ["422"] = true, ["429"] = true }
local kinds = { auth = true, http = true, api = true, network = true, timeout = true,
  protocol = true, file = true }

local calls = {
  { "create_project", "^POST %S*/editor/project[? ]", project },
  { "get_project", "^GET %S*/editor/project/p[? ]", "p" },
  { "get_progress", "^GET %S*/editor/progress/p[? ]", "p" },
  { "list_projects", "^GET %S*/editor/project[? ]" },
  { "confirm_auth", "^GET %S*/auth[? ]" },
  { "list_models_detailed", "^GET %S*/model[? ]" },
  { "create_session_token", "^POST %S*/sessions/token[? ]", { appId = "app", userKey = KEY } },
  { "delete_projects", "^DELETE %S*/editor/project[? ]", { "p" } },
  { "download", "^GET %S*/video.mp4[? ]", HERE .. "/video.mp4", PATH },
}

local function split(text)
  local list = {}
  for piece in (text .. "\n====\n"):gmatch "(.-)\n====\n" do list[#list + 1] = piece end
  return list
end

local function count(lines, pattern)
  local n = 0
  for line in lines:gmatch "[^\n]+" do
    if line:find(pattern) then n = n + 1 end
  end
  return n
end

-- What HTTP/2 says is not read here.
local function has_refusal(text)
  if peer.requests():find "HTTP/2" then return true end
  for status in text:gmatch "HTTP/[%d.]+ +(%d%d%d)" do
    if refusals[status] then return true end
  end
  return text:find "\"[^\"]*\"%s*:" ~= nil -- an envelope may say no
end

local function expect_truth(call, err, sent, text)
  assert(kinds[err.kind], err.kind)
  assert(err.attempts == nil or math.type(err.attempts) == "integer")
  local line = tostring(err)
  assert(not line:find "[\0-\31\127]", "more than one line")
  assert(not line:find(KEY, 1, true) and not (err.body or ""):find(KEY, 1, true), "a secret")
  if sent > 0 then assert(err.outcome ~= "not_sent", "it was sent") end
  if err.outcome == "rejected" then
    assert(sent > 0 and has_refusal(text), "nobody said so: " .. line)
  end
  if call[1] == "create_project" and err.outcome == "unknown" then
    assert(not err.retryable and err.next == "look", err.next)
  end
end

local function exists(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

local round = 0

return function (text)
  round = round + 1 -- nobody's token is another's
  local b = bytes(text)
  local call, how, has_token = b:pick(calls), b:below(3), b:below(4) > 0 or peer.is_http2 == true
  local answers = b:rest()
  peer.answer(how, split(answers))
  local client <close> = assert(aistudios.new { base_url = HERE, streaming_url = HERE,
    token = has_token and KEY or nil, app_id = not has_token and "app" .. round or nil,
    user_key = not has_token and KEY or nil, retries = 0,
    timeout = { connect = 2, stall = 3, total = 5 } })
  local result, err = client[call[1]](client, table.unpack(call, 3))
  local sent = count(peer.requests(), call[2]) + count(peer.requests(), "^PRI ")
  -- A download begins anew where a part that was left is of no use.
  assert(sent <= (call[1] == "download" and 4 or has_token and 1 or 2), "sent again")
  if result then
    assert(sent > 0 and type(result) == "table", peer.requests())
  else
    expect_truth(call, err, sent, answers)
  end
  if call[1] == "download" then
    assert(exists(PATH) == (result ~= nil), "a file without a result, or the other way")
    os.remove(PATH)
    os.remove(PATH .. ".part")
  end
  assert(client:stats().jobs == 0)
end
