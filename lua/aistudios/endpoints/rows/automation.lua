-- SPDX-License-Identifier: MIT
--
-- rows.automation: rows of the tools that build a project from documents, a
-- topic, a web page or a script. They build only: export_project renders.

local copy = require "aistudios.util.copy"

local text = { type = "string" }
local flag = { type = "boolean" }
local required_text = { type = "string", required = true, is_filled = true }
local page_address = { type = "string", required = true, url = "public" }
local built = { needs = { "project_id" } }

--- The options that the tools share, and `more` of their own.
local function options(more)
  return { type = "object", fields = copy(more, {
    language = text,
    objective = text,
    audience = text,
    tone = text,
    speed = { type = "number", min = 0.5, max = 1.5 },
    media = { type = "string",
      enum = { "search", "free", "premium", "generative" } },
    useGenerativeHighQuality = flag,
    style = { type = "string", enum = {
      "realistic", "digitalPainting", "sketch", "oilPainting", "pixelArt",
      "watercolor", "lowPoly", "cyberpunk", "fantasy", "anime",
    } },
    templateId = text,
    model = text,
    voiceOnly = flag,
  }) }
end

local duration = { type = "integer", enum = { 30, 60, 90, 120, 150, 180 } }

---@type table<string, aistudios.Row>
local M = {}

M.upload_docs = {
  about = "Uploads documents for docs_to_video.",
  method = "POST", path = "automation/docs-to-video/upload-files",
  page = "reference/tools/docs-to-video", body = "form", main = "files", timeout = "long",
  fields = {
    files = { type = "file", at = "form", required = true, is_repeated = true,
      kinds = { "txt", "pdf", "xls", "xlsx", "doc", "docs", "docx", "pptx", "ppt" } },
  },
  answer = { needs = { "uploadResults" } },
}

-- `files` is the uploadResults of upload_docs.
M.docs_to_video = {
  about = "Builds a project from uploaded documents.",
  method = "POST", path = "automation/docs-to-video",
  page = "reference/tools/docs-to-video", is_billed = true,
  fields = {
    files = { type = "list", required = true, is_filled = true, items = {
      type = "object", fields = { uri = required_text, fileName = required_text },
    } },
    options = options {},
  },
  answer = built,
}

M.topic_to_video = {
  about = "Builds a project from a topic.",
  method = "POST", path = "automation/topic_to_video",
  page = "reference/tools/topic-to-video", main = "topic", is_billed = true,
  fields = { topic = required_text, options = options { duration = duration } },
  answer = built,
}

M.url_to_video = {
  about = "Builds a project from a web page.",
  method = "POST", path = "automation/url_to_video",
  page = "reference/tools/url-to-video", main = "url", is_billed = true,
  fields = { url = page_address, options = options { duration = duration } },
  answer = built,
}

-- `scripts` is one text, although the name is a plural.
M.scripts_to_video = {
  about = "Builds a project from a written script.",
  method = "POST", path = "automation/scripts_to_video",
  page = "reference/tools/scripts-to-video", main = "scripts", is_billed = true,
  fields = {
    scripts = required_text,
    options = options {
      duration = duration,
      scriptOption = { type = "string", enum = { "ai", "original" } },
    },
  },
  answer = built,
}

-- It is done when `state` is "finish" and `progress` 100.
M.get_automation_progress = {
  about = "Tells how far the building of a project is.",
  method = "GET", path = "automation/progress", page = "reference/tools/topic-to-video",
  identity = "projectId",
  fields = { projectId = { type = "id", at = "query", required = true } },
  answer = { needs = { "progress", "state" } },
}

return M
