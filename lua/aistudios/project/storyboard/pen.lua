-- SPDX-License-Identifier: MIT
--
-- pen: what the drawings of one text share: ids, definitions, pictures, and on a page
-- the drawings of clips that are alike.

local picture = require "aistudios.project.storyboard.picture"
local read = require "aistudios.project.storyboard.read"
local write = require "aistudios.util.decimal".format

local format = read.format

local M = {}

--- What the clips of one text share.
---@class aistudios.storyboard.Pen
---@field images table<string, string>  bytes by URL, from the caller
---@field prefix string                 begins every id in this text
---@field count integer                 ids given so far
---@field defs string[]                 definitions that others refer to
---@field symbols table<string, string>  ids of drawings, by name
---@field drawn table<string, string>    ids of the drawings of clips, by what they are
---@field pictures table<string, string|false>  ids of pictures, by URL
---@field width number                   of the canvas, px
---@field height number
---@field at? number                     s: animations as they are then; all of a clip without
---@field is_page boolean                it has the page's style, its script plays it

--- Something to draw with.
---@param images? table<string, string>
---@param is_page? boolean  it draws the scenes of a page: what is alike is drawn once
---@return aistudios.storyboard.Pen
function M.new(images, is_page)
  return { images = images or {}, prefix = is_page and "d" or "a", count = 0, defs = {},
    pictures = {}, symbols = {}, drawn = {}, is_page = is_page or false }
end

local function new_id(pen)
  pen.count = pen.count + 1
  return pen.prefix .. pen.count
end

--- The id of something that others refer to, defined at its first use.
---@param pen aistudios.storyboard.Pen
---@param name string
---@param definition string|function  SVG, with %s for the id, or what makes it of the rest
---@param ... any
---@return string
function M.define(pen, name, definition, ...)
  local id = pen.symbols[name]
  if not id then
    if type(definition) == "function" then definition = definition(...) end
    id = new_id(pen)
    pen.symbols[name] = id
    pen.defs[#pen.defs + 1] = definition:format(id)
  end
  return id
end

--- The id of a picture, defined once for all clips that show it.
local function picture_id(pen, url)
  local id = pen.pictures[url]
  if id ~= nil then return id end
  local bytes = pen.images[url]
  local address = bytes and picture.address(bytes)
  id = address and new_id(pen) or false
  pen.pictures[url] = id
  if id then
    pen.defs[#pen.defs + 1] = ('<image id="%s" width="1" height="1" '
      .. 'preserveAspectRatio="none" href="%s"/>'):format(id, address)
  end
  return id
end

--- A picture that fills a box; nil when its bytes are not there. With cropX
--- and cropY, as editors write them, the box shows that part of it.
---@param pen aistudios.storyboard.Pen
---@param url any
---@param width number   px
---@param height number  px
---@param crop? table    the clip that has cropX, cropY
---@return string?
function M.picture(pen, url, width, height, crop)
  local id = type(url) == "string" and picture_id(pen, url)
  if not id then return nil end
  local x = crop and read.number(crop, "cropX", 0) or 0
  local y = crop and read.number(crop, "cropY", 0) or 0
  local real_width, real_height
  if x ~= 0 or y ~= 0 then real_width, real_height = picture.size(pen.images[url]) end
  if real_width then
    return string.format('<svg width="%s" height="%s" overflow="hidden"><use href="#%s" '
      .. 'transform="translate(%s %s) scale(%s %s)"/></svg>', width, height, id,
      -x, -y, real_width, real_height)
  end
  return ('<use href="#%s" transform="scale(%s %s)"/>'):format(id,
    format(width), format(height))
end

local LARGE = 80 -- bytes of a drawing, from which it is worth an id

--- A drawing with a name at a place. On a page, where clips are often alike, each is
--- written once, as it is turned and scaled; others refer to it. HTML needs no quotes there.
---@param pen aistudios.storyboard.Pen
---@param place aistudios.storyboard.Place
---@param change string   functions of its transform besides its place, each after a blank
---@param opacity string  attribute, or ""
---@param name string     as XML
---@param drawn string
---@return string
---@return boolean? is_reference  it is one <use>
function M.put(pen, place, change, opacity, name, drawn)
  local left, top = place.left, place.top
  if not pen.is_page or #change + #opacity + #drawn < LARGE then
    return write('<g transform="translate(%.8g %.8g)%s"%s><title>%s</title>%s</g>', left, top,
      change, opacity, name, drawn)
  end
  local key = change == "" and opacity == "" and drawn or change .. opacity .. drawn
  local id = pen.drawn[key]
  if id then
    return write('<use href=#%s x=%.8g y=%.8g><title>%s</title></use>', id, left, top, name), true
  end
  id = new_id(pen)
  pen.drawn[key] = id
  return write('<g transform="translate(%.8g %.8g)"><title>%s</title><g id="%s"%s%s>%s</g></g>',
    left, top, name, id, change == "" and "" or (' transform="%s"'):format(change:sub(2)),
    opacity, drawn)
end

return M
