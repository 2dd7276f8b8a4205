-- SPDX-License-Identifier: MIT
--
-- goals: what can be waited for: a video, a project that is being built,
-- translations. Each knows its endpoint and reads its answers.

local endpoints = require "aistudios.endpoints"

local M = {}

-- No state of failure is documented; these are what services call them.
local bad_words = {
  error = true, errored = true, fail = true, failed = true, failure = true,
  aborted = true, canceled = true, cancelled = true, rejected = true,
}

--- Is this a terminal failure state?
---@param state any
---@return boolean
function M.is_failure(state)
  if type(state) ~= "string" then return false end
  for word in state:gsub("(%l)(%u)", "%1 %2"):gmatch("%a+") do
    if bad_words[word:lower()] then return true end
  end
  return false
end

--- What to wait for.
---@class aistudios.Goal
---@field row aistudios.Row  the endpoint that tells the progress
---@field clause string  how a sentence begins that tells of what will be there in the end
---@field identity "project_id"|"folder_id"  what its id is called
---@field look fun(result: table): number?, any, string  progress, state, and a text that changes
---  when something moves
---@field is_reached fun(result: table): boolean
---@field project_row? aistudios.Row  the endpoint of the project itself
---@field is_untouched? fun(seen: table): boolean  has nobody started the work? Of a
---  progress or a project

local function text_of(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  return table.concat(parts, "\0")
end

local function number(value)
  return type(value) == "number" and value or nil
end

-- States of a project that exists, or is built, and is not rendered.
local untouched = { created = true, finish = true }

M.video = {
  row = endpoints.get_progress, project_row = endpoints.get_project,
  clause = "the video is", identity = "project_id",
  look = function (result)
    local progress, state = number(result.progress), result.state
    return progress, state, text_of(progress, state, result.download_url ~= nil)
  end,
  is_reached = function (result)
    return (number(result.progress) or 0) >= 100 and result.download_url ~= nil
  end,
  is_untouched = function (seen)
    return (number(seen.progress) or 0) == 0 and untouched[seen.state] == true
      and seen.creditSubstracted ~= true and seen.download_url == nil
  end,
}

-- "finish" is documented; the others are what clients have met.
local finished = { finish = true, finished = true, complete = true, completed = true }

M.build = {
  row = endpoints.get_automation_progress,
  clause = "the project is", identity = "project_id",
  look = function (result)
    local progress, state = number(result.progress), result.state
    return progress, state, text_of(progress, state)
  end,
  is_reached = function (result)
    return (number(result.progress) or 0) >= 100
      and finished[tostring(result.state):lower()] == true
  end,
}

M.translations = {
  row = endpoints.get_translation_progress,
  clause = "the translations are", identity = "folder_id",
  look = function (result)
    local sum, state, parts = 0, nil, {}
    for i, item in ipairs(result) do
      local progress = number(item.progress) or 0
      sum = sum + progress
      parts[i] = text_of(progress, item.state, item.download_url ~= nil)
      if M.is_failure(item.state) then state = item.state end
    end
    return result[1] and sum / #result, state, table.concat(parts, "\1")
  end,
  is_reached = function (result)
    for _, item in ipairs(result) do
      if not M.video.is_reached(item) then return false end
    end
    return result[1] ~= nil
  end,
}

return M
