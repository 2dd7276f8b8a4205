---@meta aistudios.core
-- SPDX-License-Identifier: MIT
--
-- What the C core gives to the Lua side. A description for editors; never loaded.
-- luacheck: ignore

local core = {}

---@type string  the libcurl that this was built with
core.libcurl = nil

---@type fun(): number  seconds on a clock that never goes back
core.now = nil
---@type fun(): number  in [0, 1), from the system's randomness
core.random = nil

--- A path that names the same file whatever the working directory will be; or nil, message.
---@type fun(path: string): string?, string?
core.absolute = nil

--- Takes the debug hook, which a coroutine has from its maker, from it.
---@param co thread
function core.unhook(co) end

--- Calls a function that does not yield in a coroutine that has ended. An error is raised
--- again; the coroutine is of no use after that.
---@type fun(co: thread, f: (fun(a: any, b: any): any, any), a: any, b: any): any, any
core.call_in = nil

--- Calls a function while the Lua state may hold at most so much more memory
--- than before; beyond that the function ends with "not enough memory".
---@param bytes integer
---@param chunk fun(): any  without arguments; may not yield
---@return boolean ok
---@return any value  or the error
function core.with_memory_limit(bytes, chunk) end

--- Writes a value as JSON.
---@param value any
---@param options? aistudios.EncodeOptions
---@return string? text
---@return string? message  what is wrong
---@return string? path     and where
---@return any culprit
function core.encode(value, options) end

---@class aistudios.core.Body: userdata  immutable bytes; `#body` is their number

--- The same into bytes that the I/O thread takes over without a copy.
---@param value any
---@param schema? userdata  of `core.schema`
---@return aistudios.core.Body? body
---@return boolean|string is_clean  the value is surely as the schema has it, and has no
--- `{{` in a string or a name; without a body what is wrong
---@return boolean|string is_documented  all its names are of the schema, and null stands
--- only where it may; without a body where it is wrong
---@return any culprit
function core.marshal(value, schema) end

--- Reads JSON text: null as `null`, integral numbers as integers, an empty list
--- marked as one. Strict; an answer of the service is read as well as it can be, and
--- then integers beyond 64 bits are the string of their digits.
---@param text string
---@param is_answer? boolean
---@return any value        nil: it is no JSON
---@return string? message
function core.decode(text, is_answer) end

--- A deep copy of what `decode` returned, without nulls; those of lists too.
---@param value any
---@return any value
function core.without_nulls(value) end

--- Tells the writer about values and names; once per Lua state.
---@param setup { lists: table<string, true|string>? }
---@return lightuserdata null
function core.setup(setup) end

--- A schema for `core.marshal` and `core.check`. Enumerations are of strings.
---@param rule aistudios.project.Field  of a table, as project.schema has them
---@param validators table<string, fun(text: string): boolean>  by the `url` of a rule:
--- asked about a text without blanks and control characters; they change nothing
---@return userdata schema
function core.schema(rule, validators) end

--- As `core.marshal`, without the body.
---@param value any
---@param schema userdata
---@return boolean? is_clean  nil: the value has no JSON form
---@return boolean|string is_documented
function core.check(value, schema) end

---@type fun(format: string, ...: any): string  see util.decimal
core.format = nil
---@type fun(text: string): number  its width on one line, in font sizes
core.text_width = nil
--- At most so many lines, limit font sizes wide, as a browser breaks them; the widest word.
---@type fun(text: string, limit: number, most?: integer): string[], number
core.text_lines = nil
--- How many lines `core.text_lines` makes, and `widest`.
---@type fun(text: string, limit: number): integer, number
core.text_extent = nil
--- See csrc/lua/fields.h, csrc/lua/text.h and csrc/lua/scene.h.
function core.number_reader(farthest) end
function core.field_text(owner, key, default) end
function core.text_alphabets(text) end
function core.text_sentences(text, most, has_ordinals) end
function core.text_squeezed(text) end
function core.text_length(text) end
function core.text_valid(text) end
function core.text_escaped(text) end
function core.scene_checker(colors, alphabets, aligns, linear) end

--- Marks a table as a list.
---@generic T: table
---@param t T
---@return T t
function core.array(t) end

--- Marks a table as an object.
---@generic T: table
---@param t T
---@return T t
function core.object(t) end

---@class aistudios.core.Config  seconds; 0 is no limit
---@field app_id? string
---@field user_key? string
---@field token? string          issued elsewhere
---@field token_store? string    a path; processes share the token in it
---@field token_url? string
---@field connect_timeout? number  of a token's request (10)
---@field stall_timeout? number    (30)
---@field total_timeout? number    (120)
---@field retries? integer         of a token's request (2)
---@field max_in_flight? integer   (16)
---@field max_response_bytes? integer  (64 MiB)
---@field ca_file? string
---@field proxy? string
---@field user_agent? string

--- A client of the process's I/O thread. Raises for want of memory only.
---@param config aistudios.core.Config
---@return aistudios.core.Client? client
---@return string? message  why there is none: no thread or descriptor is left
function core.client(config) end

---@class aistudios.core.Part  of a multipart body: a text or a file
---@field name string
---@field value? string
---@field path? string
---@field filename? string
---@field type? string

