-- SPDX-License-Identifier: MIT
--
-- links: fails when a page of HTML has a link to a file, or to an anchor of a page,
-- that is not there.
--
--   lua5.4 spec/support/links.lua PAGE.html...

local function read(path)
  local file <close> = io.open(path)
  return file and file:read "a" or nil -- nil for a folder, too
end

local pages = setmetatable({}, { __index = function (pages, path)
  pages[path] = read(path) or false
  return pages[path]
end })

local function plain(text)
  return (text:gsub("%%(%x%x)", function (digits) return string.char(tonumber(digits, 16)) end))
end

local function has_anchor(text, anchor)
  for _, attribute in ipairs { "name", "id" } do
    for value in text:gmatch("%f[%w]" .. attribute .. '%s*=%s*"([^"]*)"') do
      if value == anchor or plain(value) == plain(anchor) then return true end
    end
  end
  return false
end

local function is_good(page, link)
  if link:find "^%a[%w+.-]*:" then return true end -- to elsewhere
  local path, anchor = link:match "^([^#]*)#?(.*)$"
  local text = pages[path == "" and page or (page:match "^.*/" or "") .. plain(path)]
  return text and (anchor == "" or has_anchor(text, anchor))
end

local is_whole = true
for _, page in ipairs(arg) do
  for _, attribute in ipairs { "href", "src" } do
    for link in pages[page]:gmatch("%f[%w]" .. attribute .. '%s*=%s*"([^"]*)"') do
      if not is_good(page, link:gsub("&amp;", "&")) then
        io.stderr:write(("%s: the link to %s leads nowhere\n"):format(page, link))
        is_whole = false
      end
    end
  end
end
os.exit(is_whole)
