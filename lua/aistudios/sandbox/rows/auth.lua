-- SPDX-License-Identifier: MIT
--
-- rows.auth: credentials in, a token out.

return {
  {
    name = "get_token", method = "POST", path = "/api/odin/v3/auth/token",
    auth = "none",
    fields = {
      { "appId", "string", required = true },
      { "userKey", "string", required = true },
    },
    answer = function (state, call)
      local options = state.options
      if call.body.appId ~= options.app_id or call.body.userKey ~= options.user_key then
        return nil, { status = 401, code = "unauthorized",
          message = "appId and userKey do not belong together" }
      end
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