---@class aistudios.core.Request  seconds; nil or 0 is no limit
---@field method? string
---@field url? string
---@field try_file? boolean      sends nothing: can the file `to` be written? needs no method and url
---@field auth? "token"          attach the access token, fetched first where there is none
---@field refused_token? integer that token, or an older one, will not do: fetch another
---@field headers? string[]      whole lines
---@field body? aistudios.core.Body
---@field parts? aistudios.core.Part[]  instead of `body`
---@field replayable? boolean    may be sent twice (true for GET, HEAD and DELETE); else over HTTP/1.1
---@field to? string             a file for a 2xx body, written as `to.part` until it is whole
---@field resume? boolean        go on with a part whose ETag is known, and leave one behind
---@field overwrite? boolean     false: `to` must not exist
---@field mp4? boolean           refuse what is no whole MP4 file
---@field markup? boolean        HTML and XML are what is wanted, no error page
---@field json? boolean          JSON is what is wanted, no error object
---@field follow? integer        redirects to follow (0)
---@field connect_timeout? number
---@field stall_timeout? number
---@field total_timeout? number
---@field max_response_bytes? integer

---@alias aistudios.core.Failure
---| "resolve" | "connect" | "proxy" | "descriptors" | "tls" | "timeout" | "stall" | "network"
---| "protocol" | "too_large" | "cancelled" | "closed" | "file" | "auth" | "memory"

---@class aistudios.core.AuthFailure
---@field failure? aistudios.core.Failure
---@field message? string   one line
---@field location? string  where it redirects to
---@field status? integer
---@field body? string      its first bytes, without the key
---@field attempts integer
---@field retry_after? number  seconds that the service asks to wait, what is left of them
---@field sent boolean

---@class aistudios.core.Response
---@field failure? aistudios.core.Failure  nil: a whole answer, whatever its status
---@field message? string       one line without secrets
---@field sent boolean          some of the request may have reached the server
---@field status? integer
---@field body? string          in memory, or the start of an error's body
---@field headers table<string, string>  lower-case names; those that matter
---@field path? string          the file, when it is whole
---@field size? integer         its bytes
---@field renewable? boolean    401: submitting again gets another token
---@field token? integer        the number of the access token that it was sent with
---@field token_problem? string  why the token_store is not used; one line
---@field auth? aistudios.core.AuthFailure  how the token's request ended, for `auth`
---@field bytes_sent integer
---@field bytes_received integer
---@field reused boolean        the connection had served before
---@field http_version? "1.1"|"2"
---@field timing { dns: number, connect: number, tls: number, first_byte: number, total: number }

---@class aistudios.core.Transfer: userdata
local transfer = {}

--- Asks for an early end; the completion follows. Idempotent.
function transfer:cancel() end

--- Lets go of it, once its completion was dropped. Idempotent.
function transfer:close() end

--- Bytes so far and in all.
---@return integer received
---@return integer? expected
---@return integer sent
---@return integer? to_send
function transfer:progress() end

---@class aistudios.core.Stats
---@field queued integer         on their way: waiting or running
---@field running integer
---@field completed integer
---@field token_fetches integer  of all who share the credentials
---@field bytes_sent integer
---@field bytes_received integer
---@class aistudios.core.Prepared: userdata
---@class aistudios.core.Client: userdata  raises when it is used after a fork, in the child
local client = {}
---@type aistudios.core.Client  its methods; called from here they are not looked up each time
core.client_methods = client

--- Reads a request without a body once for many calls of `submit`.
---@param request aistudios.core.Request
---@return aistudios.core.Prepared
function client:prepare(request) end

--- Hands a request to the I/O thread. Never waits. What follows the request takes the
--- place of its own.
---@param id integer  the caller's own name for it
---@param request aistudios.core.Request|aistudios.core.Prepared
---@param body? aistudios.core.Body
---@param total_timeout? number    seconds; 0: none
---@param refused_token? integer
---@return aistudios.core.Transfer? transfer
---@return string? message  the client is closed, or too much is queued
function client:submit(id, request, body, total_timeout, refused_token) end

--- The oldest completion, which stays the oldest until it is dropped. Never waits.
---@param wants_id? boolean  and no response
---@return integer? id
---@return aistudios.core.Response? response
function client:peek(wants_id) end

--- Its answer, if that is a good one to a `brief` request in the usual envelope.
---@return table? raw
---@return table? data  a copy of `raw.data` without nulls
function client:answer() end

--- The completion with this id was delivered; nothing is dropped when it is not the oldest.
---@param id integer
---@return integer? id  of the oldest one now
function client:drop(id) end

--- Was it made by another process, before a fork?
---@return boolean
function client:is_foreign() end

---@return boolean?  is there a reason to call `peek`? nil: the client is foreign, or gone
function client:ready() end

--- Waits until `peek` has something.
---@param seconds? number  nil: for ever
---@return boolean  false: the time was over, or a signal came
function client:wait(seconds) end

--- A text without this client's key and tokens, and without at most 8 other secrets.
---@param text string
---@param secrets? string[]
---@param most? integer  bytes of the answer that are needed; some more may come
---@return string
function client:redact(text, secrets, most) end

--- Readable when `peek` has something.
---@return integer fd
function client:fd() end

---@return aistudios.core.Stats
function client:stats() end

--- Ends what runs and waits until the I/O thread let go. Idempotent.
function client:close() end

return core
