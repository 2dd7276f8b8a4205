---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods of endpoints/rows/projects.lua, for editors; never loaded. Written by
-- `make annotations` from the rows there: change those.
-- luacheck: ignore
---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.result.confirm_auth: aistudios.Result
---@field isAuthenticated boolean

--- Tells whether the access token is still valid.
--- (GET /api/odin/v3/auth, aistudioV3/reference/auth-confirm)
---@param options? aistudios.CallOptions
---@return aistudios.result.confirm_auth? result
---@return aistudios.Error? err
function Client:confirm_auth(options) end

--- Tells whether the access token is still valid.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:confirm_auth(options) end

---@class aistudios.fields.create_from_document
---@field file string|aistudios.File  pdf, pptx, ppt
---@field name? string
---@field workspaceId? string

---@class aistudios.result.create_from_document: aistudios.Result
---@field project_id string

--- Turns a PDF or PowerPoint file into a project, a scene per page; nothing is rendered.
--- (POST /api/odin/v3/editor/project/pptpdf, aistudioV3/reference/create-from-pdfppt)
---@param fields aistudios.fields.create_from_document
---@param options? aistudios.CallOptions
---@return aistudios.result.create_from_document? result
---@return aistudios.Error? err
function Client:create_from_document(fields, options) end

--- Turns a PDF or PowerPoint file into a project, a scene per page; nothing is rendered.
---@param fields aistudios.fields.create_from_document
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_from_document(fields, options) end

---@class aistudios.fields.create_from_template
---@field aiName? string
---@field clothId? string
---@field name? string
---@field workspaceId? string

---@class aistudios.result.create_from_template: aistudios.Result
---@field project_id string

--- Makes a project from a template; nothing is rendered.
--- (POST /api/odin/v3/editor/template/{templateId}, aistudioV3/reference/create-from-template)
---@param templateId string
---@param fields? aistudios.fields.create_from_template
---@param options? aistudios.CallOptions
---@return aistudios.result.create_from_template? result
---@return aistudios.Error? err
function Client:create_from_template(templateId, fields, options) end

--- Makes a project from a template; nothing is rendered.
---@param templateId string
---@param fields? aistudios.fields.create_from_template
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_from_template(templateId, fields, options) end

---@class aistudios.fields.create_from_template_and_modify
---@field isExport? boolean  false when absent
---@field name? string
---@field updates table<string, string>
---@field webhookUrl? string

---@class aistudios.result.create_from_template_and_modify: aistudios.Result
---@field project_id string

--- Makes a project from a template and changes its texts by tag key.
--- (POST /api/odin/v3/editor/template/modify, aistudioV3/reference/create-from-template-and-modify)
---@deprecated
---@param templateId string
---@param fields aistudios.fields.create_from_template_and_modify
---@param options? aistudios.CallOptions
---@return aistudios.result.create_from_template_and_modify? result
---@return aistudios.Error? err
function Client:create_from_template_and_modify(templateId, fields, options) end

--- Makes a project from a template and changes its texts by tag key.
---@param templateId string
---@param fields aistudios.fields.create_from_template_and_modify
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_from_template_and_modify(templateId, fields, options) end

---@class aistudios.result.create_project: aistudios.Result
---@field project_id string

--- Creates a project from scenes and, unless isExport is false, renders it.
--- (POST /api/odin/v3/editor/project, aistudioV3/reference/create-project)
---@param project aistudios.Project
---@param options? aistudios.CallOptions
---@return aistudios.result.create_project? result
---@return aistudios.Error? err
function Client:create_project(project, options) end

--- Creates a project from scenes and, unless isExport is false, renders it.
---@param project aistudios.Project
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:create_project(project, options) end

---@class aistudios.result.delete_projects: aistudios.Result
---@field deletedCount? integer

--- Deletes projects.
--- (DELETE /api/odin/v3/editor/project, aistudioV3/reference/delete-projects)
---@param ids string[]|string
---@param options? aistudios.CallOptions
---@return aistudios.result.delete_projects? result
---@return aistudios.Error? err
function Client:delete_projects(ids, options) end

--- Deletes projects.
---@param ids string[]|string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:delete_projects(ids, options) end

---@class aistudios.fields.edit_project.updates.value.item
---@field sceneIdx integer
---@field type "aiModel"|"shape"|"image"|"textImage"|"videoImage"|"audio"|"background"
---@field values table

---@class aistudios.fields.edit_project.updates
---@field backgroundAudio? table
---@field value aistudios.fields.edit_project.updates.value.item[]

