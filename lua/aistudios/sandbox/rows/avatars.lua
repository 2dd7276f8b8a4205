-- SPDX-License-Identifier: MIT
--
-- rows.avatars: avatars and voices; ids come at once.

local common = {
  { "url", "string", required = true, address = true },
  { "name", "string", required = true },
  { "gender", "string", required = true, enum = { "MALE", "FEMALE" } },
}
local locale = { "locale", "string", enum = { "en", "ko", "zh" } }

-- Makes ids of these names.
local function maker(...)
  local names = { ... }
  return function (state, call)
    local data = {}
    for _, name in ipairs(names) do data[name] = state.random:hex(12) end
    state.ledger:bill(call, { project_id = data[names[1]], name = call.body.name,
      work = "avatar" })
    return data
  end
end

local function with(...)
  return require "aistudios.sandbox.work".joined(common, { ... })
end

local AVATARS = "/api/odin/v3/avatars"

return {
  {
    name = "create_custom_avatar", method = "POST", path = AVATARS .. "/customavatar",
    auth = "token", answer = maker("avatarId", "voiceId"),
    fields = with(locale, { "perFrame", "boolean" }, { "isWebcam", "boolean" }),
  },
  {
    name = "create_dream_avatar", method = "POST", path = AVATARS .. "/dreamavatar",
    auth = "token", answer = maker "avatarId",
    fields = with { "tts", "object|null" },
  },
  {
    name = "create_voice_clone", method = "POST", path = AVATARS .. "/voiceclone",
    auth = "token", answer = maker "voiceId",
    fields = with(locale),
  },
}
