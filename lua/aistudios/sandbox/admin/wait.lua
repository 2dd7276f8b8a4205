-- SPDX-License-Identifier: MIT
--
-- wait: operations that end when something happened, or when time is over.

local M = {}

--- What an operation returns that has to wait.
---@param seconds number     until it is asked again at the latest
---@param resume fun(): any  what it returns then
function M.defer(seconds, resume)
  return { seconds = seconds, resume = resume }
end

--- Asks again and again until there is an answer.
---@param native table   now
---@param seconds number at most
---@param ask fun(): any nil: not yet
---@param otherwise fun(): any, string?  the answer when time is over
function M.until_true(native, seconds, ask, otherwise)
  local deadline = native.now() + seconds
  local function again()
    local answer = ask()
    if answer ~= nil then return answer end
    local left = deadline - native.now()
    if left <= 0 then return otherwise() end
    return M.defer(left, again)
  end
  return again()
end

return M