---@class aistudios.fields.edit_project
---@field isExport? boolean  true when absent
---@field resolution? "4k"|"1080"|"720"|"480"
---@field updates aistudios.fields.edit_project.updates
---@field webhookUrl? string
---@field workspaceId? string

---@class aistudios.result.edit_project: aistudios.Result
---@field project_id string

--- Changes clips of a project and, unless isExport is false, renders the result.
--- (POST /api/odin/v3/editor/project/{projectId}, aistudioV3/reference/edit-project)
---@param projectId string
---@param fields aistudios.fields.edit_project
---@param options? aistudios.CallOptions
---@return aistudios.result.edit_project? result
---@return aistudios.Error? err
function Client:edit_project(projectId, fields, options) end

--- Changes clips of a project and, unless isExport is false, renders the result.
---@param projectId string
---@param fields aistudios.fields.edit_project
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:edit_project(projectId, fields, options) end

---@class aistudios.fields.export_project
---@field resolution? "4k"|"1080"|"720"|"480"
---@field webhookUrl? string
---@field workspaceId? string

---@class aistudios.result.export_project: aistudios.Result
---@field project_id string

--- Starts to render a project that exists.
--- (POST /api/odin/v3/editor/project/export, aistudioV3/reference/export-project)
---@param projectId string
---@param fields? aistudios.fields.export_project
---@param options? aistudios.CallOptions
---@return aistudios.result.export_project? result
---@return aistudios.Error? err
function Client:export_project(projectId, fields, options) end

--- Starts to render a project that exists.
---@param projectId string
---@param fields? aistudios.fields.export_project
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:export_project(projectId, fields, options) end

---@class aistudios.result.get_progress: aistudios.Result
---@field progress? number
---@field state? string
---@field download_url? string

--- Tells how far a render is, 0 to 100.
--- (GET /api/odin/v3/editor/progress/{projectId}, aistudioV3/reference/progress)
---@param projectId string
---@param options? aistudios.CallOptions
---@return aistudios.result.get_progress? result
---@return aistudios.Error? err
function Client:get_progress(projectId, options) end

--- Tells how far a render is, 0 to 100.
---@param projectId string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:get_progress(projectId, options) end

---@class aistudios.result.get_project: aistudios.Result
---@field project table
---@field project_id string

--- Fetches a project with its scenes, as result.project.
--- (GET /api/odin/v3/editor/project/{projectId}, aistudioV3/reference/get-project)
---@param projectId string
---@param options? aistudios.CallOptions
---@return aistudios.result.get_project? result
---@return aistudios.Error? err
function Client:get_project(projectId, options) end

--- Fetches a project with its scenes, as result.project.
---@param projectId string
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:get_project(projectId, options) end

---@class aistudios.fields.get_token
---@field appId string
---@field userKey string  secret

---@class aistudios.result.get_token: aistudios.Result
---@field token string

--- Exchanges AppId and UserKey for an access token.
--- (POST /api/odin/v3/auth/token, aistudioV3/generate-api-key)
---@param fields? aistudios.fields.get_token
---@param options? aistudios.CallOptions
---@return aistudios.result.get_token? result
---@return aistudios.Error? err
function Client:get_token(fields, options) end

--- Exchanges AppId and UserKey for an access token.
---@param fields? aistudios.fields.get_token
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:get_token(fields, options) end

---@class aistudios.result.list_projects: aistudios.Result
---@field projects table[]
---@field [integer] table

--- Lists the projects of the account that were exported.
--- (GET /api/odin/v3/editor/project, aistudioV3/reference/get-projects)
---@param options? aistudios.CallOptions
---@return aistudios.result.list_projects? result
---@return aistudios.Error? err
function Client:list_projects(options) end

--- Lists the projects of the account that were exported.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:list_projects(options) end

---@class aistudios.fields.modify_project
---@field isExport? boolean  false when absent
---@field updates table<string, string>
---@field webhookUrl? string

---@class aistudios.result.modify_project: aistudios.Result
---@field project_id string

--- Changes title, subtitle and script texts of a project by tag key.
--- (POST /api/odin/v3/editor/project/modify, aistudioV3/reference/modify-project)
---@deprecated
---@param projectId string
---@param fields aistudios.fields.modify_project
---@param options? aistudios.CallOptions
---@return aistudios.result.modify_project? result
---@return aistudios.Error? err
function Client:modify_project(projectId, fields, options) end

--- Changes title, subtitle and script texts of a project by tag key.
---@param projectId string
---@param fields aistudios.fields.modify_project
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:modify_project(projectId, fields, options) end
