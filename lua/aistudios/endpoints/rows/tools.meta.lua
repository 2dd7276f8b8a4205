---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods of endpoints/rows/tools.lua, for editors; never loaded. Written by
-- `make annotations` from the rows there: change those.
-- luacheck: ignore
---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.fields.generate_image
---@field size? "LANDSCAPE"|"PORTRAIT"|"SQUARE"
---@field style? "PHOTOGRAPHIC"|"VECTOR_IMAGE"|"ILLUSTRATION"|"3D"
---@field topic string

---@class aistudios.result.generate_image: aistudios.Result
---@field download_url string
---@field path? string  with the option `to`

--- Draws an image about a topic.
--- (POST /api/odin/v3/tools/image-generator, aistudioV3/reference/tools/image-generator)
---@param fields aistudios.fields.generate_image
---@param options? aistudios.FileOptions
---@return aistudios.result.generate_image? result
---@return aistudios.Error? err
function Client:generate_image(fields, options) end

--- Draws an image about a topic.
---@param fields aistudios.fields.generate_image
---@param options? aistudios.FileOptions
---@return aistudios.Job job
function Async:generate_image(fields, options) end

---@class aistudios.fields.generate_text
---@field topic string

---@class aistudios.result.generate_text: aistudios.Result
---@field script string

--- Writes a script about a topic.
--- (POST /api/odin/v3/tools/text-generator, aistudioV3/reference/tools/text-generator)
---@param fields aistudios.fields.generate_text
---@param options? aistudios.CallOptions
---@return aistudios.result.generate_text? result
---@return aistudios.Error? err
function Client:generate_text(fields, options) end

--- Writes a script about a topic.
---@param fields aistudios.fields.generate_text
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:generate_text(fields, options) end

---@class aistudios.fields.generate_video
---@field topic string

---@class aistudios.result.generate_video: aistudios.Result
---@field download_url string
---@field path? string  with the option `to`

--- Makes a clip about a topic.
--- (POST /api/odin/v3/tools/video-generator, aistudioV3/reference/tools/video-generator)
---@param fields aistudios.fields.generate_video
---@param options? aistudios.FileOptions
---@return aistudios.result.generate_video? result
---@return aistudios.Error? err
function Client:generate_video(fields, options) end

--- Makes a clip about a topic.
---@param fields aistudios.fields.generate_video
---@param options? aistudios.FileOptions
---@return aistudios.Job job
function Async:generate_video(fields, options) end

---@class aistudios.fields.generate_voice
---@field language "en"|"ko"|"ja"|string
---@field model string
---@field script string
---@field type "deepbrainai"|"elevenlabs"|"google"|string

---@class aistudios.result.generate_voice: aistudios.Result
---@field download_url string
---@field path? string  with the option `to`

--- Speaks a script in a chosen voice.
--- (POST /api/odin/v3/tools/voice-generator, aistudioV3/reference/tools/voice-generator)
---@param fields aistudios.fields.generate_voice
---@param options? aistudios.FileOptions
---@return aistudios.result.generate_voice? result
---@return aistudios.Error? err
function Client:generate_voice(fields, options) end

--- Speaks a script in a chosen voice.
---@param fields aistudios.fields.generate_voice
---@param options? aistudios.FileOptions
---@return aistudios.Job job
function Async:generate_voice(fields, options) end

---@class aistudios.result.get_translation_progress: aistudios.Result
---@field translations table[]
---@field [integer] table

--- Tells how far the dubbings of one folder are.
--- (GET /api/odin/v3/automation/translatevideos, aistudioV3/reference/translatevideos)
---@param folderId string
---@param options? aistudios.CallOptions
---@return aistudios.result.get_translation_progress? result
---@return aistudios.Error? err
function Client:get_translation_progress(folderId, options) end

--- Tells how far the dubbings of one folder are.
---@param folderId string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:get_translation_progress(folderId, options) end

---@class aistudios.fields.translate_video
---@field file? string|aistudios.File
---@field isCaptionFile? boolean
---@field isDubbingOnly? boolean
---@field isRemoveBGM? boolean
---@field numberOfSpeakers? string  auto, or 1 to 5
---@field original? string
---@field originalSrt? string|aistudios.File
---@field url? string
---@field subtitles? string|aistudios.File|(string|aistudios.File)[]  up to ten
---@field targetSrt? string|aistudios.File|(string|aistudios.File)[]  up to ten
---@field targetSrt_0? string|aistudios.File
---@field targetSrt_1? string|aistudios.File
---@field targetSrt_2? string|aistudios.File
---@field targetSrt_3? string|aistudios.File
---@field targetSrt_4? string|aistudios.File
---@field targetSrt_5? string|aistudios.File
---@field targetSrt_6? string|aistudios.File
---@field targetSrt_7? string|aistudios.File
---@field targetSrt_8? string|aistudios.File
---@field targetSrt_9? string|aistudios.File
---@field targets? string|(string)[]  up to ten
---@field target? string|(string)[]  up to ten
---@field target_0? string
---@field target_1? string
---@field target_2? string
---@field target_3? string
---@field target_4? string
---@field target_5? string
---@field target_6? string
---@field target_7? string
---@field target_8? string
---@field target_9? string

---@class aistudios.result.translate_video: aistudios.Result
---@field folderId string

--- Dubs a video, a file or a YouTube address, into up to ten languages.
--- (POST /api/odin/v3/automation/translatevideos, aistudioV3/reference/translatevideos)
---@param fields aistudios.fields.translate_video
---@param options? aistudios.CallOptions
---@return aistudios.result.translate_video? result
---@return aistudios.Error? err
function Client:translate_video(fields, options) end

--- Dubs a video, a file or a YouTube address, into up to ten languages.
---@param fields aistudios.fields.translate_video
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:translate_video(fields, options) end
