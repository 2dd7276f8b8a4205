-- SPDX-License-Identifier: MIT
--
-- batch.report: what became of every row, as one page of HTML that loads
-- nothing from elsewhere, and as JSON lines. Both are written a row at a time,
-- beside their place, and renamed.

local aistudios = require "aistudios"
local format = require "aistudios.util.decimal".format
local states = require "aistudios.batch.states"

local M = {}

local STYLE = [[
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
h1{font-size:1.4rem} h2{font-size:1.1rem;margin-top:2rem}
table{border-collapse:collapse;width:100%} th,td{text-align:left;padding:.3rem .6rem;
vertical-align:top;border-bottom:1px solid #8884;overflow-wrap:anywhere}
.counts td:first-child{width:12rem} .unknown{background:#f0a02033} .failed{background:#d0303022}
video{max-width:20rem;max-height:12rem} code{font-size:.9em}]]

local titles = {
  unknown = "Unknown: it may have been bought. Look at the account, then say so with "
    .. "aistudios batch resolve",
  failed = "Failed", waiting = "Waiting", claimed = "In work, not bought",
  submitting = "Being sent",
  rendering = "Bought, being rendered", ready = "Rendered, not fetched yet",
  downloading = "Being downloaded", done = "Done", cancelled = "Cancelled",
}

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
  ["'"] = "&#39;" }

local function escape(value)
  return (tostring(value == nil and "" or value):gsub("[&<>\"']", entities)
    :gsub("[%z\1-\8\11\12\14-\31]", "\u{FFFD}"))
end

-- A relative address of a file below the page; no scheme can come of it.
local function address(path)
  local plain = path:gsub("[^%w/._~-]", function (char) return ("%%%02X"):format(char:byte()) end)
  return path:sub(1, 1) == "/" and "file://" .. plain or "./" .. plain
end

local function write_row(write, row)
  local film = ""
  if row.state == "done" and row.path then
    film = ('<video controls preload="none" src="%s"></video><br><a href="%s">%s</a>')
      :format(escape(address(row.path)), escape(address(row.path)), escape(row.path))
  elseif row.path then
    film = escape(row.path)
  end
  write(("<tr class=%s><td>%d<td>%s<td>%s<td><code>%s</code><td>%s<td>%s</tr>\n"):format(row.state,
    row.number, escape(row.key), escape(row.money), escape(row.project_id),
    escape(row.message), film))
end

local function write_counts(write, status)
  write "<table class=counts>"
  for _, name in ipairs(states.names) do
    if status.counts[name] > 0 then
      write(("<tr class=%s><td>%s<td>%d</tr>"):format(name, name, status.counts[name]))
    end
  end
  write(("<tr><td>all rows<td>%d</tr></table>\n<p>Videos bought: %d, reserved: %d%s.%s</p>\n")
    :format(status.total, status.spent_jobs, status.reserved_jobs,
      status.max_jobs and (", at most: %d"):format(status.max_jobs) or "",
      status.spent_credits > 0 and format(" Credits: %g.", status.spent_credits) or ""))
end

local function write_page(batch, write)
  local status = assert(batch:status())
  write(('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    .. '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    .. "style-src 'unsafe-inline'; media-src 'self' file:\">"
    .. '<meta name="viewport" content="width=device-width"><title>Batch %s</title>'
    .. "<style>%s</style></head><body>\n<h1>Batch %s</h1>\n"):format(escape(batch.id), STYLE,
      escape(batch.id)))
  write_counts(write, status)
  for _, event in ipairs(assert(batch:late_events())) do
    write(("<p class=unknown>Row %d was bought%s, in its attempt %d, of which somebody had said "
      .. "otherwise.</p>\n"):format(event.number, event.project_id
      and (" as <code>%s</code>"):format(escape(event.project_id)) or "", event.attempt))
  end
  for _, name in ipairs(states.names) do
    if status.counts[name] > 0 then
      write(("<h2>%s</h2>\n<table><tr><th>Row<th>Key<th>Money<th>Project<th>Message<th>Film</tr>\n")
        :format(titles[name]))
      for row in batch:rows(name) do write_row(write, row) end
      write "</table>\n"
    end
  end
  write "</body></html>\n"
end

local function write_lines(batch, write)
  for row in batch:rows() do
    write(assert(aistudios.encode({
      row = row.number, key = row.key, state = row.state, money = row.money, path = row.path,
      project_id = row.project_id, name = row.name, attempt = row.attempt, bytes = row.bytes,
      credit = row.credit, message = row.message,
      fields = aistudios.decode(row.fields),
    }, { sort_keys = true })) .. "\n")
  end
end

-- Writes a file whole or not at all.
local function write_file(path, f)
  local part = path .. ".part"
  local file, message = io.open(part, "wb")
  if not file then return nil, message end
  local ok, cause = pcall(f, function (text)
    local written, why = file:write(text)
    if not written then error(why, 0) end
  end)
  local closed, why = file:close()
  if ok and closed then
    ok, cause = os.rename(part, path)
  end
  if ok then return true end
  os.remove(part)
  return nil, ("%s: %s"):format(path, tostring(cause or why))
end

--- Writes the page.
---@param batch aistudios.Batch
---@param path string
---@return true? ok
---@return string? message
function M.html(batch, path)
  return write_file(path, function (write) write_page(batch, write) end)
end

--- Writes a JSON line for each row.
---@param batch aistudios.Batch
---@param path string
---@return true? ok
---@return string? message
function M.manifest(batch, path)
  return write_file(path, function (write) write_lines(batch, write) end)
end

return M
