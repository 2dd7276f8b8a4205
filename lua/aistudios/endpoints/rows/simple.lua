-- SPDX-License-Identifier: MIT
--
-- rows.simple: rows of the lists to choose from, and of the calls that make a
-- video or a voice from one text.

local text = { type = "string" }
local required_text = { type = "string", required = true, is_filled = true }
local resolution = { type = "string", enum = { "4k", "1080", "720", "480" } }
local project_answer = { needs = { "project_id" } }

---@type table<string, aistudios.Row>
local M = {}

M.list_models = {
  about = "Lists the avatars that can be used: id, label, avatarType.",
  method = "GET", path = "dropdown/models", page = "reference/models",
  answer = { list = "models" },
}

M.list_models_detailed = {
  about = "Lists the avatars with labels by language, thumbnails and clothes.",
  method = "GET", path = "model", page = "reference/model-list",
  answer = { list = "models" },
}

M.list_business_templates = {
  about = "Lists the templates for business videos: id, name.",
  method = "GET", path = "dropdown/templates_business",
  page = "reference/templates-business",
  answer = { list = "templates" },
}

-- Stated as POST, with samples that fit GET: the fields go to both places,
-- and a refused POST is asked again as GET.
M.list_automation_templates = {
  about = "Lists the templates for the docs, topic, url and scripts to video tools.",
  method = "POST", path = "dropdown/templates_automation",
  page = "reference/templates-automation", is_in_query_too = true, fallback = "GET",
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
  method = "GET", path = "dropdown/workspaces", page = "reference/workspaces",
  answer = { list = "workspaces" },
}

-- Documented with isExport false when it is absent, and used by the tutorials
-- as if it were true: a call that is named after the video asks for one.
M.create_simple_video = {
  about = "Makes a chroma-key video of one avatar that speaks one text.",
  method = "POST", path = "simple/video", page = "reference/simple-video",
  is_billed = true,
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
  method = "POST", path = "simple/audio", page = "reference/simple-audio",
  is_billed = true, timeout = "long",
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
  method = "POST", path = "simple/custom", page = "reference/simple-custom",
  is_billed = true,
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
