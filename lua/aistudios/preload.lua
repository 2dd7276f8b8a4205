-- SPDX-License-Identifier: MIT
--
-- preload: what is loaded when. All that a client's calls, answers, errors,
-- retries, downloads and callbacks can need is there before its first
-- request: a module that is missing, a full descriptor table or a new root
-- directory must not cost the answer of a call that was paid for.

local errors = require "aistudios.error"
local io = rawget(_G, "io")

local M = {}

-- Each brings what it requires.
local of_client = {
  "aistudios.core", "aistudios.client", "aistudios.project.validate",
  "aistudios.util.suggest",
}

local of_module = {
  "aistudios.project.check", "aistudios.project.text_ground", "aistudios.project.unencodable",
  "aistudios.project.estimate", "aistudios.project.diff",
  "aistudios.project.template", "aistudios.project.builder", "aistudios.project.storyboard",
  "aistudios.project.storyboard.scene",
  "aistudios.project.storyboard.page", "aistudios.project.storyboard.style",
  "aistudios.project.storyboard.rows", "aistudios.project.storyboard.versions",
}

--- Why `require` failed: what the loader said, else that there is no file,
--- and what keeps files from being opened.
local function reason_of(message)
  message = tostring(message)
  if not message:find "^module '[^']*' not found:" then return message end
  local file, why
  if io then file, why = io.open("/dev/null") end
  if file then file:close() end
  return message:match "^[^\n]*":gsub(":$", "") .. (why and "; " .. why or "")
end

local function hint(name, reason)
  if reason:find("undefined symbol: lua", 1, true) then
    return "the program does not show Lua's functions to modules: link it with -Wl,-E, or "
      .. "libaistudios.a into it"
  end
  if name == "aistudios.core" then return "install aistudios for Lua 5.4, and libcurl" end
  return "install aistudios again: a part of it is missing"
end

local function fail(cause, message)
  return nil, errors.new { kind = "file", outcome = "not_sent", cause = cause, message = message }
end

local function load_all(names)
  for _, name in ipairs(names) do
    local ok, cause = pcall(require, name)
    if not ok then
      local reason = reason_of(cause)
      return fail(cause, ("cannot load %s: %s; %s"):format(name, reason, hint(name, reason)))
    end
  end
  return true
end

--- Lets libcurl and its TLS library read their own settings.
local function start_libcurl()
  local handle, cause = require "aistudios.core".client {}
  if not handle then return fail(cause, cause) end
  handle:close()
  return true
end

--- Loads what a client needs.
---@return true? ok
---@return aistudios.Error? err  kind `file`: what is missing, and how to get it
function M.client()
  return load_all(of_client)
end

--- Loads the whole module but the sandbox and the adapters for event loops,
--- which are a program's own choice. Webhooks only where luaossl is there.
---@return true? ok
---@return aistudios.Error? err  kind `file`
function M.everything()
  local ok, err = M.client()
  if ok then ok, err = load_all(of_module) end
  if ok then ok, err = start_libcurl() end
  if ok then pcall(require, "aistudios.webhook") end
  return ok, err
end

return M
