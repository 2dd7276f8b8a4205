---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods of endpoints/rows/automation.lua, for editors; never loaded. Written by
-- `make annotations` from the rows there: change those.
-- luacheck: ignore
---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.fields.docs_to_video.files.item
---@field fileName string
---@field uri string

---@class aistudios.fields.docs_to_video.options
---@field audience? string
---@field language? string
---@field media? "search"|"free"|"premium"|"generative"
---@field model? string
---@field objective? string
---@field speed? number  0.5 to 1.5
---@field style? "realistic"|"digitalPainting"|"sketch"|"oilPainting"|"pixelArt"|"watercolor"|"lowPoly"|"cyberpunk"|"fantasy"|"anime"
---@field templateId? string
---@field tone? string
---@field useGenerativeHighQuality? boolean
---@field voiceOnly? boolean

---@class aistudios.fields.docs_to_video
---@field files aistudios.fields.docs_to_video.files.item[]
---@field options? aistudios.fields.docs_to_video.options

---@class aistudios.result.docs_to_video: aistudios.Result
---@field project_id string

--- Builds a project from uploaded documents.
--- (POST /api/odin/v3/automation/docs-to-video, aistudioV3/reference/tools/docs-to-video)
---@param fields aistudios.fields.docs_to_video
---@param options? aistudios.CallOptions
---@return aistudios.result.docs_to_video? result
---@return aistudios.Error? err
function Client:docs_to_video(fields, options) end

--- Builds a project from uploaded documents.
---@param fields aistudios.fields.docs_to_video
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:docs_to_video(fields, options) end

---@class aistudios.result.get_automation_progress: aistudios.Result
---@field progress? number
---@field state? string

--- Tells how far the building of a project is.
--- (GET /api/odin/v3/automation/progress, aistudioV3/reference/tools/topic-to-video)
---@param projectId string
---@param options? aistudios.CallOptions
---@return aistudios.result.get_automation_progress? result
---@return aistudios.Error? err
function Client:get_automation_progress(projectId, options) end

--- Tells how far the building of a project is.
---@param projectId string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:get_automation_progress(projectId, options) end

---@class aistudios.fields.scripts_to_video.options
---@field audience? string
---@field duration? 30|60|90|120|150|180
---@field language? string
---@field media? "search"|"free"|"premium"|"generative"
---@field model? string
---@field objective? string
---@field scriptOption? "ai"|"original"
---@field speed? number  0.5 to 1.5
---@field style? "realistic"|"digitalPainting"|"sketch"|"oilPainting"|"pixelArt"|"watercolor"|"lowPoly"|"cyberpunk"|"fantasy"|"anime"
---@field templateId? string
---@field tone? string
---@field useGenerativeHighQuality? boolean
---@field voiceOnly? boolean

---@class aistudios.fields.scripts_to_video
---@field options? aistudios.fields.scripts_to_video.options
---@field scripts string

---@class aistudios.result.scripts_to_video: aistudios.Result
---@field project_id string

--- Builds a project from a written script.
--- (POST /api/odin/v3/automation/scripts_to_video, aistudioV3/reference/tools/scripts-to-video)
---@param fields aistudios.fields.scripts_to_video
---@param options? aistudios.CallOptions
---@return aistudios.result.scripts_to_video? result
---@return aistudios.Error? err
function Client:scripts_to_video(fields, options) end

--- Builds a project from a written script.
---@param fields aistudios.fields.scripts_to_video
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:scripts_to_video(fields, options) end

---@class aistudios.fields.topic_to_video.options
---@field audience? string
---@field duration? 30|60|90|120|150|180
---@field language? string
---@field media? "search"|"free"|"premium"|"generative"
---@field model? string
---@field objective? string
---@field speed? number  0.5 to 1.5
---@field style? "realistic"|"digitalPainting"|"sketch"|"oilPainting"|"pixelArt"|"watercolor"|"lowPoly"|"cyberpunk"|"fantasy"|"anime"
---@field templateId? string
---@field tone? string
---@field useGenerativeHighQuality? boolean
---@field voiceOnly? boolean

---@class aistudios.fields.topic_to_video
---@field options? aistudios.fields.topic_to_video.options
---@field topic string

---@class aistudios.result.topic_to_video: aistudios.Result
---@field project_id string

--- Builds a project from a topic.
--- (POST /api/odin/v3/automation/topic_to_video, aistudioV3/reference/tools/topic-to-video)
---@param fields aistudios.fields.topic_to_video
---@param options? aistudios.CallOptions
---@return aistudios.result.topic_to_video? result
---@return aistudios.Error? err
function Client:topic_to_video(fields, options) end

--- Builds a project from a topic.
---@param fields aistudios.fields.topic_to_video
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:topic_to_video(fields, options) end

---@class aistudios.fields.upload_docs
---@field files string|aistudios.File|(string|aistudios.File)[]  txt, pdf, xls, xlsx, doc, docs, docx, pptx, ppt

---@class aistudios.result.upload_docs: aistudios.Result
---@field uploadResults { uri: string, fileName: string }[]

--- Uploads documents for docs_to_video.
--- (POST /api/odin/v3/automation/docs-to-video/upload-files, aistudioV3/reference/tools/docs-to-video)
---@param fields aistudios.fields.upload_docs
---@param options? aistudios.CallOptions
---@return aistudios.result.upload_docs? result
---@return aistudios.Error? err
function Client:upload_docs(fields, options) end

--- Uploads documents for docs_to_video.
---@param fields aistudios.fields.upload_docs
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:upload_docs(fields, options) end

---@class aistudios.fields.url_to_video.options
---@field audience? string
---@field duration? 30|60|90|120|150|180
---@field language? string
---@field media? "search"|"free"|"premium"|"generative"
---@field model? string
---@field objective? string
---@field speed? number  0.5 to 1.5
---@field style? "realistic"|"digitalPainting"|"sketch"|"oilPainting"|"pixelArt"|"watercolor"|"lowPoly"|"cyberpunk"|"fantasy"|"anime"
---@field templateId? string
---@field tone? string
---@field useGenerativeHighQuality? boolean
---@field voiceOnly? boolean

---@class aistudios.fields.url_to_video
---@field options? aistudios.fields.url_to_video.options
---@field url string

---@class aistudios.result.url_to_video: aistudios.Result
---@field project_id string

--- Builds a project from a web page.
--- (POST /api/odin/v3/automation/url_to_video, aistudioV3/reference/tools/url-to-video)
---@param fields aistudios.fields.url_to_video
---@param options? aistudios.CallOptions
---@return aistudios.result.url_to_video? result
---@return aistudios.Error? err
function Client:url_to_video(fields, options) end

--- Builds a project from a web page.
---@param fields aistudios.fields.url_to_video
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:url_to_video(fields, options) end
