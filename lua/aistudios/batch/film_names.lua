-- SPDX-License-Identifier: MIT
--
-- batch.film_names: what the film of a row is called, and when two names are
-- one file: on many file systems, those that differ only in case or in whether
-- an accent is a character of its own. The tables are those of Unicode for
-- Latin, Greek, Cyrillic and Armenian letters, kana and Hangul; names in other
-- scripts are told apart by their bytes, and so are capitals in them.

local json = require "aistudios.json"

local M = {}

local LONGEST_PART = 100 -- bytes that a value gives to the name of a file
local LONGEST_NAME = 245 -- bytes of it, with room for .part.etag in the 255 of file systems

--- Capital letters: first-last/step, and how far behind them the small ones are.
local CAPITALS = [[
  c0-d6/1+32 d8-de/1+32 100-12e/2+1 132-136/2+1 139-147/2+1 14a-176/2+1 178-178/1-121 179-17d/2+1
  17f-17f/1-268 1a0-1a0/1+1 1af-1af/1+1 1cd-1db/2+1 200-21a/2+1 370-372/2+1 376-376/1+1
  37f-37f/1+116 386-386/1+38 388-38a/1+37 38c-38c/1+64 38e-38f/1+63 391-3a1/1+32 3a3-3ab/1+32
  3c2-3c2/1+1 3cf-3cf/1+8 400-40f/1+80 410-42f/1+32 460-480/2+1 48a-4be/2+1 4c0-4c0/1+15
  4c1-4cd/2+1 4d0-52e/2+1 531-556/1+48 1e00-1e94/2+1 1e9b-1e9b/1-58 1e9e-1e9e/1-7615
  1ea0-1efe/2+1]]

--- An accent, and then letters without and with it.
local ACCENTS = [[
  300:aàeèiìoòuùüǜеѐиѝēḕōṑwẁâầăằêềôồơờưừyỳ 301:aáeéiíoóuúyýcćlĺnńrŕsśzźüǘ¨΅ϊΐαάεέηήιίϋΰοόυύωώгѓкќ
  301:çḉēḗïḯkḱmḿõṍōṓpṕũṹwẃâấăắêếôốơớưứ 302:aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷzẑạậẹệọộ 303:aãnñoõiĩuũvṽâẫăẵ
  303:eẽêễôỗơỡưữyỹ 304:aāeēiīoōuūüǖиӣуӯgḡḷḹṛṝ 306:aăeĕgğiĭoŏuŭийуўжӂаӑеӗȩḝạặ 307:cċeėgġzżbḃdḋfḟhḣ
  307:mṁnṅpṗrṙsṡśṥšṧṣṩtṫwẇxẋyẏ 308:aäeëiïoöuüyÿιϊυϋеёіїаӓәӛжӝзӟиӥоӧөӫэӭуӱчӵыӹhḧõṏūṻwẅxẍtẗ 309:aả
  309:âẩăẳeẻêểiỉoỏôổơởuủưửyỷ 30a:aåuůwẘyẙ 30b:oőuűуӳ 30c:cčdďeělľnňrřsštťzžaǎiǐoǒuǔüǚ 30f:aȁeȅiȉ
  30f:oȍrȑuȕѵѷ 311:aȃeȇiȋoȏrȓuȗ 31b:oơuư 323:bḅdḍhḥkḳlḷmṃnṇrṛsṣtṭvṿwẉzẓaạeẹiịoọơợuụưựyỵ 326:sștț
  327:cçgģkķlļnņrŗsştţdḑhḩ 328:aąeęiįuų 32d:dḓeḙlḽnṋtṱuṷ 330:eḛiḭuṵ 331:bḇdḏkḵlḻnṉrṟtṯzẕhẖ
  3099:かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸ
  3099:ヱヹヲヺヽヾ 309a:はぱひぴふぷへぺほぽハパヒピフプヘペホポ]]

