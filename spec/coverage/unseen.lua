-- SPDX-License-Identifier: MIT
--
-- coverage.unseen: lines that specs run where the collector does not see them, or that none
-- can run at will, by file and as they stand there. They are left out where they are not
-- among those that ran.

---@type { file: string, why: string, lines: string[] }[]
return {
  {
    file = "csrc/http/explain.c", why = "libcurl's GnuTLS flavour: make matrix",
    lines = {
      "static const char *gnutls_problem(long bits) {",
      "if (bits & 1L << 9) return not_yet_valid;",
      "if (bits & 1L << 10) return expired;",
      "return (bits & 1L << 6) ? not_trusted : NULL; /* no issuer on this machine */",
      'return strstr(message, "non-properly terminated") ||',
      'strstr(message, "pull function");',
    },
  },
  {
    file = "csrc/http/token_store.c",
    why = "another process has to write the file between two calls of this one",
    lines = { "token_file_unlock(&s->work.file);", "return TOKEN_STORE_FOUND;" },
  },
  {
    file = "csrc/lua/request.c", why = "luaL_error does not return, which its type does not tell",
    lines = { "for (;;) continue; /* luaL_error does not return */" },
  },
  {
    file = "lua/aistudios/client.lua", why = "a finalizer: Lua calls no hook in one",
    lines = {
      "self.scheduler.is_collected = true",
      "if self.scheduler.on_close then",
      "pcall(self.scheduler.close, self.scheduler)",
      "self.handle:close()",
    },
  },
  {
    file = "lua/aistudios/workflows/live_session.lua", why = "a finalizer, too",
    lines = {
      "local scheduler = self.client.scheduler",
      "if self.is_closed or scheduler.is_closed then return end",
      "local deferred = scheduler.deferred",
      "deferred[#deferred + 1] = function ()",
    },
  },
  {
    file = "lua/aistudios/cli/limited.lua", why = "a hook: Lua calls no other one in it",
    lines = {
      "left = left - LOOK_INSTRUCTIONS",
      "if left < 0 or core.now() > ends_at then stop(TOO_LONG) end",
    },
  },
  {
    file = "lua/aistudios/init.lua", why = "Lua 5.1, 5.3 and LuaJIT, in spec/preload_spec.lua",
    lines = {
      'local jit = rawget(_G, "jit") -- a host may refuse globals that are not there',
      'error("aistudios needs Lua 5.4; this is " .. (jit and jit.version or _VERSION), 0)',
    },
  },
  {
    file = "lua/aistudios/preload.lua",
    why = "a host that shows Lua's functions to nobody, in spec/embed/hosts_spec.lua",
    lines = { '.. "libaistudios.a into it"' },
  },
  {
    file = "lua/aistudios/jobs/job.lua", why = "memory that ends: spec/hosts/limited.c",
    lines = {
      "return nil, errors.new {",
      'kind = "cancelled", outcome = "unknown", endpoint = self.endpoint,',
      'message = "an error inside the call: " .. errors.line(self.cause),',
      "project_id = self.seen and self.seen.project_id, cause = self.cause,",
      "resume_token = task.token_of(self),",
    },
  },
  {
    file = "lua/aistudios/jobs/task.lua", why = "memory that ends: spec/hosts/limited.c",
    lines = { "job:crash(value)" },
  },
}
