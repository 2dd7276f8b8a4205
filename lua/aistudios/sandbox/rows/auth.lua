-- SPDX-License-Identifier: MIT
--
-- rows.auth: credentials in, a token out.

local work = require "aistudios.sandbox.work"

return {
  {
    name = "get_token", method = "POST", path = "/api/odin/v3/auth/token",
    auth = "none",
    fields = {
      { "appId", "string", required = true },
      { "userKey", "string", required = true },
    },
    answer = function (state, call)
      local problem = work.credentials_problem(state, call.body)
      if problem then return nil, problem end
      return { token = state.tokens:issue() }
    end,
  },
  {
    name = "confirm_auth", method = "GET", path = "/api/odin/v3/auth",
    auth = "token",
    answer = function () return { isAuthenticated = true } end,
    observed = function (data) return data, true end,
  },
}
