-- SPDX-License-Identifier: MIT
--
-- Fuzz target: resume tokens. Any text is read or refused; what is read is
-- written as a token that reads as the same, and can be gone on with or is
-- refused in words.

local aistudios = require "aistudios"
local bytes = require "spec.fuzz.bytes"
local resume = require "aistudios.workflows.resume"
local resume_token = require "aistudios.jobs.resume_token"

local HOST = "http://127.0.0.1:1"
local client = assert(aistudios.new { base_url = HOST, token = "x", retries = 0 })

local fields = { "goal", "id", "sent", "to", "export", "webhook", "targets", "host" }

local function is_same(a, b)
  for _, name in ipairs(fields) do
    if a[name] ~= b[name] then return false end
  end
  return true
end

local function go_on(token)
  local run, err, misuse = resume.operation(client, token, nil)
  assert(misuse == nil, misuse)
  assert(type(run) == "function" or err.kind == "invalid" or err.kind == "file")
  if err then assert(not tostring(err):find "[\0-\31\127]") end
end

return function (text)
  local b = bytes(text)
  local plan = resume_token.read(text)
  if plan then
    assert(is_same(plan, assert(resume_token.read(resume_token.write(plan, plan.host)))))
  end
  resume_token.awaits_id(text)
  go_on(text)
  local goal = b:pick { "video", "build", "translations", "create_sent", "build_sent", "deliver",
    "finish", "export_sent" }
  plan = { goal = goal, id = b:take(4) .. "x", to = b:below(2) == 1 and b:take(8) or nil,
    sent = goal == "create_sent" and b:below(256) or nil, export = b:rest() }
  local token = resume_token.write(plan, HOST)
  plan.host = HOST
  assert(is_same(plan, assert(resume_token.read(token))))
  go_on(token)
end
