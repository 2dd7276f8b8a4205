---@meta
-- SPDX-License-Identifier: MIT
--
-- The methods that are more than one call of the API, for editors; never
-- loaded. They are made of the operations in operations.lua.
-- luacheck: ignore

---@class aistudios.Client
local Client = {}
---@class aistudios.Async
local Async = {}

---@class aistudios.Video: aistudios.Result
---@field project_id string
---@field download_url string
---@field progress number   100
---@field path? string      with the option `to`
---@field size? integer     bytes of the file

---@class aistudios.Download
---@field path string
---@field size integer      bytes of the file
---@field download_url string

--- Creates a project, waits for its video and, with `options.to`, brings it home.
--- An error that has a `project_id` came after the project was made: go on with
--- `wait_for_video`, for rendering again costs again. `phase` says where it failed.
---@param project aistudios.Project
---@param options? aistudios.RenderOptions
---@return aistudios.Video? result
---@return aistudios.Error? err
function Client:render(project, options) end

--- Like `client:render`, but returns a job at once.
---@param project aistudios.Project
---@param options? aistudios.RenderOptions
---@return aistudios.Job job
function Async:render(project, options) end

--- Waits until a render is at 100 per cent and has a download_url. Fails with kind
--- `timeout` at the deadline, `stalled` when nothing moves, `api` when the state
--- looks like a failure. With `options.to` it brings the film home.
---@param id string  the project's
---@param options? aistudios.RenderOptions
---@return aistudios.Video? result
---@return aistudios.Error? err
function Client:wait_for_video(id, options) end

--- Like `client:wait_for_video`, but returns a job at once.
---@param id string  the project's
---@param options? aistudios.RenderOptions
---@return aistudios.Job job
function Async:wait_for_video(id, options) end

--- Waits until one of the X-to-video tools has built its project, which is then to
--- be exported.
---@param id string  the project's
---@param options? aistudios.WaitOptions
---@return aistudios.Result? result
---@return aistudios.Error? err
function Client:wait_for_build(id, options) end

--- Like `client:wait_for_build`, but returns a job at once.
---@param id string  the project's
---@param options? aistudios.WaitOptions
---@return aistudios.Job job
function Async:wait_for_build(id, options) end

--- Waits until every target of a dubbing is there. `on_progress` sees them one by
--- one in `items`. Each has its `target`: the language that was asked for. With
--- `options.to`, "out/{language}.mp4", it brings the films home; each has its `path`.
---@param folder_id string
---@param options? aistudios.TranslationOptions
---@return aistudios.result.get_translation_progress? result
---@return aistudios.Error? err
function Client:wait_for_translations(folder_id, options) end

--- Like `client:wait_for_translations`, but returns a job at once.
---@param folder_id string
---@param options? aistudios.TranslationOptions
---@return aistudios.Job job
function Async:wait_for_translations(folder_id, options) end

--- Brings a file home, without credentials. It is written to `path.part` and named
--- when it is whole; an earlier part is continued. Where the path is a symbolic link,
--- the file that it leads to is written or replaced, with the part beside that, and the
--- link stays. A path that cannot be written fails before anything is sent. Empty answers,
--- web pages and JSON are refused, and so is an MP4 that is cut off. A function brings the
--- address, and another one each time that it is refused, for two minutes.
---@param url string|fun(): string|aistudios.Job|table
---@param path string
---@param options? aistudios.DownloadOptions
---@return aistudios.Download? result
---@return aistudios.Error? err
function Client:download(url, path, options) end

--- Like `client:download`, but returns a job at once.
---@param url string|fun(): string|aistudios.Job|table
---@param path string
---@param options? aistudios.DownloadOptions
---@return aistudios.Job job
function Async:download(url, path, options) end

--- Builds a project from documents, a topic, a web page or a script, exports it,
--- waits and, with `options.to`, brings the video home. Documents that are paths
--- are uploaded first.
---@param kind "docs"|"document"|"documents"|"topic"|"url"|"scripts"|"script"
---@param fields table|string  of docs_to_video, topic_to_video, url_to_video or scripts_to_video;
---  a text is the topic, the address, the script or a document's path
---@param options? aistudios.FlowOptions
---@return aistudios.Video? result
---@return aistudios.Error? err
function Client:make_video(kind, fields, options) end

--- Like `client:make_video`, but returns a job at once.
---@param kind "docs"|"document"|"documents"|"topic"|"url"|"scripts"|"script"
---@param fields table|string  of docs_to_video, topic_to_video, url_to_video or scripts_to_video;
---  a text is the topic, the address, the script or a document's path
---@param options? aistudios.FlowOptions
---@return aistudios.Job job
function Async:make_video(kind, fields, options) end

--- Goes on with what a job of another process, or of this one, was about. Give it
--- the newest token. What was sent before is looked for, every `interval` until
--- `deadline`, 100 times at most, and never sent again: when there is no trace of it
--- the outcome is `unknown`. So it is when the token may be older than an export;
--- `is_newest` says that it is not.
---@param token string  of job:token(), `on_token` or err.resume_token
---@param options? aistudios.ResumeOptions
---@return table? result
---@return aistudios.Error? err
function Client:resume(token, options) end

--- Like `client:resume`, but returns a job at once.
---@param token string  of job:token()
---@param options? aistudios.ResumeOptions
---@return aistudios.Job job
function Async:resume(token, options) end

--- The catalogue of avatars with their clothes and languages, kept for an hour; `find`
--- takes an id or a label, `by_language` a code. The table is the caller's own.
---@param options? aistudios.CallOptions
---@return aistudios.Models? result
---@return aistudios.Error? err
function Client:models(options) end

--- Like `client:models`, but returns a job at once.
---@param options? aistudios.CallOptions
---@return aistudios.Job job
function Async:models(options) end

--- Starts a live avatar session. It is billed until it is stopped: by `close`, at
--- the end of its block (`<close>`), when it is forgotten, when its client closes.
---@param fields aistudios.fields.start_session
---@param options? aistudios.SessionOptions
---@return aistudios.Session? result
---@return aistudios.Error? err
function Client:session(fields, options) end

--- Like `client:session`, but returns a job at once.
---@param fields aistudios.fields.start_session
---@param options? aistudios.SessionOptions
---@return aistudios.Job job
function Async:session(fields, options) end
