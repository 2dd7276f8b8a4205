---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods of endpoints/rows/avatars.lua, for editors; never loaded. Written by
-- `make annotations` from the rows there: change those.
-- luacheck: ignore
---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.fields.create_custom_avatar
---@field gender "MALE"|"FEMALE"
---@field isWebcam? boolean
---@field locale? "en"|"ko"|"zh"
---@field name string
---@field perFrame? boolean
---@field url string

---@class aistudios.result.create_custom_avatar: aistudios.Result
---@field avatarId string

--- Makes a custom avatar and a voice clone from a video at a public address.
--- (POST /api/odin/v3/avatars/customavatar, aistudioV3/reference/avatars/custom-avatar)
---@param fields aistudios.fields.create_custom_avatar
---@param options? aistudios.CallOptions
---@return aistudios.result.create_custom_avatar? result
---@return aistudios.Error? err
function Client:create_custom_avatar(fields, options) end

--- Makes a custom avatar and a voice clone from a video at a public address.
---@param fields aistudios.fields.create_custom_avatar
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_custom_avatar(fields, options) end

---@class aistudios.fields.create_dream_avatar
---@field gender "MALE"|"FEMALE"
---@field name string
---@field tts? table
---@field url string

---@class aistudios.result.create_dream_avatar: aistudios.Result
---@field avatarId string

--- Makes an avatar from a still image at a public address.
--- (POST /api/odin/v3/avatars/dreamavatar, aistudioV3/reference/avatars/dream-avatar)
---@param fields aistudios.fields.create_dream_avatar
---@param options? aistudios.CallOptions
---@return aistudios.result.create_dream_avatar? result
---@return aistudios.Error? err
function Client:create_dream_avatar(fields, options) end

--- Makes an avatar from a still image at a public address.
---@param fields aistudios.fields.create_dream_avatar
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_dream_avatar(fields, options) end

---@class aistudios.fields.create_voice_clone
---@field gender "MALE"|"FEMALE"
---@field locale? "en"|"ko"|"zh"
---@field name string
---@field url string

---@class aistudios.result.create_voice_clone: aistudios.Result
---@field voiceId string

--- Clones a voice from audio at a public address.
--- (POST /api/odin/v3/avatars/voiceclone, aistudioV3/reference/avatars/voice-cloning)
---@param fields aistudios.fields.create_voice_clone
---@param options? aistudios.CallOptions
---@return aistudios.result.create_voice_clone? result
---@return aistudios.Error? err
function Client:create_voice_clone(fields, options) end

--- Clones a voice from audio at a public address.
---@param fields aistudios.fields.create_voice_clone
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_voice_clone(fields, options) end
