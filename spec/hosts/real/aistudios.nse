local io = require "io"
local os = require "os"
local stdnse = require "stdnse"

description = [[
Renders a project by the command aistudios, which is a process of its own: the
Lua of nmap is 5.3, and aistudios is a module of Lua 5.4.
]]
author = "aistudios"
license = "MIT"
categories = { "safe" }

prerule = function () return true end

action = function ()
  local is_loaded, why = pcall(require, "aistudios")
  local pipe = io.popen(("'%s' render '%s' --to '%s' --json --progress quiet"):format(
    os.getenv "PROGRAM", os.getenv "PROJECT", os.getenv "VIDEO"))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  local ok, _, code = pipe:close()
  local output = stdnse.output_table()
  output.loaded = is_loaded and "yes" or why
  output.code = ok and 0 or code
  output.last = lines[#lines]
  return output
end
