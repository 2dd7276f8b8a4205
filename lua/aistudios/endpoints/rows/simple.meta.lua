---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods of endpoints/rows/simple.lua, for editors; never loaded. Written by
-- `make annotations` from the rows there: change those.
-- luacheck: ignore
---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.fields.create_simple_audio
---@field language string
---@field model string
---@field text string
---@field tts? table

---@class aistudios.result.create_simple_audio: aistudios.Result
---@field download_url string
---@field path? string  with the option `to`

--- Speaks a text in the voice of an avatar and answers with an address.
--- (POST /api/odin/v3/simple/audio, aistudioV3/reference/simple-audio)
---@param fields aistudios.fields.create_simple_audio
---@param options? aistudios.FileOptions
---@return aistudios.result.create_simple_audio? result
---@return aistudios.Error? err
function Client:create_simple_audio(fields, options) end

--- Speaks a text in the voice of an avatar and answers with an address.
---@param fields aistudios.fields.create_simple_audio
---@param options? aistudios.FileOptions
---@return aistudios.Job job
function Async:create_simple_audio(fields, options) end

---@class aistudios.fields.create_simple_custom
---@field isExport? boolean  true when absent
---@field language string
---@field model string
---@field resolution? "4k"|"1080"|"720"|"480"
---@field text string
---@field webhookUrl? string
---@field workspaceId? string

---@class aistudios.result.create_simple_custom: aistudios.Result
---@field project_id string

--- Makes a video of a custom avatar that speaks one text.
--- (POST /api/odin/v3/simple/custom, aistudioV3/reference/simple-custom)
---@param fields aistudios.fields.create_simple_custom
---@param options? aistudios.CallOptions
---@return aistudios.result.create_simple_custom? result
---@return aistudios.Error? err
function Client:create_simple_custom(fields, options) end

--- Makes a video of a custom avatar that speaks one text.
---@param fields aistudios.fields.create_simple_custom
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_simple_custom(fields, options) end

---@class aistudios.fields.create_simple_video
---@field clothes string
---@field isExport? boolean  true when absent
---@field language string
---@field model string
---@field resolution? "4k"|"1080"|"720"|"480"
---@field text string
---@field ttsType? table
---@field webhookUrl? string
---@field workspaceId? string

---@class aistudios.result.create_simple_video: aistudios.Result
---@field project_id string

--- Makes a chroma-key video of one avatar that speaks one text.
--- (POST /api/odin/v3/simple/video, aistudioV3/reference/simple-video)
---@param fields aistudios.fields.create_simple_video
---@param options? aistudios.CallOptions
---@return aistudios.result.create_simple_video? result
---@return aistudios.Error? err
function Client:create_simple_video(fields, options) end

--- Makes a chroma-key video of one avatar that speaks one text.
---@param fields aistudios.fields.create_simple_video
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_simple_video(fields, options) end

---@class aistudios.fields.list_automation_templates
---@field category "social"|"business"|"education"
---@field fileBackground? "true"|"false"
---@field orientation? "web"|"mobile"

---@class aistudios.result.list_automation_templates: aistudios.Result
---@field templates table[]
---@field [integer] table

--- Lists the templates for the docs, topic, url and scripts to video tools.
--- (POST /api/odin/v3/dropdown/templates_automation, aistudioV3/reference/templates-automation)
---@param fields aistudios.fields.list_automation_templates
---@param options? aistudios.CallOptions
---@return aistudios.result.list_automation_templates? result
---@return aistudios.Error? err
function Client:list_automation_templates(fields, options) end

--- Lists the templates for the docs, topic, url and scripts to video tools.
---@param fields aistudios.fields.list_automation_templates
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_automation_templates(fields, options) end

---@class aistudios.result.list_business_templates: aistudios.Result
---@field templates table[]
---@field [integer] table

--- Lists the templates for business videos: id, name.
--- (GET /api/odin/v3/dropdown/templates_business, aistudioV3/reference/templates-business)
---@param options? aistudios.CallOptions
---@return aistudios.result.list_business_templates? result
---@return aistudios.Error? err
function Client:list_business_templates(options) end

--- Lists the templates for business videos: id, name.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_business_templates(options) end

---@class aistudios.result.list_models: aistudios.Result
---@field models table[]
---@field [integer] table

--- Lists the avatars that can be used: id, label, avatarType.
--- (GET /api/odin/v3/dropdown/models, aistudioV3/reference/models)
---@param options? aistudios.CallOptions
---@return aistudios.result.list_models? result
---@return aistudios.Error? err
function Client:list_models(options) end

--- Lists the avatars that can be used: id, label, avatarType.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_models(options) end

---@class aistudios.result.list_models_detailed: aistudios.Result
---@field models table[]
---@field [integer] table

--- Lists the avatars with labels by language, thumbnails and clothes.
--- (GET /api/odin/v3/model, aistudioV3/reference/model-list)
---@param options? aistudios.CallOptions
---@return aistudios.result.list_models_detailed? result
---@return aistudios.Error? err
function Client:list_models_detailed(options) end

--- Lists the avatars with labels by language, thumbnails and clothes.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_models_detailed(options) end

---@class aistudios.result.list_workspaces: aistudios.Result
---@field workspaces table[]
---@field [integer] table

--- Lists the workspaces of the account: workspaceId, workspaceName.
--- (GET /api/odin/v3/dropdown/workspaces, aistudioV3/reference/workspaces)
---@param options? aistudios.CallOptions
---@return aistudios.result.list_workspaces? result
---@return aistudios.Error? err
function Client:list_workspaces(options) end

--- Lists the workspaces of the account: workspaceId, workspaceName.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_workspaces(options) end
