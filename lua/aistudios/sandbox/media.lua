-- SPDX-License-Identifier: MIT
--
-- media: the files that generators return: small, valid, and removed after
-- `generated_seconds`.

local MAX_FILES = 10000

---@class aistudios.sandbox.Media
local Media = {}
Media.__index = Media

local M = {}

-- One grey pixel.
local PNG = "\137PNG\r\n\26\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\8\0\0\0\0:~\155U"
  .. "\0\0\0\nIDATx\156ch\0\0\0\130\0\129w\205r\182\0\0\0\0IEND\174B`\130"

-- A fifth of a second of a soft tone, 8 bits at 8 kHz.
local function wav()
  local samples = {}
  for i = 1, 1600 do
    samples[i] = string.char(128 + math.floor(40 * math.sin(i * 2 * math.pi * 440 / 8000)))
  end
  local data = table.concat(samples)
  return string.pack("<c4I4c4c4I4I2I2I4I4I2I2c4I4", "RIFF", 36 + #data, "WAVE", "fmt ", 16, 1, 1,
    8000, 8000, 1, 8, "data", #data) .. data
end

local kinds = {
  png = { type = "image/png", body = PNG },
  wav = { type = "audio/wav", body = wav() },
  mp4 = { type = "video/mp4" }, -- the video itself
}

---@param state table
---@return aistudios.sandbox.Media
function M.new(state)
  return setmetatable({ state = state, files = {}, order = {}, first = 1, last = 0 }, Media)
end

--- Makes a file and returns its address and name.
---@param kind "png"|"wav"|"mp4"
---@return string url
---@return string name
function Media:make(kind)
  local state = self.state
  local name = state.random:hex(12) .. "." .. kind
  self.files[name] = {
    type = kinds[kind].type, body = kinds[kind].body,
    ends = state:now() + state.options.generated_seconds,
  }
  self.last = self.last + 1
  self.order[self.last] = name
  if self.last - self.first >= MAX_FILES then
    self.files[self.order[self.first]] = nil
    self.order[self.first] = nil
    self.first = self.first + 1
  end
  return state:url() .. "/files/" .. name, name
end

---@param name string
---@return boolean  whether it is or was there
function Media:has(name)
  return self.files[name] ~= nil
end

---@param name string
---@return table? file
---@return boolean? is_gone  it was there, and is no more
function Media:get(name)
  local file = self.files[name]
  if not file then return nil, false end
  if file.ends <= self.state:now() then return nil, true end
  return file
end

return M
