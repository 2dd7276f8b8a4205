---@meta
-- SPDX-License-Identifier: MIT
--
-- The sandbox's options, settings and faults, for editors; never loaded. Written by
-- `make annotations` from sandbox/options.lua, fault_options.lua and fault_kinds.lua:
-- change those.
-- luacheck: ignore
---@class aistudios.sandbox.Settings
---@field build_seconds? number  how long a tool builds a project; as long as a render when absent
---@field download_bytes? integer  the size of the videos; the plain one is 11,806 bytes
---@field download_rate? number  of one download, at most; no limit when absent
---@field generated_seconds? number  how long a generated file can be fetched; 3600 when absent
---@field jitter? number  the part of render_seconds by which renders differ; a number from 0 to 1; 0 when absent
---@field list_lag? number  until list_projects shows a project whose render was started; 0 when absent
---@field rate_limit? integer  more are answered 429; no limit when absent; a number of calls in a second from 1 up
---@field render_seconds? number  how long a render takes; 2 when absent
---@field shape? "documented"|"observed"  answers as the pages' tables have them, or as clients met them; "documented" when absent
---@field simple_video_exports? boolean  whether create_simple_video renders when isExport is not there: true as the vendor's samples assume, false as its table says; true when absent
---@field stuck_at? number  renders get no further than that; a number from 0 to 100
---@field token_seconds? number  how long a token is valid; 86400 when absent

---@class aistudios.sandbox.WorldOptions: aistudios.sandbox.Settings
---@field app_id? string  the AppId that it knows; "sandbox-app" when absent
---@field clock? string|{ mode?: string, time?: string|number, offset?: number }  "real" when absent
---@field jwt? boolean  whether tokens are JSON Web Tokens with an `exp`; false when absent
---@field seed? integer  what ids, tokens, jitter and random faults follow from; random when absent
---@field user_key? string  the UserKey that belongs to it; "5a4d6f78-0000-4000-8000-73616e64626f" when absent

---@class aistudios.sandbox.Options: aistudios.sandbox.WorldOptions
---@field admin_port? integer  of the admin interface, 0: any that is free; none when absent; it has no TLS; an integer from 0 to 65535
---@field host? string  to listen on; "127.0.0.1" when absent
---@field max_body? integer  the largest body of a request; 268435456 when absent
---@field port? integer  0: any that is free; an integer from 0 to 65535; 0 when absent
---@field scenario? string|table  what goes wrong from the start on
---@field tls? { cert: string, key: string }  each the path of a PEM file or its text

---@alias aistudios.sandbox.FaultTarget
---| "any"
---| "confirm_auth"
---| "create_custom_avatar"
---| "create_dream_avatar"
---| "create_from_document"
---| "create_from_template"
---| "create_from_template_and_modify"
---| "create_project"
---| "create_session_token"
---| "create_simple_audio"
---| "create_simple_custom"
---| "create_simple_video"
---| "create_voice_clone"
---| "delete_projects"
---| "docs_to_video"
---| "download"
---| "edit_project"
---| "export_project"
---| "generate_image"
---| "generate_text"
---| "generate_video"
---| "generate_voice"
---| "get_automation_progress"
---| "get_progress"
---| "get_project"
---| "get_session"
---| "get_token"
---| "get_translation_progress"
---| "list_automation_templates"
---| "list_business_templates"
---| "list_models"
---| "list_models_detailed"
---| "list_projects"
---| "list_sessions"
---| "list_workspaces"
---| "modify_project"
---| "scripts_to_video"
---| "start_session"
---| "stop_session"
---| "talk"
---| "topic_to_video"
---| "translate_video"
---| "upload_docs"
---| "url_to_video"

---@class aistudios.sandbox.AnyFault
---@field on aistudios.sandbox.FaultTarget
---@field nth? integer  a count from 1
---@field probability? number  a number from 0 to 1
---@field times? "always"|integer  a count from 1, or "always"

--- Does the call, answers without the envelope.
---@class aistudios.sandbox.fault.bare_list: aistudios.sandbox.AnyFault
---@field kind "bare_list"

--- Ends the render, answers 100 % without an address.
---@class aistudios.sandbox.fault.done_without_url: aistudios.sandbox.AnyFault
---@field kind "done_without_url"

--- Does the call, then closes without an answer.
---@class aistudios.sandbox.fault.drop_after_read: aistudios.sandbox.AnyFault
---@field kind "drop_after_read"

--- Closes the connection before the call is read or done.
---@class aistudios.sandbox.fault.drop_before_read: aistudios.sandbox.AnyFault
---@field kind "drop_before_read"

