-- SPDX-License-Identifier: MIT
--
-- batch.webhooks: a signed address for each attempt of a row, and what it
-- brings: what the video cost, and evidence for a row that is unknown. It names
-- no project, so the sweeper then looks for the row by its name.

local raise = require "aistudios.util.raise"

local M = {}

local LIFETIME = 14 * 24 * 3600 -- s of an address

--- A function that makes the address for a row.
---@param batch string
---@param chosen { webhook: string, webhook_secret: string? }
---@return fun(row: aistudios.batch.Row): string
function M.signer(batch, chosen)
  if not chosen.webhook_secret then
    raise "batch:run: the option webhook needs webhook_secret (WEBHOOK_SECRET)"
  end
  local webhook, base, secret = require "aistudios.webhook", chosen.webhook, chosen.webhook_secret
  return function (row)
    local key = ("%s/%d/%d"):format(batch, row.number, row.attempt)
    return webhook.sign_url(base, key, secret, LIFETIME)
  end
end

--- Takes an event whose signature was right, inside a transaction.
---@param store aistudios.batch.Store
---@param event aistudios.WebhookEvent
---@return true? ok
---@return aistudios.batch.StoreError? err
function M.take(store, event)
  local batch, number, attempt = event.job_key:match "^(.*)/(%d+)/(%d+)$"
  if batch ~= store.batch then return true end
  number, attempt = math.tointeger(tonumber(number)), math.tointeger(tonumber(attempt))
  local rows, err = store:run("webhook_of", { number = number, attempt = attempt })
  if rows and not rows[1] then
    rows, err = store:note("webhook", number, attempt, "a signed webhook reports the render")
  end
  if rows then rows, err = store:run("look_now", { number = number }) end
  if not rows then return nil, err end
  if event.credit then
    rows, err = store:run("credit", { number = number,
      credit = math.max(0.0, event.credit) })
    if not rows then return nil, err end
  end
  return true
end

return M
