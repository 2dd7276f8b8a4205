-- SPDX-License-Identifier: MIT
--
-- postgres: a server of Debian's PostgreSQL in a directory of its own, on a
-- unix socket only. It does not run as root: root starts it as "nobody".

local support = require "spec.support"

local M = {}

local BIN = support.run "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1"
local count = 0

---@class spec.Postgres
---@field address string  of a database that is there, for libpq
local Postgres = { __name = "spec.postgres" }
Postgres.__index = Postgres

-- Data directory and socket are outside build/, which others may not enter,
-- and whose path may be too long for a socket.
local function as_user(self, command)
  local user = support.run "id -u" == "0"
    and "setpriv --reuid=nobody --regid=nogroup --clear-groups " or ""
  return ("cd '%s' && %senv -i PATH='%s:/usr/bin:/bin' LC_ALL=C.UTF-8 %s 2>&1")
    :format(self.at, user, BIN, command)
end

local function shell(self, command) return support.run(as_user(self, command)) end

--- Starts a server.
---@return spec.Postgres
function M.start()
  local at = support.run "mktemp -d /tmp/spec-postgres.XXXXXX"
  local self = setmetatable({ at = at }, Postgres)
  if support.run "id -u" == "0" then support.run(("chown nobody:nogroup '%s'"):format(at)) end
  shell(self, ("initdb -D '%s/data' -U spec --auth=trust --no-sync -E UTF8"):format(at))
  self:begin()
  -- Ends with this process, however that ends, and takes all of it along.
  self.guard = assert(io.popen(("cat >/dev/null; (%s) >/dev/null; rm -rf '%s'"):format(
    as_user(self, ("pg_ctl -D '%s/data' -w -m immediate stop"):format(at)), at), "w"))
  return self
end

--- Starts the server again, with the data that it had.
function Postgres:begin()
  shell(self, ("pg_ctl -D '%s/data' -w -t 60 -l '%s/log' -o \"-k '%s' -c listen_addresses='' "
    .. "-c max_connections=60 -c shared_buffers=64MB\" start"):format(self.at, self.at, self.at))
  self.is_running = true
end

--- Ends the server without any order, as a power failure would.
function Postgres:stop()
  if not self.is_running then return end
  self.is_running = false
  shell(self, ("pg_ctl -D '%s/data' -w -m immediate stop"):format(self.at))
end

--- A new, empty database.
---@return string address
function Postgres:database()
  count = count + 1
  local name = ("spec_%d_%d"):format(require "spec.support.native".pid(), count)
  shell(self, ("createdb -h '%s' -U spec %s"):format(self.at, name))
  return ("postgresql://spec@/%s?host=%s"):format(name, self.at)
end

--- Ends the server and removes all of it.
function Postgres:close()
  self:stop()
  self.guard:close()
end

Postgres.__close = Postgres.close

return M
