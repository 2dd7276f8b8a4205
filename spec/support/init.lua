-- SPDX-License-Identifier: MIT
--
-- support: what several specs need. Everything talks to 127.0.0.1 and leaves
-- nothing behind but files below build/.

local M = {}

-- A sanitizer that is loaded into this process. It does not suit a shell, so
-- the helper takes it out of the environment.
local preload = os.getenv "LD_PRELOAD"

--- The thread sanitizer cannot follow a child of a fork that starts threads.
M.is_thread_sanitized = preload ~= nil and preload:find("tsan", 1, true) ~= nil

--- Under a sanitizer or the collector: specs take longer, and do less of the same.
M.is_slow = os.getenv "AISTUDIOS_SLOW" ~= nil

--- Under the collector (make coverage), whose counters bring symbols of their own.
M.is_covered = os.getenv "COVERAGE_LIBRARY" ~= nil

--- Under a sanitizer: what takes minutes there is left out, which the collector counts.
M.is_sanitized = M.is_slow and not M.is_covered

--- With libcurl's GnuTLS flavour (make matrix), which takes longer for a
--- connection, says nothing of a file without authorities, and goes on where the
--- server has no protocol that was offered.
M.is_gnutls = os.getenv "AISTUDIOS_GNUTLS" ~= nil

--- The command that runs Lua with the modules under test.
M.lua = (preload and ("LD_PRELOAD='%s' "):format(preload) or "") .. "lua5.4"

--- Where files of the specs go.
M.build = os.getenv "AISTUDIOS_BUILD" or os.getenv "PWD" .. "/build"

--- Where Debian keeps modules that it has for older Lua only, copas among them.
M.elsewhere = "/usr/share/lua/5.1/?.lua"

local function core() return require "aistudios.core" end

--- The seed project, a fresh table.
---@return table
function M.project()
  return dofile "spec/fixtures/hello.lua"
end

---@param path string
---@return string? text
function M.read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

---@param path string
---@param text string
function M.write_file(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

---@param path string
---@return boolean
function M.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

--- Runs a shell command; its output without the last line end.
---@param command string
---@return string
function M.run(command)
  local pipe = assert(io.popen(command, "r"))
  local output = pipe:read "a"
  local ok, how, status = pipe:close()
  assert(ok, ("%s: %s %s: %s"):format(command, how, status, output))
  return (output:gsub("\n$", ""))
end

--- A text as one word of the shell.
---@param text string
---@return string
function M.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A directory below build/ that exists and is empty.
---@param name string
---@return string path
function M.directory(name)
  local path = M.build .. "/spec/" .. name
  M.run(("rm -rf '%s' && mkdir -p '%s'"):format(path, path))
  return path
end

---@param seconds number
function M.sleep(seconds)
  require "socket".sleep(seconds)
end

--- Waits until `f` returns something true, and returns that.
---@param f fun(): any
---@param seconds? number  at most (20)
function M.wait_until(f, seconds)
  local deadline = core().now() + (seconds or 20)
  while true do
    local value = f()
    if value then return value end
    if core().now() > deadline then
      error(("not within %g s"):format(seconds or 20), 2)
    end
    M.sleep(0.005)
  end
end

--- Takes the oldest completion of a handle of the core.
---@return integer? id
---@return table? response
function M.take(handle)
  local id, response = handle:peek()
  if id then handle:drop(id) end
  return id, response
end

--- A port that nobody listens on.
---@return integer
function M.free_port()
  local server = assert(require "socket".bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return math.tointeger(tonumber(port))
end

local function make_certificates(at)
  local key = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
  local names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
  M.run(([[
    set -e; mkdir -p '%s'; cd '%s'; exec 2>&1
    for name in ca server self; do %s -out $name.key; done
    openssl req -x509 -new -key ca.key -days 30 -subj '/CN=spec authority' \
      -addext basicConstraints=critical,CA:TRUE -out ca.pem
    openssl req -new -key server.key -subj /CN=localhost -out server.csr
    printf '%s\n' >server.ext
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key \
      -CAcreateserial -days 30 -extfile server.ext -out server.pem
    openssl req -x509 -new -key self.key -days 30 -subj /CN=localhost \
      -addext '%s' -out self.pem
    touch complete]]):format(at, at, key, names, names))
end

local certificates

--- Paths of PEM files: an authority, what it signed for localhost and
--- 127.0.0.1, and a self-signed one for the same names.
---@return table  ca_cert, server_cert, server_key, self_signed_cert, self_signed_key
function M.certificates()
  if certificates then return certificates end
  local at = M.build .. "/spec/certificates"
  M.run(("find '%s' -maxdepth 0 -mtime +20 -exec rm -r {} + 2>&1 || true")
    :format(at))
  if not M.exists(at .. "/complete") then make_certificates(at) end
  certificates = {
    ca_cert = at .. "/ca.pem",
    server_cert = at .. "/server.pem", server_key = at .. "/server.key",
    self_signed_cert = at .. "/self.pem", self_signed_key = at .. "/self.key",
  }
  return certificates
end

--- Runs Lua code in another state on another thread.
---@param code string
---@param ... string  its arguments
---@return table other  join() -> text, close()
function M.state(code, ...)
  return require "spec.support.native".state(code, ...)
end

--- A web server in front of another (see nginx.lua).
function M.nginx(options)
  return require "spec.support.nginx".start(options)
end

--- A client of a sandbox.
---@param sandbox table
---@param options? table  of aistudios.new, instead of those that lead to it
---@return aistudios.Client
function M.client(sandbox, options)
  local all = { base_url = sandbox.url, streaming_url = sandbox.url,
    app_id = sandbox.app_id, user_key = sandbox.user_key }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(require "aistudios".new(all))
end

--- The requests of a sandbox that were for `endpoint`.
---@return table[]
function M.requests(sandbox, endpoint)
  local found = {}
  for _, request in ipairs(sandbox:requests()) do
    if request.endpoint == endpoint then found[#found + 1] = request end
  end
  return found
end

return M
