-- SPDX-License-Identifier: MIT
--
-- resume_token: what a waiting job is about, as a short text without secrets,
-- from which another process goes on.

local trim = require "aistudios.util.trim"
local url = require "aistudios.util.url"

local M = {}

local PREFIX = "aistudios-1" -- the 1 is the version of the text

-- What a job can be about.
local goals = {
  video = true, build = true, translations = true, -- waits for it
  create_sent = true, -- a project may have been sent to be rendered, and has no id yet
  build_sent = true,  -- the same of a build
  deliver = true,     -- waits for a video and downloads it
  finish = true,      -- waits for a build, exports it and delivers the video
  export_sent = true, -- the same, and the export may have been sent
}

---@class aistudios.Plan
---@field goal string   what the job is about
---@field id string     of the project or folder; of `create_sent` the project's fingerprint,
--- of `build_sent` the name of the method
---@field sent? integer  of `create_sent`: when, in seconds since 1970 by this machine's clock
---@field call? integer  of `create_sent`: tells calls of one client apart
---@field to? string    where the video goes, absolute
---@field export? string the fields of an export, as JSON, without webhookUrl
---@field webhook? "yes" the export has a webhookUrl
---@field targets? string  of translations: language codes with commas
---@field host? string  the base address of the service

---@param plan aistudios.Plan
---@param host string
---@return string token
function M.write(plan, host)
  return PREFIX .. url.query { goal = plan.goal, id = plan.id, sent = plan.sent,
    call = plan.call, to = plan.to, host = host, export = plan.export, webhook = plan.webhook,
    targets = plan.targets }
end

--- Reads a token; blanks and line ends around it do no harm.
---@param token string
---@return aistudios.Plan? plan  nil: the text is not a token
function M.read(token)
  local query = trim(token):match("^" .. PREFIX:gsub("%p", "%%%0") .. "%?(.*)$")
  if not query then return nil end
  local plan = url.parse_query(query)
  plan.sent, plan.call = math.tointeger(tonumber(plan.sent)), math.tointeger(tonumber(plan.call))
  return goals[plan.goal] and plan.id and plan.id ~= "" and plan or nil
end

--- Does this token await the answer that names what it is about?
---@param token string
---@return boolean
function M.awaits_id(token)
  local plan = M.read(token)
  return plan ~= nil and (plan.goal == "create_sent" or plan.goal == "build_sent")
end

return M
