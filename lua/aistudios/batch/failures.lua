-- SPDX-License-Identifier: MIT
--
-- batch.failures: the errors of a batch, as those of the module are.

local errors = require "aistudios.error"

local M = {}

--- The start of a text, of at most so many bytes and no part of a character.
---@param text string  valid UTF-8
---@param most integer
---@return string
function M.cut(text, most)
  return #text <= most and text or text:sub(1, (utf8.offset(text, 0, most + 1) or most + 1) - 1)
end

--- An error of the store.
---@param err aistudios.batch.StoreError
---@return aistudios.Error
function M.of_store(err)
  return errors.new { kind = "file", outcome = "not_sent", message = "the store: " .. err.message,
    retryable = err.kind == "busy", endpoint = "batch" }
end

--- An error of a file.
---@param message string
---@return aistudios.Error
function M.of_file(message)
  return errors.new { kind = "file", outcome = "not_sent", message = message, endpoint = "batch" }
end

--- What is asked for cannot be done with this batch.
---@param message string
---@param problems? table[]
---@return aistudios.Error
function M.refusal(message, problems)
  return errors.new { kind = "invalid", outcome = "not_sent", message = message,
    endpoint = "batch", problems = problems }
end

--- The client is not of the account that the batch is bought with.
---@return aistudios.Error
function M.other_account()
  return M.refusal("the batch was begun with another AppId, or at another host, which knows its "
    .. "projects: go on with that one, or plan another batch")
end

return M
