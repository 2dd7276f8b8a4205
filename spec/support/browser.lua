-- SPDX-License-Identifier: MIT
--
-- browser: Chromium, driven through the DevTools protocol over a pair of pipes
-- (--remote-debugging-pipe: messages of JSON that end with a NUL).

local cjson = require "cjson"
local support = require "spec.support"

local Browser = {}
Browser.__index = Browser

local M = {}

--- Starts it. Close it in the end.
---@return table browser
function M.start()
  local at = support.directory "browser"
  support.run(("mkfifo '%s/in' '%s/out'"):format(at, at))
  local self = setmetatable({ at = at, last_id = 0, events = {} }, Browser)
  self.process = assert(io.popen(("env -u LD_PRELOAD timeout 300 chromium --headless=new "
    .. "--no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe "
    .. "--disable-renderer-backgrounding --disable-backgrounding-occluded-windows "
    .. "--disable-background-timer-throttling --disable-ipc-flooding-protection "
    .. "--disable-hang-monitor --disable-background-networking --disable-component-update "
    .. "--disable-extensions --disable-sync --disable-default-apps "
    .. "--user-data-dir='%s/profile' 3<'%s/in' 4>'%s/out' 2>'%s/log'"):format(at, at, at, at)))
  self.input = assert(io.open(at .. "/in", "wb"))
  self.output = assert(io.open(at .. "/out", "rb"))
  self.input:setvbuf "no"
  return self
end

local function read_message(self)
  local bytes = {}
  while true do
    local byte = self.output:read(1)
    if not byte then error("the browser is gone; see " .. self.at .. "/log", 0) end
    if byte == "\0" then return cjson.decode(table.concat(bytes)) end
    bytes[#bytes + 1] = byte
  end
end

local function send(self, method, parameters)
  self.last_id = self.last_id + 1
  self.input:write(cjson.encode { id = self.last_id, method = method,
    params = parameters or cjson.decode "{}", sessionId = self.session }, "\0")
end

--- Calls a method of the protocol and returns its result.
---@param method string
---@param parameters? table
function Browser:call(method, parameters)
  send(self, method, parameters)
  while true do
    local message = read_message(self)
    if message.id == self.last_id then
      if message.error then error(method .. ": " .. message.error.message, 2) end
      return message.result
    end
    if message.method then table.insert(self.events, message) end
  end
end

--- Opens a page of that size, the one that the other methods are about, and closes the one
--- before.
---@param url string
---@param width integer  CSS pixels
---@param height integer
function Browser:open(url, width, height)
  self.session = nil
  local before = self.target
  self.target = self:call("Target.createTarget", { url = "about:blank" }).targetId
  if before then self:call("Target.closeTarget", { targetId = before }) end
  self.session = self:call("Target.attachToTarget", { targetId = self.target, flatten = true })
    .sessionId
  self.events = {}
  for _, domain in ipairs { "Page", "Runtime", "Log" } do self:call(domain .. ".enable") end
  self:call("Emulation.setDeviceMetricsOverride",
    { width = width, height = height, deviceScaleFactor = 1, mobile = false })
  self:call("Page.navigate", { url = url })
end

--- The value of a JavaScript expression; a promise is waited for.
---@param expression string
function Browser:value(expression)
  local result = self:call("Runtime.evaluate",
    { expression = expression, returnByValue = true, awaitPromise = true })
  if result.exceptionDetails then
    error(expression .. ": " .. (result.exceptionDetails.exception or {}).description, 2)
  end
  return result.result.value
end

--- Waits until an expression is true, and returns its value.
---@param expression string
function Browser:wait_for(expression)
  local value
  support.wait_until(function()
    value = self:value(expression)
    return value and value ~= cjson.null
  end)
  return value
end

--- Presses a key, as "Tab", "Enter", "Escape".
---@param key string
function Browser:press(key)
  local codes = { Tab = 9, Enter = 13, Escape = 27, [" "] = 32, ArrowLeft = 37,
    ArrowRight = 39, ArrowDown = 40 }
  for _, kind in ipairs { "keyDown", "keyUp" } do
    self:call("Input.dispatchKeyEvent", { type = kind, key = key,
      code = key == " " and "Space" or key, windowsVirtualKeyCode = codes[key],
      text = key == "Enter" and kind == "keyDown" and "\r" or nil })
  end
end

--- Clicks: its two events go out together, as those of a mouse would.
---@param x number  CSS pixels of the window
---@param y number
function Browser:click(x, y)
  local event = { type = "mousePressed", x = x, y = y, button = "left", clickCount = 1 }
  send(self, "Input.dispatchMouseEvent", event)
  event.type = "mouseReleased"
  send(self, "Input.dispatchMouseEvent", event)
end

--- Prints the page to a file, as PDF.
---@param path string
function Browser:print(path)
  support.write_file(path .. ".base64", self:call("Page.printToPDF").data)
  support.run(("env -u LD_PRELOAD base64 -d '%s.base64' >'%s'"):format(path, path))
end

--- What the page said in the console so far: errors, warnings, exceptions.
---@return string[]
function Browser:said()
  self:value "1" -- reads what is on the way
  local said = {}
  for _, event in ipairs(self.events) do
    if event.method == "Log.entryAdded" then said[#said + 1] = event.params.entry.text end
    if event.method == "Runtime.consoleAPICalled" or event.method == "Runtime.exceptionThrown" then
      said[#said + 1] = cjson.encode(event.params)
    end
  end
  return said
end

function Browser:close()
  self.session = nil
  pcall(self.call, self, "Browser.close")
  self.input:close()
  self.output:close()
  self.process:close()
end
Browser.__close = Browser.close

return M
