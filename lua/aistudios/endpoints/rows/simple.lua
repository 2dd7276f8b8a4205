-- SPDX-License-Identifier: MIT
--
-- rows.simple: rows of the lists to choose from, and of the calls that make a
-- video or a voice from one text.

local text = { type = "string" }
local required_text = { type = "string", required = true }
local resolution = { type = "string", enum = { "4k", "1080", "720", "480" } }
local project_answer = { needs = { "project_id" } }

---@type table<string, aistudios.Row>
local M = {}

M.list_models = {
  about = "Lists the avatars that can be used: id, label, avatarType.",
  method = "GET", path = "/api/odin/v3/dropdown/models",
  page = "aistudioV3/reference/models",
  auth = "token", takes = "nothing", is_replayable = true,
  fields = {},
  answer = { list = "models" },
}

M.list_models_detailed = {
  about = "Lists the avatars with labels by language, thumbnails and clothes.",
  method = "GET", path = "/api/odin/v3/model",
  page = "aistudioV3/reference/model-list",
  auth = "token", takes = "nothing", is_replayable = true,
  fields = {},
  answer = { list = "models" },
}

M.list_business_templates = {
  about = "Lists the templates for business videos: id, name.",
  method = "GET", path = "/api/odin/v3/dropdown/templates_business",
  page = "aistudioV3/reference/templates-business",
  auth = "token", takes = "nothing", is_replayable = true,
  fields = {},
  answer = { list = "templates" },
}

-- Stated as POST, with samples that fit GET: the fields go to both places,
-- and a refused POST is asked again as GET.
M.list_automation_templates = {
  about = "Lists the templates for the docs, topic, url and scripts to video tools.",
  method = "POST", path = "/api/odin/v3/dropdown/templates_automation",
  page = "aistudioV3/reference/templates-automation",
  auth = "token", takes = "fields", is_in_query_too = true, fallback = "GET",
  fields = {
    category = { type = "string", required = true,
      enum = { "social", "business", "education" } },
    orientation = { type = "string", enum = { "web", "mobile" } },
    fileBackground = { type = "string", is_flag = true, enum = { "true", "false" } },
  },
  answer = { list = "templates" },
}

M.list_workspaces = {
  about = "Lists the workspaces of the account: workspaceId, workspaceName.",
  method = "GET", path = "/api/odin/v3/dropdown/workspaces",
  page = "aistudioV3/reference/workspaces",
  auth = "token", takes = "nothing", is_replayable = true,
  fields = {},
  answer = { list = "workspaces" },
}

-- Documented with isExport false when it is absent, and used by the tutorials
-- as if it were true: a call that is named after the video asks for one.
M.create_simple_video = {
  about = "Makes a chroma-key video of one avatar that speaks one text.",
  method = "POST", path = "/api/odin/v3/simple/video",
  page = "aistudioV3/reference/simple-video",
  auth = "token", takes = "fields", is_billed = true,
  fields = {
    language = required_text,
    text = required_text,
    model = required_text,
    clothes = required_text,
    ttsType = { type = "object" },
    isExport = { type = "boolean", default = true },
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

-- The address in the answer may be removed at any time.
M.create_simple_audio = {
  about = "Speaks a text in the voice of an avatar and answers with an address.",
  method = "POST", path = "/api/odin/v3/simple/audio",
  page = "aistudioV3/reference/simple-audio",
  auth = "token", takes = "fields", is_billed = true, timeout = "long",
  fields = {
    language = required_text,
    text = required_text,
    model = required_text,
    tts = { type = "object" },
  },
  answer = { needs = { "download_url" }, is_file = true },
}

M.create_simple_custom = {
  about = "Makes a video of a custom avatar that speaks one text.",
  method = "POST", path = "/api/odin/v3/simple/custom",
  page = "aistudioV3/reference/simple-custom",
  auth = "token", takes = "fields", is_billed = true,
  fields = {
    language = required_text,
    text = required_text,
    model = required_text,
    isExport = { type = "boolean", default = true },
    workspaceId = text,
    resolution = resolution,
    webhookUrl = text,
  },
  answer = project_answer,
}

return M
