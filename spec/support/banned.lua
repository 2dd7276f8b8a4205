-- SPDX-License-Identifier: MIT
--
-- banned: names that the module's code must not call, with the files that may.
-- Comments and strings do not count.
--
--   lua5.4 spec/support/banned.lua FILE...    prints what is against the rules

local M = {}

--- Names of C, each as a word.
---@class spec.banned.Rule
---@field names string   Lua patterns, or names of C, separated by blanks
---@field why string
---@field may? string[]  patterns of paths where they are allowed

---@type spec.banned.Rule[]
M.c = {
  { names = "strcpy strcat strncat sprintf vsprintf gets scanf sscanf fscanf strtok alloca",
    why = "has no bound" },
  { names = "strtod atof atoi atol setlocale localeconv", why = "follows the locale" },
  { names = "strerror rand srand gmtime localtime ctime asctime inet_ntoa gethostbyname "
      .. "tmpnam mktemp", why = "has static memory" },
  { names = "abort exit _exit printf puts perror", why = "ends or prints: errors are values" },
  { names = "system popen fork vfork execl execv execvp chdir umask setenv putenv unsetenv "
      .. "signal sigaction alarm", why = "changes the host's process" },
  { names = "getenv", why = "reads the host's environment", may = { "^csrc/http/proxy%.c$" } },
  { names = "curl_global_cleanup curl_easy_perform", why = "stops or holds up other clients" },
  { names = "sleep usleep nanosleep", why = "cannot be ended from outside" },
}

---@type spec.banned.Rule[]
M.lua = {
  { names = "os%.execute io%.popen loadstring loadfile dofile os%.setlocale os%.tmpname "
      .. "debug%.setmetatable debug%.setupvalue", why = "runs or changes what is the host's" },
  { names = "load", why = "runs text",
    may = { "^lua/aistudios/cli/lua_lines", "^lua/aistudios/cli/project_file" } },
  { names = "debug%.sethook", why = "the hook is the host's",
    may = { "^lua/aistudios/cli/limited" } },
  { names = "os%.exit", why = "ends the host", may = { "^lua/aistudios/cli/" } },
  { names = "print io%.write io%.read io%.stdout io%.stderr io%.lines",
    why = "standard files are the host's",
    may = { "^lua/aistudios/cli/", "^lua/aistudios/sandbox/program" } },
  { names = "io%.open os%.remove os%.rename", why = "the host's thread would wait for a disk",
    may = { "^lua/aistudios/cli/", "^lua/aistudios/batch/", "^lua/aistudios/sandbox/",
      "^lua/aistudios/preload" } },
  { names = "os%.getenv", why = "is read in one place",
    may = { "^lua/aistudios/cli/", "^lua/aistudios/config" } },
}

-- How comments and strings begin: a pattern, and one for what ends them.
local syntax = {
  c = { { '"', '"' }, { "'", "'" }, { "/%*", "%*/" }, { "//", "\n" } },
  lua = { { '"', '"' }, { "'", "'" }, { "%-%-%[(=*)%[", "]%s]" }, { "%-%-", "\n" },
    { "%[(=*)%[", "]%s]" } },
}

--- What begins at `at`: where from and to, what ends it, and its level.
local function begins(text, at, rules)
  for _, rule in ipairs(rules) do
    local from, to, level = text:find("^" .. rule[1], at)
    if from then return from, to, rule[2], level end
  end
end

--- Where a piece that began before `at` ends. A string (its beginning is one
--- character, so `width` is 0) goes on after a quote with a backslash before it.
local function end_of(text, at, width, closing, level)
  if level then return select(2, text:find(closing:format(level), at, true)) or #text end
  while true do
    local from, to = text:find(closing, at)
    if not from then return #text end
    local escapes = #text:sub(math.max(1, from - 64), from - 1):match "\\*$"
    if width > 0 or escapes % 2 == 0 then return to end
    at = to + 1
  end
end

--- The text with blanks for its comments and strings; lines stay lines.
---@param text string
---@param language "c"|"lua"
---@return string
function M.code_of(text, language)
  local parts, kept, at = {}, 1, 1 -- from `kept` on nothing is in `parts` yet
  while true do
    at = text:find("[\"'/%-%[]", at)
    if not at then break end
    local from, to, closing, level = begins(text, at, syntax[language])
    if from then
      local last = end_of(text, to + 1, to - from, closing, level)
      parts[#parts + 1] = text:sub(kept, from - 1)
      parts[#parts + 1] = text:sub(from, last):gsub("[^\n]", " ")
      kept, at = last + 1, last
    end
    at = at + 1
  end
  return table.concat(parts) .. text:sub(kept)
end

local function is_allowed(rule, path)
  for _, pattern in ipairs(rule.may or {}) do
    if path:find(pattern) then return true end
  end
  return false
end

--- What is looked for in a file: name, pattern and why.
local function patterns_for(path, language)
  local list = {}
  for _, rule in ipairs(M[language]) do
    for name in (is_allowed(rule, path) and "" or rule.names):gmatch "%S+" do
      list[#list + 1] = { name = name, why = rule.why,
        pattern = language == "c" and "%f[%w_]" .. name .. " *%("
          or "%f[%w_.:]" .. name .. "%f[^%w_]" }
    end
  end
  return list
end

--- What is banned in a file.
---@param path string
---@param text string
---@return string[]  "path:line: name: why"
function M.find(path, text)
  local language = path:find "%.lua$" and "lua" or "c"
  local found, number = {}, 0
  local patterns = patterns_for(path, language)
  for line in (M.code_of(text, language) .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    for _, each in ipairs(line:find "%a" and patterns or {}) do
      if line:find(each.pattern) and not line:find("function[ %w_.:]*" .. each.name) then
        found[#found + 1] = ("%s:%d: %s: %s"):format(path, number, each.name:gsub("%%", ""),
          each.why)
      end
    end
  end
  return found
end

if arg and arg[0]:find "banned%.lua$" then
  for _, path in ipairs(arg) do
    local file <close> = assert(io.open(path))
    for _, problem in ipairs(M.find(path, file:read "a")) do print(problem) end
  end
end

return M
