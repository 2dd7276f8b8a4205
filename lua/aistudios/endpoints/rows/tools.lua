-- SPDX-License-Identifier: MIT
--
-- rows.tools: rows of the generators and of dubbing. The addresses that the
-- generators answer with may be removed at any time.

local required_text = { type = "string", required = true, is_filled = true }
local flag_in_form = { type = "boolean", at = "form" }
local file_answer = { needs = { "download_url" }, is_file = true }

---@type table<string, aistudios.Row>
local M = {}

M.generate_text = {
  about = "Writes a script about a topic.",
  method = "POST", path = "tools/text-generator", page = "reference/tools/text-generator",
  main = "topic", is_billed = true, timeout = "long",
  fields = { topic = required_text },
  answer = { needs = { "script" } },
}

M.generate_image = {
  about = "Draws an image about a topic.",
  method = "POST", path = "tools/image-generator",
  page = "reference/tools/image-generator", main = "topic", is_billed = true,
  timeout = "long",
  fields = {
    topic = required_text,
    style = { type = "string",
      enum = { "PHOTOGRAPHIC", "VECTOR_IMAGE", "ILLUSTRATION", "3D" } },
    size = { type = "string", enum = { "LANDSCAPE", "PORTRAIT", "SQUARE" } },
  },
  answer = file_answer,
}

M.generate_video = {
  about = "Makes a clip about a topic.",
  method = "POST", path = "tools/video-generator",
  page = "reference/tools/video-generator", main = "topic", is_billed = true,
  timeout = "long",
  fields = { topic = required_text },
  answer = file_answer,
}

-- The lists of types and languages are open.
M.generate_voice = {
  about = "Speaks a script in a chosen voice.",
  method = "POST", path = "tools/voice-generator",
  page = "reference/tools/voice-generator", is_billed = true, timeout = "long",
  fields = {
    script = required_text,
    model = required_text,
    type = { type = "string", required = true,
      examples = { "deepbrainai", "elevenlabs", "google" } },
    language = { type = "string", required = true,
      examples = { "en", "ko", "ja" } },
  },
  answer = file_answer,
}

-- `targets` is a list of up to ten language codes, `subtitles` one of files
-- for them; they are sent as target_0, targetSrt_0 and so on.
M.translate_video = {
  about = "Dubs a video, a file or a YouTube address, into up to ten languages.",
  method = "POST", path = "automation/translatevideos", body = "form",
  page = "reference/translatevideos", is_billed = true, timeout = "long", main = "file",
  main_address = "url", needs_one = { "file", "url" },
  fields = {
    file = { type = "file", at = "form" },
    url = { type = "string", at = "form", url = "public" },
    original = { type = "string", at = "form" },
    originalSrt = { type = "file", at = "form" },
    ["target_{0..9}"] = { type = "string", at = "form", required = true,
      lists = { "targets", "target" } },
    ["targetSrt_{0..9}"] = { type = "file", at = "form", lists = { "subtitles", "targetSrt" } },
    isDubbingOnly = flag_in_form,
    isRemoveBGM = flag_in_form,
    isCaptionFile = flag_in_form,
    numberOfSpeakers = { type = "string", at = "form", is_count = true, max = 5 },
  },
  answer = { needs = { "folderId" } },
}

M.get_translation_progress = {
  about = "Tells how far the dubbings of one folder are.",
  method = "GET", path = "automation/translatevideos", page = "reference/translatevideos",
  identity = "folderId",
  fields = { folderId = { type = "id", at = "query", required = true } },
  answer = { list = "translations", is_item_project = true },
}

return M