--- Ends the token of the call, answers 401.
---@class aistudios.sandbox.fault.expired_token: aistudios.sandbox.AnyFault
---@field kind "expired_token"

--- Of a download: answers 403; so does this address from now on, and get_progress gives another.
---@class aistudios.sandbox.fault.expired_url: aistudios.sandbox.AnyFault
---@field kind "expired_url"

--- Does the call, answers `bytes` (100 MiB) of no JSON.
---@class aistudios.sandbox.fault.huge: aistudios.sandbox.AnyFault
---@field kind "huge"
---@field bytes? integer  a count from 1
---@field status? integer  an HTTP status from 200 to 599

--- Does the call, answers HTML with `status` (200).
---@class aistudios.sandbox.fault.not_json: aistudios.sandbox.AnyFault
---@field kind "not_json"
---@field body? string
---@field headers? table<string, string>  a table: name, value
---@field retry_after? string|number|false  seconds, the text of a date, or false
---@field status? integer  an HTTP status from 200 to 599

--- Does the call, sends half of the answer, resets the connection.
---@class aistudios.sandbox.fault.reset_mid_body: aistudios.sandbox.AnyFault
---@field kind "reset_mid_body"

--- Does the call, answers after `seconds` (1).
---@class aistudios.sandbox.fault.slow: aistudios.sandbox.AnyFault
---@field kind "slow"
---@field seconds? number  a number of seconds

--- Does the call, sends half of the answer and nothing more for `seconds` (3600).
---@class aistudios.sandbox.fault.stall: aistudios.sandbox.AnyFault
---@field kind "stall"
---@field seconds? number  a number of seconds

--- Answers `status` (500) in the API's envelope; does the call only with `act = true`. With `from = "gateway"` a cache's page of HTML (503, Retry-After 5), which says nothing of what became of the call.
---@class aistudios.sandbox.fault.status: aistudios.sandbox.AnyFault
---@field kind "status"
---@field act? boolean
---@field body? string
---@field code? string|number  a string or a number
---@field from? "api"|"gateway"  "api" or "gateway"
---@field headers? table<string, string>  a table: name, value
---@field message? string
---@field retry_after? string|number|false  seconds, the text of a date, or false
---@field status? integer  an HTTP status from 200 to 599

--- Does nothing, answers 200 with success: false.
---@class aistudios.sandbox.fault.success_false: aistudios.sandbox.AnyFault
---@field kind "success_false"
---@field body? string
---@field code? string|number  a string or a number
---@field message? string
---@field status? integer  an HTTP status from 200 to 599

--- Does the call, sends half of the answer and closes.
---@class aistudios.sandbox.fault.truncated: aistudios.sandbox.AnyFault
---@field kind "truncated"

--- Does the call, answers with a `state` that nobody documented.
---@class aistudios.sandbox.fault.unknown_state: aistudios.sandbox.AnyFault
---@field kind "unknown_state"
---@field state? string

--- Of a call that renders: its first webhook is sent and answered before the call is.
---@class aistudios.sandbox.fault.webhook_before_answer: aistudios.sandbox.AnyFault
---@field kind "webhook_before_answer"

--- Of a call that renders: its webhooks are not sent.
---@class aistudios.sandbox.fault.webhook_lost: aistudios.sandbox.AnyFault
---@field kind "webhook_lost"

--- Of a call that renders: sends its webhooks in another order.
---@class aistudios.sandbox.fault.webhook_out_of_order: aistudios.sandbox.AnyFault
---@field kind "webhook_out_of_order"

--- Of a call that renders: sends each webhook twice.
---@class aistudios.sandbox.fault.webhook_twice: aistudios.sandbox.AnyFault
---@field kind "webhook_twice"

---@alias aistudios.sandbox.Fault
---| aistudios.sandbox.fault.bare_list
---| aistudios.sandbox.fault.done_without_url
---| aistudios.sandbox.fault.drop_after_read
---| aistudios.sandbox.fault.drop_before_read
---| aistudios.sandbox.fault.expired_token
---| aistudios.sandbox.fault.expired_url
---| aistudios.sandbox.fault.huge
---| aistudios.sandbox.fault.not_json
---| aistudios.sandbox.fault.reset_mid_body
---| aistudios.sandbox.fault.slow
---| aistudios.sandbox.fault.stall
---| aistudios.sandbox.fault.status
---| aistudios.sandbox.fault.success_false
---| aistudios.sandbox.fault.truncated
---| aistudios.sandbox.fault.unknown_state
---| aistudios.sandbox.fault.webhook_before_answer
---| aistudios.sandbox.fault.webhook_lost
---| aistudios.sandbox.fault.webhook_out_of_order
---| aistudios.sandbox.fault.webhook_twice
