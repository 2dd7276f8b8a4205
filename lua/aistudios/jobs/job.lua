-- SPDX-License-Identifier: MIT
--
-- job: the handle of a call that runs by itself. Dropping the handle does not
-- cancel the call; closing its client does.

local copy = require "aistudios.util.copy"
local errors = require "aistudios.error"
local raise = require "aistudios.util.raise"
local task = require "aistudios.jobs.task"

local M, begin_exchange = {}, task.begin_exchange
local is_foreign = require "aistudios.core".client_methods.is_foreign

---@class aistudios.Job
---@field endpoint string   the method that was called
---@field package scheduler aistudios.Scheduler
---@field package co thread|false  it runs in; false: its exchange, or sleep, needs none so far
---@field package ticket integer grows whenever it is resumed
---@field package seen? table    what is known of it, once it has a coroutine
---@field package waiters? table<aistudios.Job, true>  are woken when this one ends
local Job = { __name = "aistudios.job", is_done = false, is_cancelled = false, ticket = 0 }
Job.__index = Job

for name, method in pairs(task.methods) do Job[name] = method end

--- What is known of a running job; the argument of `on_progress` too. Only
--- what is known is there.
---@class aistudios.Progress
---@field phase string        "call", or of a render "create", "wait", "download"
---@field endpoint string     the method that was called
---@field progress? number    of the render, 0 to 100
---@field state? string       of the render, in the service's words
---@field project_id? string
---@field received? integer   bytes of the answer or file so far
---@field expected? integer   bytes of it in all
---@field sent? integer       bytes of the request so far
---@field to_send? integer    bytes of it in all

--- Has the job ended?
---@return boolean
function Job:done()
  if self.is_done then return true end
  if is_foreign(self.client.handle) then self.client:forbid_fork "job:done" end
  return false
end

--- What the call returned: its result, or nil and the error. Nothing while
--- the job runs.
---@return table? result
---@return aistudios.Error? err
function Job:result()
  if not self.is_done then
    self.client:forbid_fork "job:result"
    return nil
  end
  if self.crashed then
    return nil, errors.new {
      kind = "cancelled", outcome = "unknown", endpoint = self.endpoint,
      message = "an error inside the call: " .. errors.line(self.cause),
      project_id = self.seen and self.seen.project_id, cause = self.cause,
      resume_token = task.token_of(self),
    }
  end
  return self.value, self.err
end

--- Steps the client until the job has ended or `seconds` (nil: no limit) are
--- over. The job goes on when they are. Not inside a callback.
---@param seconds? number
---@return boolean done
function Job:wait(seconds)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    raise("job:wait: a number of seconds is expected, got "
      .. (seconds ~= seconds and "nan" or type(seconds)))
  end
  if not self.is_done then self.client:forbid_fork "job:wait" end
  if self.scheduler:is_in_callback() then
    raise "job:wait: not inside a callback of the same client"
  end
  return self.scheduler:run_until(self, seconds)
end

--- Asks for an early end. The job ends at one of the next steps, with an
--- error of kind `cancelled`, or with its result when that was faster. The
--- start of a live session ends with the service's answer: what has begun is
--- then stopped. Idempotent.
function Job:cancel()
  self.client:forbid_fork "job:cancel"
  if self.is_done then return end
  self.is_cancelled = true
  if self.transfer and not self.awaits_answer then self.transfer:cancel() end
  self.scheduler:wake(self)
end

--- How far it is.
---@return aistudios.Progress
function Job:progress()
  self.client:forbid_fork "job:progress"
  local seen = copy(self.seen or {}, { endpoint = self.endpoint, phase = "call" })
  local transfer = self.transfer
  if transfer then
    seen.received, seen.expected, seen.sent, seen.to_send = transfer:progress()
  end
  return seen
end

--- What the job is about, as a short text without secrets: with it,
--- `client:resume` goes on after this process has ended. Save it whenever it has
--- changed, after each step or in `on_token`: it changes before a call that costs
--- is sent, and an older one cannot know of that call.
---@return string? token  nil while there is nothing to go on from
function Job:token()
  self.client:forbid_fork "job:token"
  return task.token_of(self)
end

function Job:__tostring()
  local state = "running"
  if self.is_done then
    state = (self.crashed or self.err and self.err.kind) and "failed" or "done"
  end
  return ("%s: %s (%s)"):format(Job.__name, self.endpoint, state)
end

--- What a job does: a function that runs in a coroutine of its own, or a call that is
--- one exchange as a rule: its request is submitted at once, `steps.read(call, raw, data)`
--- makes a result of the answer, and where that is nil, or nobody reads,
--- `steps.run(job, call, response)` goes on in a coroutine; without a response when nothing
--- was submitted. Before one that is sent later (see LATER in jobs/task)
--- `steps.prepare(call)` is called.
---@alias aistudios.Task aistudios.Run|aistudios.Call

--- Starts a job; without `todo`, one that has failed already.
---@param client aistudios.Client
---@param endpoint string
---@param todo? aistudios.Task
---@param with? aistudios.core.Body|aistudios.Error  of a call that many jobs share, its body;
---  without `todo` the error
---@return aistudios.Job
function M.start(client, endpoint, todo, with)
  local scheduler = client.scheduler
  local job = setmetatable({ client = client, scheduler = scheduler, endpoint = endpoint,
    task = todo, body = with, began = nil, transfer = nil, transfer_id = nil, is_done = false,
    co = false, value = nil }, Job)
  if not todo then
    job.is_done, job.err = true, with
  elseif with == nil and type(todo) == "function"
      or not scheduler:unhooked(begin_exchange, job) then
    task.give_coroutine(job)
    scheduler:start(job)
  end
  return job
end

M.Job = Job

return M
