-- SPDX-License-Identifier: MIT
--
-- batch.webhooks: a signed address for each attempt of a row, and what it
-- brings: what the video cost, and evidence for a row of which nothing else says
-- that it was bought. It names no project, so the sweeper then looks for the row by
-- its draft or its name; what was created and rendered in one call is bought then, and
-- its project found by the name alone.

local format = require "aistudios.util.decimal".format
local raise = require "aistudios.util.raise"

local M = {}

local LIFETIME = 14 * 24 * 3600 -- s of an address

--- A function that makes the address for a row.
---@param mark string  of the batch
---@param chosen { webhook: string, webhook_secret: string? }
---@return fun(row: aistudios.batch.Row): string
function M.signer(mark, chosen)
  if not chosen.webhook_secret then
    raise "batch:run: the option webhook needs webhook_secret (WEBHOOK_SECRET)"
  end
  local webhook, base, secret = require "aistudios.webhook", chosen.webhook, chosen.webhook_secret
  return function (row)
    local key = ("%s/%d/%d"):format(mark, row.number, row.attempt)
    return webhook.sign_url(base, key, secret, LIFETIME)
  end
end

--- Takes an event whose signature was right, inside a transaction.
---@param store aistudios.batch.Store
---@param event aistudios.WebhookEvent
---@return true? ok
---@return aistudios.batch.StoreError? err
function M.take(store, event)
  local mark, number, attempt = event.job_key:match "^(.*)/(%d+)/(%d+)$"
  local rows, err = store:run "batch"
  if not rows then return nil, err end
  if mark ~= rows[1].mark then return true end
  number, attempt = math.tointeger(tonumber(number)), math.tointeger(tonumber(attempt))
  rows, err = store:run("webhook_of", { number = number, attempt = attempt })
  if rows and not (rows[1] and rows[1].attempt == attempt) then
    rows, err = store:note("webhook", number, attempt, "a signed webhook reports the render")
  end
  if rows then rows, err = store:run("doubt", { number = number, attempt = attempt }) end
  if rows then rows, err = store:run("look_now", { number = number }) end
  if not rows then return nil, err end
  if event.credit then
    local credit = math.max(0.0, event.credit)
    local noted, changed = store:run("note_credit", { number = number, attempt = attempt,
      message = format("%g credits", credit) })
    if not noted then return nil, changed end
    if changed > 0 then
      rows, err = store:run("credit", { number = number, credit = credit })
      if not rows then return nil, err end
    end
  end
  return true
end

return M
