-- SPDX-License-Identifier: MIT
--
-- mutation.specs: which specs concern a file. The quick ones run first.

local M = {}

local TOKENS = "http/token http/token_store http/token_clock lua/core workflows/token_check "
  .. "http/proxy http/connection"
local FILES = "http/multipart http/files workflows/download lua/core http/token_store"
local ENGINE = "lua/core http/replay http/hostile_peers http/connection http/proxy http/flood "
  .. "http/prompt http/redact http/token client"
local TRANSPORT = "transport/outcome transport/retry transport/failure transport/event "
  .. "transport/faults transport/ledger client config workflows/token_check workflows/render "
  .. "workflows/download workflows/wait"

-- Patterns of paths, the first that fits counts, and names of specs.
local rules = {
  { "^csrc/http/token", TOKENS },
  { "^csrc/http/multipart", FILES .. " sandbox/multipart endpoints/request" },
  { "^csrc/http/download", FILES .. " http/hostile_peers" },
  { "^csrc/http/file_", FILES },
  { "^csrc/http/transfer_files", FILES },
  { "^csrc/http/", ENGINE },
  { "^lua/aistudios/transport/", TRANSPORT },
  { "^lua/aistudios/batch/rows", "batch/rows batch/command" },
  { "^lua/aistudios/batch/csv", "batch/rows batch/command" },
  { "^lua/aistudios/batch/", "batch/databases batch/rows batch/command batch/faults" },
}

--- The specs of a file.
---@param file string
---@return string[] paths
function M.of(file)
  for _, rule in ipairs(rules) do
    if file:find(rule[1]) then
      local paths = {}
      for name in rule[2]:gmatch "%S+" do paths[#paths + 1] = "spec/" .. name .. "_spec.lua" end
      return paths
    end
  end
  error("no specs for " .. file)
end

return M
