-- SPDX-License-Identifier: MIT
--
-- rows.projects: the calls about tokens, projects and templates.

local schema = require "aistudios.project.schema"

local text = { type = "string" }
local resolution = schema.project.resolution
local project_in_path = { type = "id", at = "path", required = true }
local project_answer = { needs = { "project_id" } }
local texts_by_tag = { type = "object", required = true, values = { type = "string" } }

-- The documented fields of a project; isExport is always sent.
local project_fields = {}
for name, field in pairs(schema.project) do
  if not field.only_seen then project_fields[name] = field end
end
project_fields.isExport = { type = "boolean", default = true }

---@type table<string, aistudios.Row>
local M = {}

-- The client does this by itself; here for tools that hand the token on.
-- Without fields it uses the client's own credentials.
M.get_token = {
  about = "Exchanges AppId and UserKey for an access token.",
  method = "POST", path = "auth/token", page = "generate-api-key", auth = "none",
  takes = "optional fields", takes_credentials = true, is_replayable = true,
  fields = {
    appId = { type = "string", required = true },
    userKey = { type = "string", required = true, is_secret = true },
  },
  answer = { needs = { "token" }, secret = "token" },
}

M.confirm_auth = {
  about = "Tells whether the access token is still valid.",
  method = "GET", path = "auth", page = "reference/auth-confirm",
  answer = { needs = { "isAuthenticated" }, bare = "isAuthenticated" },
}

M.create_project = {
  about = "Creates a project from scenes and, unless isExport is false, renders it.",
  method = "POST", path = "editor/project", page = "reference/create-project",
  is_billed = true, check = "project",
  fields = project_fields,
  answer = project_answer,
}

-- The id in the answer may be another: follow that one.
M.export_project = {
  about = "Starts to render a project that exists.",
  method = "POST", path = "editor/project/export", page = "reference/export-project",
  identity = "projectId", takes = "optional fields", is_billed = true,
  fields = {
    projectId = { type = "id", required = true },
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

-- `updates` may be given as the list alone.
M.edit_project = {
  about = "Changes clips of a project and, unless isExport is false, renders the result.",
  method = "POST", path = "editor/project/{projectId}", page = "reference/edit-project",
  identity = "projectId", is_billed = true, check = "edits",
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
      backgroundAudio = { type = "object" },
    } },
    isExport = { type = "boolean", default = true },
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

M.get_project = {
  about = "Fetches a project with its scenes, as result.project.",
  method = "GET", path = "editor/project/{projectId}", page = "reference/get-project",
  identity = "projectId",
  fields = { projectId = project_in_path },
  answer = { needs = { "project_id" }, inner = "project" },
}

-- Filter on `state`: "exported" can be downloaded.
M.list_projects = {
  about = "Lists the projects of the account that were exported.",
  method = "GET", path = "editor/project", page = "reference/get-projects",
  answer = { list = "projects", is_item_project = true },
}

-- Compare `deletedCount` with the number of ids.
M.delete_projects = {
  about = "Deletes projects.",
  method = "DELETE", path = "editor/project", page = "reference/delete-projects",
  identity = "ids",
  fields = {
    ids = { type = "list", required = true, is_filled = true, items = { type = "id" } },
  },
  answer = { marks = { "deletedCount" } },
}

-- It is done at 100 with a download_url.
M.get_progress = {
  about = "Tells how far a render is, 0 to 100.",
  method = "GET", path = "editor/progress/{projectId}", page = "reference/progress",
  identity = "projectId",
  fields = { projectId = project_in_path },
  answer = { needs = { "progress", "state", "download_url" } },
}

-- The documentation leaves open where the fields go: they go to both places.
M.create_from_template = {
  about = "Makes a project from a template; nothing is rendered.",
  method = "POST", path = "editor/template/{templateId}",
  page = "reference/create-from-template", identity = "templateId",
  takes = "optional fields", is_in_query_too = true,
  fields = {
    templateId = { type = "id", at = "path", required = true },
    aiName = text,
    clothId = text,
    name = text,
    workspaceId = text,
  },
  answer = project_answer,
}

M.create_from_document = {
  about = "Turns a PDF or PowerPoint file into a project, a scene per page; nothing is rendered.",
  method = "POST", path = "editor/project/pptpdf", body = "form",
  page = "reference/create-from-pdfppt", main = "file", timeout = "long",
  fields = {
    file = { type = "file", at = "form", required = true,
      kinds = { "pdf", "pptx", "ppt" } },
    name = { type = "string", at = "form" },
    workspaceId = { type = "string", at = "form" },
  },
  answer = project_answer,
}

-- `updates` is a flat map: title, subtitles, scripts, each bare or with _N.
M.modify_project = {
  about = "Changes title, subtitle and script texts of a project by tag key.",
  method = "POST", path = "editor/project/modify", page = "reference/modify-project",
  identity = "projectId", is_billed = true, is_deprecated = true,
  fields = {
    projectId = { type = "id", required = true },
    updates = texts_by_tag,
    isExport = { type = "boolean", default = false },
    webhookUrl = text,
  },
  answer = project_answer,
}

M.create_from_template_and_modify = {
  about = "Makes a project from a template and changes its texts by tag key.",
  method = "POST", path = "editor/template/modify",
  page = "reference/create-from-template-and-modify", identity = "templateId",
  is_billed = true, is_deprecated = true,
  fields = {
    templateId = { type = "id", required = true },
    name = text,
    updates = texts_by_tag,
    isExport = { type = "boolean", default = false },
    webhookUrl = text,
  },
  answer = project_answer,
}

return M
