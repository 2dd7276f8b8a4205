-- SPDX-License-Identifier: MIT
--
-- mutation.bench: a copy of the checkout, below build/, in which a file can be changed,
-- built and held against specs.

local support = require "spec.support"

local M = {}

local BUILD_SECONDS = 600
local CORE = "build/aistudios/core.so" -- what a changed file of C is in
local COMPILE = "cc -std=c11 -O2 -D_GNU_SOURCE -Icsrc $(pkg-config --cflags lua5.4 libcurl) "
  .. "-w -S -o out.s "
local SLACK = 15   -- s beyond three times what a spec takes unchanged
local KILLED = 137 -- status of a spec that took too long

---@class spec.mutation.Bench
---@field at string  the copy
---@field has_passed table<string, boolean>  specs that have passed in it
---@field is_unfit table<string, boolean>  specs that fail unchanged
---@field originals table<string, string>  what the compiler makes of files
---@field is_built boolean  is what is built that of the unchanged files?
local Bench = {}
Bench.__index = Bench

--- Runs a command in the copy; everything that it started is ended. A command that
--- takes too long is killed first and alone, so that what guards its servers acts.
---@param command string
---@param seconds number
---@return integer? status
function Bench:run(command, seconds)
  os.execute(([[cd '%s' && setsid -w sh -c '
    timeout --foreground -s KILL %d %s >"%s.log" 2>&1 </dev/null
    status=$?; echo $status >"%s.status"; [ $status != 137 ] || sleep 3
    kill -KILL 0' 2>/dev/null]]):format(self.at, math.ceil(seconds), command, self.at, self.at))
  return tonumber(support.read_file(self.at .. ".status"))
end

---@param target string  of the Makefile
---@return boolean
function Bench:build(target)
  return self:run("make -s -j2 " .. target, BUILD_SECONDS) == 0
end

--- A copy that is there.
---@param at string
function M.open(at)
  return setmetatable({ at = at, has_passed = {}, is_unfit = {}, originals = {},
    is_built = true }, Bench)
end

--- Makes the copy, or renews it, with what is built but for the program, which knows its
--- checkout.
---@param at string
function M.new(at)
  local self = M.open(at)
  support.run(([[at='%s'; mkdir -p "$at"
    { git ls-files; ls -d build/obj build/aistudios* build/lib* build/locale \
      build/spec/examples build/spec/hosts build/spec/support
    } | xargs -d '\n' cp -a --parents -t "$at"; ln -sfn "$PWD/.git" "$at/.git"]]):format(at))
  assert(self:build "spec-programs", "the copy does not build")
  return self
end

local function is_c(file) return file:find "%.c$" ~= nil end

-- What the compiler makes of a file of the copy; nil: nothing.
local function compiled(self, file)
  if not is_c(file) then
    local chunk = loadfile(self.at .. "/" .. file)
    return chunk and string.dump(chunk, true)
  end
  return self:run(COMPILE .. file, BUILD_SECONDS) == 0
    and support.read_file(self.at .. "/out.s") or nil
end

local function run_spec(self, one)
  local status = self:run(("make -s run-specs BUSTED=\"--no-keep-going %s\""):format(one.spec),
    3 * one.seconds + SLACK)
  if status == 0 then self.has_passed[one.spec] = true end
  return status
end

-- Runs the specs on the changed copy. What fails must fail twice.
local function judge(self, file, specs)
  if (is_c(file) or not self.is_built) and not self:build(CORE) then return "unbuilt" end
  self.is_built = not is_c(file)
  for _, one in ipairs(specs) do
    local status = not self.is_unfit[one.spec] and run_spec(self, one) or 0
    if status == KILLED then return "slow", one end
    if status ~= 0 and run_spec(self, one) ~= 0 then return "noticed", one end
  end
  return "survived"
end

-- Does a spec that noticed something pass on the original?
local function is_fit(self, one)
  if self.has_passed[one.spec] then return true end
  self.is_built = self.is_built or self:build(CORE)
  if run_spec(self, one) ~= 0 and run_spec(self, one) ~= 0 then
    self.is_unfit[one.spec] = true
    print("fails unchanged: " .. one.spec)
  end
  return not self.is_unfit[one.spec]
end

--- Holds a changed file against specs, and puts the original back.
---@param file string
---@param changed string  its text
---@param specs spec.mutation.Reach[]
---@return "noticed"|"slow"|"survived"|"equivalent"|"unbuilt" verdict
---@return spec.mutation.Reach? spec  the one that noticed it
function Bench:try(file, changed, specs)
  local path = self.at .. "/" .. file
  local original = support.read_file(path)
  self.originals[file] = self.originals[file] or compiled(self, file)
  support.write_file(path, changed)
  local after = compiled(self, file)
  local verdict, spec
  if not after then verdict = "unbuilt"
  elseif self.originals[file] == after then verdict = "equivalent"
  else verdict, spec = judge(self, file, specs) end
  support.write_file(path, original)
  if spec and not is_fit(self, spec) then return self:try(file, changed, specs) end
  return verdict, spec
end

return M
