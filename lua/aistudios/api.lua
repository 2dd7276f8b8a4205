-- SPDX-License-Identifier: MIT
--
-- api: every endpoint as data. endpoint.lua makes a method of each row;
-- nothing else in the module knows a path or a field of the API.

--- One endpoint.
---@class aistudios.Row
---@field name string        the method's name
---@field method "GET"|"POST"|"DELETE"
---@field path string        below the base address; `{field}` is replaced
---@field host "app"         which of the service's hosts
---@field auth "token"|"none"  how the request shows who sends it
---@field page string        the page of the API's documentation
---@field identity? string   the field that is the method's first argument
---@field takes "fields"|"optional fields"|"nothing"  the argument after it
---@field fields table<string, aistudios.Field>
---@field check? "project"   who checks the body instead of `fields`
---@field is_replayable? boolean  may be sent again whatever happened to it
---@field is_billed? boolean  may cost credits
---@field answer aistudios.Answer
---@field has_body boolean    the rest follows from the above
---@field body_fields table<string, aistudios.Field>  without the identity
---@field defaults table<string, any>
---@field wraps table<string, string>

--- One field of a request. Fields that no row names are sent as they are.
---@class aistudios.Field
---@field at? "path"|"body"  (body)
---@field type "string"|"boolean"|"integer"|"number"|"object"|"list"|"id"
---@field required? boolean
---@field default? any       sent when the caller gives none
---@field enum? string[]     all that the API takes
---@field wrap? string       a list given for this object becomes its member `wrap`
---@field items? aistudios.Field  what a list holds
---@field fields? table<string, aistudios.Field>  what an object holds
---@field is_secret? boolean  never shown again

--- How to read an answer; see envelope.lua.
---@class aistudios.Answer
---@field needs? string[]    a good answer has one of these members
---@field marks? string[]    one of these makes an answer without `success` good
---@field bare? string       the member that an answer of a single value stands for
---@field inner? string      the member that holds the object, if it is not `data` itself
---@field list? string       the answer is a list; its likeliest member name
---@field is_item_project? boolean  the `id` of an item is a project id

local resolution = { type = "string", enum = { "4k", "1080", "720", "480" } }
local is_export = { type = "boolean", default = true }
local text = { type = "string" }
local project_in_path = { type = "id", at = "path", required = true }
local project_answer = { needs = { "project_id" } }

---@type table<string, aistudios.Row>
local M = {}

-- Exchanges AppId and UserKey for an access token. The client does this by
-- itself; here for tools that hand the token on. Without fields it uses the
-- client's own credentials.
M.get_token = {
  method = "POST", path = "/api/odin/v3/auth/token",
  page = "aistudioV3/generate-api-key",
  auth = "none", takes = "optional fields", is_replayable = true,
  fields = {
    appId = { type = "string", required = true },
    userKey = { type = "string", required = true, is_secret = true },
  },
  answer = { needs = { "token" } },
}

-- Tells whether the token is still valid.
M.confirm_auth = {
  method = "GET", path = "/api/odin/v3/auth",
  page = "aistudioV3/reference/auth-confirm",
  auth = "token", takes = "nothing", is_replayable = true,
  fields = {},
  answer = { needs = { "isAuthenticated" }, bare = "isAuthenticated" },
}

-- Creates a project from scenes and, unless isExport is false, renders it.
M.create_project = {
  method = "POST", path = "/api/odin/v3/editor/project",
  page = "aistudioV3/reference/create-project",
  auth = "token", takes = "fields", is_billed = true,
  check = "project",
  fields = {
    name = text,
    orientation = { type = "string", enum = { "landscape", "portrait" } },
    scenes = { type = "list", required = true },
    isExport = is_export,
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

-- Starts to render an existing project. The id in the answer may be another:
-- follow that one.
M.export_project = {
  method = "POST", path = "/api/odin/v3/editor/project/export",
  page = "aistudioV3/reference/export-project",
  auth = "token", identity = "projectId", takes = "optional fields",
  is_billed = true,
  fields = {
    projectId = { type = "id", required = true },
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

-- Changes clips of a project and, unless isExport is false, renders the result
-- as a new video. `updates` may be given as the list alone.
M.edit_project = {
  method = "POST", path = "/api/odin/v3/editor/project/{projectId}",
  page = "aistudioV3/reference/edit-project",
  auth = "token", identity = "projectId", takes = "fields", is_billed = true,
  fields = {
    projectId = project_in_path,
    updates = { type = "object", required = true, wrap = "value", fields = {
      value = { type = "list", required = true, items = {
        type = "object", fields = {
          sceneIdx = { type = "integer", required = true },
          type = { type = "string", required = true, enum = {
            "aiModel", "shape", "image", "textImage", "videoImage", "audio",
            "background",
          } },
          values = { type = "object", required = true },
        },
      } },
    } },
    isExport = is_export,
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

-- Fetches one project with its scenes, as `result.project`.
M.get_project = {
  method = "GET", path = "/api/odin/v3/editor/project/{projectId}",
  page = "aistudioV3/reference/get-project",
  auth = "token", identity = "projectId", takes = "nothing",
  is_replayable = true,
  fields = { projectId = project_in_path },
  answer = { needs = { "project_id" }, inner = "project" },
}

-- Lists the projects of the account that were exported. Filter on `state`.
M.list_projects = {
  method = "GET", path = "/api/odin/v3/editor/project",
  page = "aistudioV3/reference/get-projects",
  auth = "token", takes = "nothing", is_replayable = true,
  fields = {},
  answer = { list = "projects", is_item_project = true },
}

-- Deletes projects. Compare `deletedCount` with the number of ids.
M.delete_projects = {
  method = "DELETE", path = "/api/odin/v3/editor/project",
  page = "aistudioV3/reference/delete-projects",
  auth = "token", identity = "ids", takes = "nothing", is_replayable = true,
  fields = {
    ids = { type = "list", required = true, items = { type = "id" } },
  },
  answer = { marks = { "deletedCount" } },
}

-- Progress of a render, 0 to 100. It is done at 100 with a download_url.
M.get_progress = {
  method = "GET", path = "/api/odin/v3/editor/progress/{projectId}",
  page = "aistudioV3/reference/progress",
  auth = "token", identity = "projectId", takes = "nothing",
  is_replayable = true,
  fields = { projectId = project_in_path },
  answer = { needs = { "progress", "state", "download_url" } },
}

--- Adds what follows from a row.
local function complete(name, row)
  row.name = name
  row.host = row.host or "app"
  row.has_body = row.method ~= "GET"
  row.body_fields, row.defaults, row.wraps = {}, {}, {}
  for field, rule in pairs(row.fields) do
    if rule.at ~= "path" and field ~= row.identity then row.body_fields[field] = rule end
    row.defaults[field] = rule.default
    row.wraps[field] = rule.wrap
  end
end

for name, row in pairs(M) do complete(name, row) end

return M
