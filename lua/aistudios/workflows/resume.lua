-- SPDX-License-Identifier: MIT
--
-- resume: goes on with what a job of another process was about.

local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local errors = require "aistudios.error"
local finish = require "aistudios.workflows.finish"
local option_rules = require "aistudios.util.option_rules"
local render = require "aistudios.workflows.render"
local resume_token = require "aistudios.jobs.resume_token"
local translations = require "aistudios.workflows.translations"
local wait = require "aistudios.workflows.wait"

local M = {}

---@class aistudios.ResumeOptions: aistudios.FlowOptions
---@field is_newest? boolean  the token was saved at each change and is the last one: what it does
---  not tell was not sent (false)
local rules = copy(finish.rules, { is_newest = option_rules.boolean })

local function run(job, plan, chosen)
  local id = plan.id
  job.on_token, job.last_token = chosen.on_token, resume_token.write(plan, plan.host)
  if chosen.to and plan.goal == "finish" then -- the others may have begun the file
    local err = download.check_writable(job, chosen.to, chosen.overwrite)
    if err then return nil, err end
  end
  if plan.goal == "deliver" then return render.deliver(job, id, chosen) end
  if plan.goal == "create_sent" then return render.after_create(job, plan, chosen) end
  if plan.goal == "build_sent" then return finish.after_build(job, id, chosen) end
  if plan.goal == "finish" then return finish.after_finish(job, id, chosen) end
  if plan.goal == "export_sent" then return finish.after_export(job, id, chosen, plan.goal) end
  return wait.run(job, plan.goal, id, chosen)
end

--- Goes on with what a job of another process, or of this one, was about.
---@type aistudios.Operation
function M.operation(client, token, chosen)
  local wrong = option_rules.expect_text("resume", "the token", token)
    or option_rules.check_all("resume", rules, chosen, finish.places {})
  if wrong then return nil, nil, wrong end
  local plan = resume_token.read(token)
  if not plan then
    return nil, errors.problem("token", "is no text of job:token()", nil, "resume")
  end
  if plan.host ~= client.policy.base_url then
    return nil, errors.problem("token", "is of another base_url", plan.host, "resume")
  end
  local all, err = download.options(copy(chosen, { to = plan.to }), "resume")
  if not all then return nil, err end
  err = finish.recall_export(plan, all)
  if err then return nil, err end
  err, wrong = finish.keep_export(client, all, "resume")
  if err or wrong then return nil, err, wrong end
  all.targets = translations.read(plan.targets)
  return function (job) return run(job, plan, all) end
end

return M
