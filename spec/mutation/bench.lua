-- SPDX-License-Identifier: MIT
--
-- mutation.bench: a copy of the checkout, below build/, in which a file can be changed,
-- built and held against its specs.

local core = require "aistudios.core"
local specs = require "spec.mutation.specs"
local support = require "spec.support"

local M = {}

local BUILD, BUILD_SECONDS = "make -s -j2 spec-programs", 300
local COMPILE = "cc -std=c11 -O2 -D_GNU_SOURCE -Icsrc $(pkg-config --cflags lua5.4 libcurl) "
  .. "-w -S -o out.s "
local FIRST_SECONDS = 600 -- for a spec that has not been timed
local SLACK = 15          -- s beyond three times what a spec takes unchanged
local TRIES = 3           -- a busy machine fails a spec about time now and then
local KILLED = 137        -- status of a spec that took too long

---@class spec.mutation.Bench
---@field at string  the copy
---@field times table<string, number>  seconds of the specs that pass unchanged
local Bench = {}
Bench.__index = Bench

-- Runs a command in the copy; everything that it started is ended. A command that
-- takes too long is killed first and alone, so that what guards its servers acts.
local function run(self, command, seconds)
  os.execute(([[cd '%s' && setsid -w sh -c '
    timeout --foreground -s KILL %d %s >"%s.log" 2>&1 </dev/null
    status=$?; echo $status >"%s.status"; [ $status != 137 ] || sleep 3
    kill -KILL 0' 2>/dev/null]]):format(self.at, math.ceil(seconds), command, self.at, self.at))
  return tonumber(support.read_file(self.at .. ".status"))
end

--- Makes the copy and builds it.
---@param at string
function M.new(at)
  local self = setmetatable({ at = at, times = {} }, Bench)
  support.run(("rm -rf '%s' && mkdir -p '%s' && git ls-files -z | xargs -0 cp --parents -t '%s' "
    .. "&& ln -s '%s/.git' '%s/.git'"):format(at, at, at, support.run "pwd", at))
  assert(run(self, BUILD, BUILD_SECONDS) == 0, "the copy does not build")
  return self
end

local function is_c(file) return file:find "%.c$" ~= nil end

local function run_spec(self, spec)
  local began, time = core.now(), self.times[spec]
  local status = run(self, ("make -s specs BUSTED=\"--no-keep-going %s\""):format(spec),
    time and 3 * time + SLACK or FIRST_SECONDS)
  return status, core.now() - began
end

-- Notes how long a spec takes while nothing is changed: it must pass.
local function measure(self, spec)
  for _ = 1, TRIES do
    local status, seconds = run_spec(self, spec)
    if status == 0 then
      self.times[spec] = seconds
      return
    end
  end
  error(("fails unchanged: %s\n%s"):format(spec, support.read_file(self.at .. ".log") or ""))
end

-- The specs of a file, the quickest first.
local function timed_specs(self, file)
  local list = specs.of(file)
  for _, spec in ipairs(list) do
    if not self.times[spec] then measure(self, spec) end
  end
  table.sort(list, function (a, b) return self.times[a] < self.times[b] end)
  return list
end

-- What the compiler makes of a file of the copy; nil: nothing.
local function compiled(self, file)
  if not is_c(file) then
    local chunk = loadfile(self.at .. "/" .. file)
    return chunk and string.dump(chunk, true)
  end
  return run(self, COMPILE .. file, BUILD_SECONDS) == 0
    and support.read_file(self.at .. "/out.s") or nil
end

-- Runs the specs on the changed copy. What fails must fail twice.
local function judge(self, file, list)
  if is_c(file) and run(self, BUILD, BUILD_SECONDS) ~= 0 then return "unbuilt" end
  for _, spec in ipairs(list) do
    local status = run_spec(self, spec)
    if status == KILLED then return "slow", spec end
    if status ~= 0 and run_spec(self, spec) ~= 0 then return "noticed", spec end
  end
  return "survived"
end

--- Holds a changed file against its specs, and puts the original back.
---@param file string
---@param changed string  its text
---@return "noticed"|"slow"|"survived"|"equivalent"|"unbuilt" verdict
---@return string? spec  the one that noticed it
function Bench:try(file, changed)
  local original = support.read_file(file)
  local list = timed_specs(self, file)
  local before = compiled(self, file)
  support.write_file(self.at .. "/" .. file, changed)
  local after = compiled(self, file)
  local verdict, spec
  if not after then verdict = "unbuilt"
  elseif before == after then verdict = "equivalent"
  else verdict, spec = judge(self, file, list) end
  support.write_file(self.at .. "/" .. file, original)
  if is_c(file) then assert(run(self, BUILD, BUILD_SECONDS) == 0, "the original does not build") end
  return verdict, spec
end

function Bench:close()
  support.run(("rm -rf '%s' '%s.log' '%s.status'"):format(self.at, self.at, self.at))
end

return M
