-- SPDX-License-Identifier: MIT
--
-- resume: what a waiting job is about, as a short text without secrets, from
-- which another process goes on.

local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local errors = require "aistudios.error"
local flow = require "aistudios.workflows.make_video"
local options = require "aistudios.util.option_rules"
local render = require "aistudios.workflows.render"
local url = require "aistudios.util.url"
local wait = require "aistudios.workflows.wait"

local M = {}

local PREFIX = "aistudios-1" -- the 1 is the version of the text

local goals = {
  video = true, build = true, translations = true, deliver = true, finish = true,
  exporting = true,
}

--- Writes the plan of a job down.
---@param client aistudios.Client
---@param plan? table
---@return string? token
function M.write(client, plan)
  if not plan then return nil end
  return PREFIX .. url.query {
    goal = plan.goal, id = plan.id, to = plan.to, host = client.policy.base_url,
  }
end

local function unescape(text)
  return (text:gsub("%%(%x%x)", function (hex) return string.char(tonumber(hex, 16)) end))
end

--- Reads a token; nil when it is none of ours.
local function read(token)
  local query = token:match("^" .. PREFIX:gsub("%p", "%%%0") .. "%?(.*)$")
  if not query then return nil end
  local plan = {}
  for name, value in query:gmatch("([%w_]+)=([^&]*)") do plan[name] = unescape(value) end
  return goals[plan.goal] and plan.id and plan.id ~= "" and plan or nil
end

local function run(job, plan, chosen)
  local id = plan.id
  if chosen.to and plan.goal == "finish" then -- the others may have begun the file
    local err = download.try_file(job, chosen.to, chosen)
    if err then return nil, err end
  end
  if plan.goal == "deliver" then return render.deliver(job, id, chosen) end
  if plan.goal == "finish" then return flow.finish(job, id, chosen, true) end
  if plan.goal == "exporting" then return flow.after_export(job, id, chosen) end
  job.plan, job.seen.phase = plan, "wait"
  return wait.run(job, plan.goal, id, chosen)
end

--- Goes on with what a job of another process, or of this one, was about.
---@type aistudios.Operation
function M.operation(client, token, chosen)
  local wrong = options.expect_text("resume", "the token", token)
    or options.check_all("resume", flow.rules, chosen)
  if wrong then return nil, nil, wrong end
  local plan = read(token)
  if not plan then
    return nil, errors.problem("token", "is no text of job:token()", nil, "resume")
  end
  if plan.host ~= client.policy.base_url then
    return nil, errors.problem("token", "is of another base_url", nil, "resume")
  end
  local all = copy(chosen, { to = plan.to })
  return function (job) return run(job, plan, all) end
end

return M
