-- SPDX-License-Identifier: MIT
--
-- cli.terminal: is there one, how wide is it, a prompt that does not show
-- what is typed, and texts that cannot drive it.

local uv = require "luv"

local M = {}

local INTERRUPT, END, ERASE, BACKSPACE, CLEAR = "\3", "\4", "\127", "\b", "\21"
local NARROWEST, USUAL = 20, 80

--- Is this descriptor a terminal?
---@param fd integer
---@return boolean
function M.is_terminal(fd)
  return uv.guess_handle(fd) == "tty"
end

--- The columns of the terminal behind a descriptor.
---@param fd integer
---@return integer
function M.columns(fd)
  local tty = M.is_terminal(fd) and uv.new_tty(fd, false)
  if not tty then return USUAL end
  local ok, columns = pcall(tty.get_winsize, tty)
  tty:close()
  uv.run "nowait"
  if not ok or not columns or columns < 1 then return USUAL end
  return math.max(NARROWEST, columns)
end

--- A text on one line that cannot move the cursor, change colours or turn the
--- direction of writing.
---@param text any
---@return string
function M.clean(text)
  text = tostring(text)
  if not utf8.len(text) then text = text:gsub("[\128-\255]", "?") end
  text = text:gsub("[\0-\31\127]+", " ")
  return (text:gsub("\xC2[\x80-\x9F]", " "):gsub("\xE2\x80[\x8E\x8F\xA8-\xAE]", "")
    :gsub("\xE2\x81[\xA6-\xA9]", ""):gsub("\u{61C}", ""))
end

--- Asks on the terminal for a line, which is shown while it is typed.
---@param label string
---@param loop aistudios.cli.EventLoop  a signal that it notes ends the question
---@return string? line  nil: a signal, or the end of the input
function M.ask(label, loop)
  local typed, is_over = "", false
  local input = assert(uv.new_tty(0, true))
  io.stderr:write(label)
  io.stderr:flush()
  input:read_start(function (failure, text)
    typed = typed .. (text or "")
    is_over = failure ~= nil or text == nil or text:find "\n" ~= nil
  end)
  while not is_over and loop.signals == 0 do loop:turn() end
  input:close()
  uv.run "nowait"
  return typed:match "^(.-)\r?\n"
end

local ahead = "" -- what was typed, or pasted, behind the line before

--- Takes what was typed into the line so far. Returns true at its end, false
--- when the user wants to leave. An empty line is no answer.
local function take(line, typed)
  for at, char in typed:gmatch "()(.)" do
    if char == "\r" or char == "\n" then
      if line[1] then
        ahead = typed:sub(at + 1)
        return true
      end
    elseif char == INTERRUPT or char == END and not line[1] then
      return false
    elseif char == ERASE or char == BACKSPACE then
      line[#line] = nil
    elseif char == CLEAR then
      for i = #line, 1, -1 do line[i] = nil end
    elseif char >= " " then
      line[#line + 1] = char
    end
  end
end

--- Watches for signals that end a command; they would leave the terminal as it is.
local function watch_signals(on_signal)
  local signals = {}
  for i, name in ipairs { "sigint", "sigterm", "sighup" } do
    signals[i] = uv.new_signal()
    signals[i]:start(name, on_signal)
  end
  return signals
end

--- Asks on the terminal without showing what is typed.
---@param label string
---@return string? text  nil: ^C, another signal that ends, or the end of the input
function M.ask_hidden(label)
  local line, typed_before = {}, ahead
  ahead = ""
  local is_complete = take(line, typed_before)
  local handles = watch_signals(function ()
    is_complete = false
    uv.stop()
  end)
  local input = assert(uv.new_tty(0, true))
  handles[#handles + 1] = input
  input:set_mode(1)
  io.stderr:write(label)
  io.stderr:flush()
  input:read_start(function (failure, typed)
    is_complete = false
    if not failure and typed then is_complete = take(line, typed) end
    if is_complete ~= nil then uv.stop() end
  end)
  while is_complete == nil do uv.run() end
  uv.tty_reset_mode()
  for _, handle in ipairs(handles) do handle:close() end
  uv.run "nowait"
  io.stderr:write "\n"
  return is_complete and table.concat(line) or nil
end

return M
