-- SPDX-License-Identifier: MIT
--
-- Fuzz target: requests that come to `aistudios listen`. Any bytes are a
-- request, a status to answer with, or not yet either; in portions they are
-- the same as at once.

local bytes = require "spec.fuzz.bytes"
local http_reader = require "aistudios.cli.http_reader"

local function feed(text, portion)
  local reader, at = http_reader.new(), 1
  repeat
    local request, status = reader:feed(text:sub(at, at + portion - 1))
    reader:wants_continue()
    at = at + portion
    if request or status then return request, status end
  until at > #text
end

local function is_same(a, b)
  if a == nil or b == nil then return a == b end
  return a.method == b.method and a.target == b.target and a.body == b.body
    and a.raw_body == b.raw_body and table.concat(a.lines, "\n") == table.concat(b.lines, "\n")
end

return function (text)
  local b = bytes(text)
  local portion = 1 + b:below(40)
  text = b:rest()
  portion = math.max(portion, #text // 200)
  local request, status = feed(text, #text + 1)
  local again, other = feed(text, portion)
  assert(is_same(request, again) and status == other, "portions make a difference")
  if request then
    assert(#request.body <= #text and not request.method:find "%U")
    assert(not request.target:find "[%c ]")
    for _, line in ipairs(request.lines) do assert(not line:find "[\r\n%z]") end
  end
  assert(status == nil or status >= 400 and status <= 501)
end
