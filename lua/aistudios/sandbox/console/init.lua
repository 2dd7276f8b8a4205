-- SPDX-License-Identifier: MIT
--
-- console: the page of the admin interface for people. One document that loads
-- nothing but the admin interface's own answers; no build step.

local PAGE = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox console</title>
<style>
%s</style>
</head>
<body>
<a class="skip" href="#requests">To the requests</a>
%s<script>
%s</script>
</body>
</html>
]]

local pieces = {
  require "aistudios.sandbox.console.style", require "aistudios.sandbox.console.body",
  table.concat {
    require "aistudios.sandbox.console.script_base",
    require "aistudios.sandbox.console.script_lists",
    require "aistudios.sandbox.console.script_controls",
    (require "aistudios.sandbox.console.script_start"), -- not its place, too
  },
}

local page = PAGE:format(table.unpack(pieces))

local POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    .. "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"

--- The page as an answer of the admin interface.
---@return table response
return function ()
  return { status = 200, body = page, headers = {
    "Content-Type", "text/html; charset=utf-8", "Cache-Control", "no-store",
    "Content-Security-Policy", POLICY, "X-Content-Type-Options", "nosniff",
  } }
end