-- What stands for a character: a small letter, or a letter and its accent.
local plainer = setmetatable({}, { __index = function (plainer, char)
  if #char ~= 3 or not utf8.len(char) then return nil end
  local syllable = utf8.codepoint(char) - 0xAC00 -- of Hangul
  if syllable < 0 or syllable > 11171 then return nil end
  local last = syllable % 28
  plainer[char] = utf8.char(0x1100 + syllable // 588, 0x1161 + syllable % 588 // 28)
    .. (last > 0 and utf8.char(0x11A7 + last) or "")
  return plainer[char]
end })

for first, last, step, far in CAPITALS:gmatch "(%x+)-(%x+)/(%d)([+-]%d+)" do
  for code = tonumber(first, 16), tonumber(last, 16), tonumber(step) do
    plainer[utf8.char(code)] = utf8.char(code + math.tointeger(tonumber(far)))
  end
end

for accent, letters in ACCENTS:gmatch "(%x+):(%S+)" do
  for without, with in letters:gmatch(("(%s)"):format(utf8.charpattern):rep(2)) do
    plainer[with] = without .. utf8.char(tonumber(accent, 16))
  end
end

--- A path, the same for all that some file system takes for one file.
---@param path string
---@return string
function M.place(path)
  local text = path:gsub("[\xC3-\xED][\x80-\xBF]+", plainer)
  if text ~= path then return M.place(text) end -- an accent is taken off at a time
  return (text:gsub("[A-Z]", string.lower))
end

--- A value as the template has it in a text.
---@param value any
---@return string?  nil: it has no text
function M.text(value)
  if type(value) == "table" or type(value) == "function" then return nil end
  return math.type(value) and json.encode(value) or tostring(value)
end

--- A value as a part of a file's name: it cannot lead out of its directory.
---@param text string
---@return string
function M.part(text)
  text = text:gsub('[%c/\\:*?"<>|]', "_"):gsub("^[. ]+", "_")
  if #text > LONGEST_PART then
    text = text:sub(1, (utf8.offset(text, 0, LONGEST_PART + 1)) - 1)
  end
  return text == "" and "_" or text
end

--- Where the film of a row goes.
---@param pattern? string  {name} stands for a value, {row} for the number, {key} for the key
---@param fields table
---@return string? path
---@return string? message
function M.path(pattern, fields, number, key)
  if not pattern then return nil end
  local message
  local path = pattern:gsub("{([^{}]*)}", function (name)
    local value = fields[name]
    if value == nil then value = name == "row" and number or name == "key" and key or nil end
    local text = value ~= nil and M.text(value)
    if text then return M.part(text) end
    message = message or ("there is no value '%s' for the name of the file"):format(name)
    if value ~= nil then
      message = ("the value '%s' is no text or number, for the name of the file"):format(name)
    end
    return ""
  end)
  if message then return nil, message end
  return path
end

--- What a file cannot be called: its film would be bought and have no place, or overwrite
--- what is not its own. A download makes two files beside its own meanwhile.
---@param path string
---@param reserved table<string, true>
---@return string? message
function M.problem(path, reserved)
  for part in path:gmatch "[^/]+" do
    if #part > LONGEST_NAME then
      return ("the name of the file is longer than %d bytes: '%s'"):format(LONGEST_NAME, part)
    end
  end
  local name = M.place(path:match "[^/]*$")
  if name == "" or name == "." or name == ".." then return "the name of the file is missing" end
  if name:find "%.part$" or name:find "%.part%.etag$" or reserved[name] then
    return ("the file '%s' is one that the batch needs itself"):format(path)
  end
end

--- Names that no film has, in whatever directory: those of the store's files and the reports.
---@param store string  its address
---@return table<string, true>
function M.reserved(store)
  local name = M.place(store:match "[^/]*$")
  local names = { ["report.html"] = true, ["manifest.jsonl"] = true }
  for _, suffix in ipairs { "", "-wal", "-shm", "-journal" } do names[name .. suffix] = true end
  return names
end

return M
