-- SPDX-License-Identifier: MIT
--
-- tokens: issues access tokens and checks Authorization headers.

local base64 = require "aistudios.sandbox.base64"
local json = require "aistudios.sandbox.json"

---@class aistudios.sandbox.Tokens
local Tokens = {}
Tokens.__index = Tokens

local M = {}

---@param state aistudios.sandbox.State
---@param is_jwt boolean  whether tokens are JSON Web Tokens with an `exp`
---@return aistudios.sandbox.Tokens
function M.new(state, is_jwt)
  return setmetatable({
    state = state, is_jwt = is_jwt, ends = {}, issued = 0, registry = state.shared.registry.tokens,
  }, Tokens)
end

local function make_jwt(self)
  local issued = math.floor(self.state:now())
  local payload = json.encode {
    appId = self.state.options.app_id, iat = issued,
    exp = issued + math.ceil(self.state.options.token_seconds),
    jti = self.state.random:hex(8),
  }
  return ("%s.%s.%s"):format(base64.url '{"alg":"HS256","typ":"JWT"}',
    base64.url(payload), base64.url(self.state.random:hex(16)))
end

local function forget(self, token)
  self.ends[token], self.registry[token] = nil, nil
end

-- Forgets, once in a while, tokens that expired a token's life ago.
local function forget_ended(self)
  self.issued = self.issued + 1
  if self.issued % 1000 ~= 0 then return end
  local oldest = self.state:now() - self.state.options.token_seconds
  for token, ends in pairs(self.ends) do
    if ends < oldest then forget(self, token) end
  end
end

---@return string token
function Tokens:issue()
  forget_ended(self)
  local token = self.is_jwt and make_jwt(self) or self.state.random:hex(24)
  self.ends[token] = self.state:now() + self.state.options.token_seconds
  self.registry[token] = self.state
  return token
end

--- Ends one token now.
---@param token? string
function Tokens:expire(token)
  if self.ends[token] then self.ends[token] = self.state:now() end
end

--- Forgets every token: each is then as good as one that was never issued.
function Tokens:forget_all()
  for token in pairs(self.ends) do forget(self, token) end
end

--- Ends every token now.
---@return integer count
function Tokens:expire_all()
  local now, count = self.state:now(), 0
  for token, ends in pairs(self.ends) do
    if ends > now then
      self.ends[token], count = now, count + 1
    end
  end
  return count
end

--- Checks the header of the calls that take the token without a prefix.
---@param header? string
---@return string? message  what is wrong with it
function Tokens:problem_of(header)
  if not header or header == "" then
    return "the Authorization header is missing"
  elseif header:find "^[Bb][Ee][Aa][Rr][Ee][Rr]%f[%A]" then
    return "the Authorization header takes the token as it is, "
        .. "without the prefix Bearer"
  elseif not self.ends[header] then
    return "the token is not valid"
  elseif self.ends[header] <= self.state:now() then
    return "the token has expired"
  end
end

--- Checks the header of the calls that take it as a bearer.
---@param header? string
---@return string? message
function Tokens:bearer_problem_of(header)
  local token = header and header:match "^Bearer (.+)$"
  if not token then return "the Authorization header must be: Bearer <token>" end
  return self:problem_of(token)
end

return M
