-- SPDX-License-Identifier: MIT
--
-- nginx: Debian's nginx on a free port of 127.0.0.1, with TLS and HTTP/2,
-- either in front of another server or serving what a config says.

local support = require "spec.support"

local M = {}

local CONFIG = [[
%(user)
daemon on;
pid "%(at)/pid";
error_log "%(at)/error.log";
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/octet-stream;
  client_body_temp_path "%(at)/body";
  proxy_temp_path "%(at)/proxy";
  fastcgi_temp_path "%(at)/fastcgi";
  uwsgi_temp_path "%(at)/uwsgi";
  scgi_temp_path "%(at)/scgi";
  keepalive_requests 1000000;
  client_max_body_size 100m;
  server {
    listen 127.0.0.1:%(port) %(listen);
    %(tls)
    %(server)
  }
}
]]

local TLS = [[ssl_certificate "%(server_cert)";
    ssl_certificate_key "%(server_key)";]]

local UPSTREAM = [[location / {
      proxy_pass %(upstream);
      proxy_set_header Host $http_host;
      proxy_next_upstream off;
      proxy_read_timeout 60s;
    }]]

local function fill(text, values)
  return (text:gsub("%%%((%w[%w_]*)%)", function (name)
    return tostring(assert(values[name], name))
  end))
end

local function absolute(path)
  return path:sub(1, 1) == "/" and path or support.run "pwd" .. "/" .. path
end

local Nginx = { __name = "spec.nginx" }
Nginx.__index = Nginx

local function read_pid(self)
  return tonumber((support.read_file(self.at .. "/pid") or ""):match "%d+")
end

--- The process ids of the workers.
function Nginx:workers()
  local pids = {}
  local list = support.run(("pgrep -P %d || true"):format(self.pid))
  for pid in list:gmatch "%d+" do pids[#pids + 1] = tonumber(pid) end
  return pids
end

--- Kills the workers at once, as a crash would; the master starts new ones.
function Nginx:kill_workers()
  local native = require "spec.support.native"
  for _, pid in ipairs(self:workers()) do native.kill(pid, 9) end
end

function Nginx:close()
  if not self.pid then return end
  require "spec.support.native".kill(self.pid, 15)
  support.wait_until(function () return not support.exists(self.at .. "/pid") end)
  self.pid = nil
end

--- Starts it. `upstream` is the server behind it; or `server` is the inside
--- of the server block. `tls` (true): HTTP/2 over TLS; `http2` (true).
---@param options table  upstream, server, tls, http2
---@return table nginx  url, ca_file, pid, workers(), kill_workers(), close()
function M.start(options)
  local self = setmetatable({}, Nginx)
  local certificates = support.certificates()
  local is_tls = options.tls ~= false
  local port = support.free_port()
  self.at = absolute(support.directory("nginx-" .. port))
  local values = {
    at = self.at, port = port, upstream = options.upstream,
    listen = not is_tls and "" or options.http2 == false and "ssl"
      or "ssl http2",
    server_cert = absolute(certificates.server_cert),
    server_key = absolute(certificates.server_key),
  }
  -- As root it would read files as somebody else, who may not see them.
  values.user = support.run "id -u" == "0" and "user root;" or ""
  values.tls = is_tls and fill(TLS, values) or ""
  values.server = options.server or fill(UPSTREAM, values)
  support.write_file(self.at .. "/nginx.conf", fill(CONFIG, values))
  support.run(("PATH=$PATH:/usr/sbin nginx -p '%s' -c '%s/nginx.conf' -e '%s/error.log' 2>&1")
    :format(self.at, self.at, self.at))
  self.pid = support.wait_until(function () return read_pid(self) end)
  self.url = (is_tls and "https" or "http") .. "://127.0.0.1:" .. port
  self.ca_file = certificates.ca_cert
  return self
end

return M
