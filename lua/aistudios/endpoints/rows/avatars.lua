-- SPDX-License-Identifier: MIT
--
-- rows.avatars: rows of the calls that make avatars and voices. Ids come back
-- at once; no call tells when they can be used.

local required_text = { type = "string", required = true, is_filled = true }
local address = { type = "string", required = true, url = "public" }
local gender = { type = "string", required = true, enum = { "MALE", "FEMALE" } }
local locale = { type = "string", enum = { "en", "ko", "zh" } }

---@type table<string, aistudios.Row>
local M = {}

M.create_custom_avatar = {
  about = "Makes a custom avatar and a voice clone from a video at a public address.",
  method = "POST", path = "avatars/customavatar",
  page = "reference/avatars/custom-avatar", is_billed = true,
  fields = {
    url = address,
    name = required_text,
    gender = gender,
    locale = locale,
    perFrame = { type = "boolean" },
    isWebcam = { type = "boolean" },
  },
  answer = { needs = { "avatarId" } },
}

M.create_dream_avatar = {
  about = "Makes an avatar from a still image at a public address.",
  method = "POST", path = "avatars/dreamavatar", page = "reference/avatars/dream-avatar",
  is_billed = true,
  fields = {
    url = address,
    name = required_text,
    gender = gender,
    tts = { type = "object" },
  },
  answer = { needs = { "avatarId" } },
}

M.create_voice_clone = {
  about = "Clones a voice from audio at a public address.",
  method = "POST", path = "avatars/voiceclone", page = "reference/avatars/voice-cloning",
  is_billed = true,
  fields = {
    url = address,
    name = required_text,
    gender = gender,
    locale = locale,
  },
  answer = { needs = { "voiceId" } },
}

return M
