-- SPDX-License-Identifier: MIT
--
-- make_video: builds a project by one of the automation tools and renders it:
-- upload, build, wait, export, wait, download.

local copy = require "aistudios.util.copy"
local download = require "aistudios.workflows.download"
local endpoint_call = require "aistudios.workflows.endpoint_call"
local endpoints = require "aistudios.endpoints"
local finish = require "aistudios.workflows.finish"
local json = require "aistudios.json"
local method = require "aistudios.endpoints.method"
local option_rules = require "aistudios.util.option_rules"

local M = {}

-- What make_video can start from, and the field that a bare value stands for.
local docs = { row = endpoints.docs_to_video, main = "files" }
local scripts = { row = endpoints.scripts_to_video, main = "scripts" }
local sources = {
  docs = docs, document = docs, documents = docs, scripts = scripts, script = scripts,
  topic = { row = endpoints.topic_to_video, main = "topic" },
  url = { row = endpoints.url_to_video, main = "url" },
}

--- The documents that are local files, as a list; nil when they were uploaded before.
local function local_files(source, fields)
  local files = fields.files
  if source ~= docs then return nil end
  if type(files) == "string" or type(files) == "table" and files.path then return { files } end
  local first = type(files) == "table" and files[1]
  if type(first) == "string" or type(first) == "table" and first.path then return files end
end

--- Prepares the upload of local files; what is to follow it is checked as well,
--- and kept as it is now.
local function prepare_upload(client, source, fields, files, chosen)
  local rest = copy(fields)
  rest.files = { { uri = "-", fileName = "-" } } -- what the upload will answer
  local call, err, misuse = method.prepare(client, source.row, rest)
  if not call then return nil, err, misuse end
  rest.files = nil
  local limits = method.call_options(chosen) or {}
  limits.on_progress = chosen.on_progress
  call, err, misuse = method.prepare(client, endpoints.upload_docs, { files = files }, limits)
  return call, err, misuse, json.decode(json.encode(rest))
end

--- Uploads the documents; the prepared build names what the upload answered.
local function upload(job, source, flow)
  job.seen.phase = "upload"
  local uploaded, err = endpoint_call.run(job, flow.upload)
  if not uploaded then return nil, err end
  flow.rest.files = uploaded.uploadResults
  return method.prepare(job.client, source.row, flow.rest, method.call_options(flow.chosen))
end

local function fail(err, phase)
  err.phase = err.phase or phase
  return nil, err
end

local function run(job, source, flow)
  local chosen, build = flow.chosen, flow.build
  job.on_token = chosen.on_token
  local err = chosen.to and download.check_writable(job, chosen.to, chosen.overwrite)
  if err then return fail(err, "upload") end
  if flow.upload then build, err = upload(job, source, flow) end
  if not build then return fail(err, "upload") end
  local id
  id, err = finish.build(job, build, chosen)
  if not id then
    -- An id in an answer that broke off is no build that can be waited for.
    if not err.phase then err.project_id = nil end
    return fail(err, "build")
  end
  return finish.run(job, id, chosen)
end

--- What the caller did wrong, in words.
local function misuse_of(source, fields, chosen)
  if type(fields) ~= "table" then
    return "make_video: a table of fields is expected, got " .. type(fields)
  end
  return option_rules.check_fields("make_video", finish.rules, fields, source.row.fields)
    or finish.check_options("make_video", chosen, source.row.fields)
end

--- Prepares all that can be prepared before anything is sent.
local function prepare(client, source, fields, chosen)
  local flow, misuse = {}, nil
  local kept, err = download.options(chosen, "make_video")
  flow.chosen = kept
  if kept then err, misuse = finish.keep_export(client, kept, "make_video") end
  if err or misuse then return nil, err, misuse end
  local files = local_files(source, fields)
  if files then
    flow.upload, err, misuse, flow.rest =
      prepare_upload(client, source, fields, files, flow.chosen)
  else
    flow.build, err, misuse =
      method.prepare(client, source.row, fields, method.call_options(flow.chosen))
  end
  if err then err.endpoint = "make_video" end
  return flow, err, misuse and misuse:gsub("^[%w_]+", "make_video")
end

--- Makes a video from documents, a topic, a web page or a script.
---@type aistudios.Operation
function M.operation(client, kind, fields, chosen)
  local source = sources[kind]
  if not source then
    return nil, nil, "make_video: the kind must be docs, topic, url or scripts, got "
      .. tostring(kind) .. require "aistudios.util.suggest".hint(kind, sources)
  end
  if type(fields) == "string" or source == docs and type(fields) == "table" and fields[1] then
    fields = { [source.main] = fields }
  end
  local misuse = misuse_of(source, fields, chosen)
  if misuse then return nil, nil, misuse end
  local flow, err
  flow, err, misuse = prepare(client, source, fields, chosen)
  if err or misuse then return nil, err, misuse end
  return function (job) return run(job, source, flow) end
end

return M
