-- SPDX-License-Identifier: MIT
--
-- command: runs `aistudios` as a process of its own, with directories of its
-- own for settings and state.

local aistudios = require "aistudios"
local support = require "spec.support"

local M = {}

local running = {} -- by base: commands that may run still
local PROGRAM = support.build .. "/bin/aistudios"
local count = 0

local quote = support.quote

--- What a command printed and how it ended.
---@class spec.Ended
---@field code integer
---@field out string
---@field err string
---@field lines table[]   the JSON lines of standard output
---@field notes table[]   those of standard error

local function decode_lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local value = line:find "^{" and aistudios.decode(line)
    if value then list[#list + 1] = value end
  end
  return list
end

--- A place for the files of a spec, and an environment that leads nowhere.
---@param server? table  a sandbox whose keys are in the environment
---@return table world  at, environment; `wrapper` is a program that starts it
function M.world(server)
  local at = support.directory "command"
  local environment = { HOME = at, XDG_CONFIG_HOME = at .. "/config",
    XDG_STATE_HOME = at .. "/state", TMPDIR = at, TERM = "xterm", BROWSER = "true" }
  if server then
    environment.AISTUDIOS_BASE_URL = server.url
    environment.AISTUDIOS_APP_ID = server.app_id
    environment.AISTUDIOS_USER_KEY = server.user_key
  end
  return { at = at, environment = environment }
end

-- What a command keeps of the environment of the specs.
local passed = { "ASAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS" }
if support.is_covered then
  table.move({ "COVERAGE_LIBRARY", "COVERAGE_LINES", "LUA_INIT" }, 1, 3, #passed + 1, passed)
end

local function shell_of(world, arguments)
  local words = { "cd", quote(world.at), "&&", "exec", "env", "-i",
    "PATH=" .. quote(os.getenv "PATH"), "PWD=" .. quote(world.at) }
  local preload = support.lua:match "^(LD_PRELOAD='[^']*') "
  if preload then words[#words + 1] = preload end
  if support.is_thread_sanitized then -- it has no room for the core behind luv
    words[#words + 1] = "LUA_CPATH=" .. quote(support.build .. "/?.so;;")
    words[#words + 1] = "LUA_INIT=" .. quote 'require "aistudios.core"'
  end
  for _, name in ipairs(passed) do
    local value = os.getenv(name)
    if value then words[#words + 1] = name .. "=" .. quote(value) end
  end
  for name, value in pairs(world.environment) do
    if name == "LUA_INIT" and support.is_covered then -- after the collector
      value = ("dofile '%s' %s"):format(os.getenv(name):sub(2), value)
    end
    words[#words + 1] = name .. "=" .. quote(value)
  end
  words[#words + 1] = world.wrapper
  words[#words + 1] = quote(PROGRAM)
  for _, argument in ipairs(arguments) do words[#words + 1] = quote(argument) end
  return table.concat(words, " ")
end

---@class spec.Command
local Command = {}
Command.__index = Command

--- Starts a command. `input` is its standard input (none).
---@param world table
---@param arguments string[]
---@param input? string
---@param output? string  where standard output goes, when it is not looked at
---@return spec.Command
function M.start(world, arguments, input, output)
  count = count + 1
  local base = ("%s/.run-%d"):format(world.at, count)
  support.write_file(base .. ".in", input or "")
  support.write_file(base .. ".sh", shell_of(world, arguments) .. "\n")
  os.execute(([[sh -c 'sh "$1.sh" <"$1.in" >"$2" 2>"$1.err" & echo $! >"$1.pid"
    wait $!; echo $? >"$1.tmp"; mv "$1.tmp" "$1.code"' sh %s %s 2>/dev/null &]])
    :format(quote(base), quote(output or base .. ".out")))
  running[base] = true
  return setmetatable({ base = base }, Command)
end

--- Starts a command on a terminal. What is typed goes to `type`.
---@param world table
---@param arguments string[]
---@param columns? integer
---@return spec.Command
function M.start_on_terminal(world, arguments, columns)
  count = count + 1
  local base = ("%s/.run-%d"):format(world.at, count)
  support.write_file(base .. ".sh", ("stty cols %d rows 24; echo $$ >%s; %s\n"):format(
    columns or 80, quote(base .. ".pid"), shell_of(world, arguments)))
  support.run("mkfifo " .. quote(base .. ".in"))
  os.execute(([[BASE=%s sh -c 'script -qefc "sh \"\$BASE.sh\"" /dev/null <"$BASE.in" \
    >"$BASE.out" 2>"$BASE.err"; echo $? >"$BASE.tmp"; mv "$BASE.tmp" "$BASE.code"' &]])
    :format(quote(base)))
  local keyboard = assert(io.open(base .. ".in", "w"))
  running[base] = true
  return setmetatable({ base = base, keyboard = keyboard }, Command)
end

---@param text string
function Command:type(text)
  self.keyboard:write(text)
  self.keyboard:flush()
end

--- What was written so far.
---@return string out
---@return string err
function Command:printed()
  return support.read_file(self.base .. ".out") or "",
    support.read_file(self.base .. ".err") or ""
end

--- Waits until standard output or error have a text in them.
---@param text string
---@param is_pattern? boolean
---@return string found
function Command:expect(text, is_pattern)
  return support.wait_until(function ()
    local out, err = self:printed()
    local all = out .. err
    local from, to = all:find(text, 1, not is_pattern)
    if from then return all:sub(from, to) end
    assert(not support.exists(self.base .. ".code"), "it has ended: " .. all)
  end)
end

---@param name string  INT, TERM, KILL
function Command:signal(name)
  local pid = support.wait_until(function ()
    return support.read_file(self.base .. ".pid"):match "%d+"
  end)
  support.run(("kill -%s %s"):format(name, pid))
end

--- Waits for the end.
---@param seconds? number
---@return spec.Ended
function Command:wait(seconds)
  local code = support.wait_until(function ()
    return support.read_file(self.base .. ".code")
  end, seconds or 20)
  running[self.base] = nil
  if self.keyboard then self.keyboard:close() end
  local out, err = self:printed()
  return { code = math.tointeger(tonumber(code)), out = out, err = err,
    lines = decode_lines(out), notes = decode_lines(err) }
end

--- Ends what a spec that failed has left; for `after_each`.
function M.stop_all()
  for base in pairs(running) do
    local pid = (support.read_file(base .. ".pid") or ""):match "%d+"
    if pid and not support.exists(base .. ".code") then
      support.run(("kill -KILL %s 2>&1 || true"):format(pid))
    end
  end
  running = {}
end

--- Runs a command to its end.
---@param world table
---@param arguments string[]
---@param input? string
---@return spec.Ended
function M.run(world, arguments, input)
  return M.start(world, arguments, input):wait()
end

return M
