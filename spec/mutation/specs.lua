-- SPDX-License-Identifier: MIT
--
-- mutation.specs: which specs concern a file, those that are quick to tell first.
-- Each stage is one run; the first that fails ends the matter.

---@type { [1]: string, [integer]: string }[]  a pattern of paths, then the stages
return {
  { "^csrc/http/token",
    "spec/http/token_spec.lua spec/http/token_store_spec.lua spec/http/token_clock_spec.lua",
    "spec/lua/core_spec.lua spec/workflows/token_check_spec.lua",
    "spec/http/proxy_spec.lua spec/http/connection_spec.lua" },
  { "^csrc/http/multipart", "spec/http/multipart_spec.lua spec/lua/core_spec.lua",
    "spec/http/files_spec.lua spec/sandbox/multipart_spec.lua spec/endpoints/request_spec.lua" },
  { "^csrc/http/download", "spec/workflows/download_spec.lua",
    "spec/http/files_spec.lua spec/lua/core_spec.lua spec/http/hostile_peers_spec.lua" },
  { "^csrc/http/file_", "spec/http/multipart_spec.lua spec/http/files_spec.lua",
    "spec/workflows/download_spec.lua spec/http/token_store_spec.lua",
    "spec/lua/core_spec.lua" },
  { "^csrc/http/transfer_files", "spec/http/multipart_spec.lua spec/http/files_spec.lua",
    "spec/workflows/download_spec.lua spec/lua/core_spec.lua" },
  { "^csrc/http/", "spec/lua/core_spec.lua spec/http/replay_spec.lua",
    "spec/http/hostile_peers_spec.lua spec/http/connection_spec.lua spec/http/proxy_spec.lua",
    "spec/http/flood_spec.lua spec/http/prompt_spec.lua spec/http/redact_spec.lua",
    "spec/client_spec.lua spec/transport", "spec/http/token_spec.lua" },
  { "^lua/aistudios/transport/", "spec/transport/retry_spec.lua spec/transport/failure_spec.lua",
    "spec/transport/event_spec.lua spec/transport/faults_spec.lua",
    "spec/transport/ledger_spec.lua spec/client_spec.lua spec/config_spec.lua",
    "spec/workflows/token_check_spec.lua spec/workflows/render_spec.lua",
    "spec/workflows/download_spec.lua spec/workflows/wait_spec.lua" },
  { "^lua/aistudios/batch/rows", "spec/batch/rows_spec.lua", "spec/batch/command_spec.lua" },
  { "^lua/aistudios/batch/csv", "spec/batch/rows_spec.lua", "spec/batch/command_spec.lua" },
  { "^lua/aistudios/batch/", "spec/batch/databases_spec.lua spec/batch/rows_spec.lua",
    "spec/batch/command_spec.lua", "spec/batch/faults_spec.lua" },
}
