-- SPDX-License-Identifier: MIT
--
-- batch.account: what a store calls an account. Whoever reads the store learns
-- neither its AppId nor any other credential.

local fingerprint = require "aistudios.workflows.fingerprint"

--- The same for all clients of one AppId at one host. Clients that were given a token know no
--- AppId; those of one host are taken for one account.
---@param client aistudios.Client
---@return string id
return function (client)
  return fingerprint.of_name(client.policy.base_url .. "\n"
    .. (client:credentials().appId or ""))
end
