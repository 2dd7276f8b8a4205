-- SPDX-License-Identifier: MIT
--
-- Writes csrc/util/text_classes.c: how wide each character is and
-- where a line may break beside it, from the files of Unicode's character database
-- (Debian: unicode-data) and the widths below: `make text-classes`. With --check it
-- fails when the file is out of date.
--
-- Unicode says nothing of widths but "wide" and "none". The widths of the scripts are
-- averages over texts that Chromium measured with Noto Sans; those of single
-- characters are their own in Noto Sans. All are in hundredths of the font size.

local DATA = "/usr/share/unicode/"
local TARGET = "csrc/util/text_classes.c"

local WIDE, EMOJI, UNKNOWN = 100, 125, 60
local UNKNOWN_ROW = "060a"

-- From " " to "~".
local ascii = [[
26 27 41 65 57 83 73 23 30 30 55 57 27 32 27 37 57 57 57 57 57 57 57 57 57 57 27 27 57 57 57 43
90 64 65 63 73 56 52 73 74 34 27 62 52 91 76 78 61 78 62 55 56 73 60 93 59 57 57 33 37 33 57 44
28 56 62 48 62 56 34 62 62 26 26 53 26 94 62 61 62 62 41 48 36 62 51 79 53 51 47 38 55 38 57]]

local singles = {
  [0xA0] = 26, [0xA1] = 27, [0xA7] = 51, [0xA9] = 83, [0xAB] = 51, [0xAE] = 83, [0xB7] = 27,
  [0xBB] = 51, [0xBF] = 43, [0xC6] = 88, [0xDF] = 63, [0xE6] = 86, [0xF0] = 60, [0x131] = 26,
  [0x132] = 61, [0x133] = 52, [0x141] = 52, [0x142] = 27, [0x152] = 97, [0x153] = 94,
  [0x2000] = 50, [0x2001] = 100, [0x2002] = 50, [0x2003] = 100, [0x2004] = 33, [0x2005] = 25,
  [0x2006] = 17, [0x2007] = 57, [0x2008] = 27, [0x2009] = 20, [0x200A] = 10, [0x202F] = 20,
  [0x205F] = 22, [0x2010] = 32, [0x2011] = 32, [0x2012] = 57, [0x2013] = 50, [0x2014] = 100,
  [0x2015] = 100, [0x2018] = 17, [0x2019] = 17, [0x201A] = 25, [0x201B] = 17, [0x201C] = 36,
  [0x201D] = 36, [0x201E] = 42, [0x201F] = 36, [0x2020] = 51, [0x2021] = 51, [0x2022] = 38,
  [0x2025] = 54, [0x2026] = 79, [0x2030] = 118, [0x2032] = 23, [0x2033] = 41, [0x2039] = 31,
  [0x203A] = 31, [0x20AC] = 57, [0x20B9] = 57, [0x2116] = 102, [0x2122] = 77, [0x5BE] = 36,
  [0x640] = 29, [0x964] = 33, [0x965] = 52,
}

-- Of Tamil: letters, and what vowel signs add to theirs; 127 at most.
for letters, width in pairs { ["டர"] = 69, ["ச"] = 74, ["நப"] = 81, ["கதமறழ"] = 88,
  ["யஹ"] = 100, ["லவளஙஜ"] = 108, ["ஞனணஸஷஶ"] = 127, ["இ"] = 73, ["எஏ"] = 82, ["ஐஒஓ"] = 103,
  ["அஆஉஊஔ"] = 121, ["ா"] = 67, ["ி"] = 27, ["ீ"] = 3, ["ு"] = 21, ["ூ"] = 46, ["ெ"] = 93,
  ["ே"] = 74, ["ை"] = 119, ["ொோௌ"] = 127 } do
  for _, code in utf8.codes(letters) do singles[code] = width end
end

-- Of Devanagari, Cyrillic, Greek and Thai: letters that are not as wide as most.
for letters, width in pairs { ["र"] = 41, ["इई"] = 49, ["टदह"] = 52, ["नउएऐ"] = 55,
  ["मध"] = 61, ["चथङ"] = 64, ["लशस"] = 69, ["भछण"] = 71, ["कजझञळअऊ\u{958}\u{95B}"] = 75,
  ["फ\u{95E}"] = 77, ["ख\u{959}"] = 82, ["ऋ"] = 85, ["आओऔऑ"] = 102,
  ["гсэ"] = 48, ["тз"] = 52, ["ф"] = 76, ["мжыФ"] = 80, ["юЫ"] = 87, ["ЖМ"] = 91, ["шщ"] = 94,
  ["ШЩЮ"] = 106, ["ιίϊΐΙΊ"] = 37, ["εέζξςτΓ"] = 51, ["πφψωώ"] = 76, ["ΗΝΟΘΩΦΨΌΏΉ"] = 79,
  ["Μ"] = 92, ["ฌญฒณ"] = 91 } do
  for _, code in utf8.codes(letters) do singles[code] = width end
end

-- Arabic letters by Unicode's joining group: the width within a word, the mean of the forms
-- there, and of regular and bold letters; and the class of those whose form at the end of
-- a word is wider.
local arabic = {
  ALEF = 27, WAW = 48, REH = 40, DAL = 52, ["TEH MARBUTA"] = 48, BEH = { 34, "u" },
  HAH = 63, SEEN = { 88, "t" }, SAD = { 95, "t" }, TAH = 73, AIN = 54, FEH = { 49, "u" },
  QAF = { 49, "t" }, KAF = { 47, "t" }, GAF = { 47, "t" }, LAM = { 30, "t" }, MEEM = 57,
  NOON = { 33, "t" }, HEH = 54, YEH = { 34, "t" }, ["FARSI YEH"] = { 34, "t" },
  ["KNOTTED HEH"] = 58, ["HEH GOAL"] = 42,
}

-- Of letters; of marks that take room (a vowel sign beside its letter); and what a
-- virama takes off, which joins two consonants to one narrower sign.
local scripts = {
  Latin = { Lu = 67, Ll = 57, other = 57 },
  Greek = { Lu = 61, Ll = 60, other = 60 },
  Cyrillic = { Lu = 71, Ll = 60, other = 60 },
  Armenian = { other = 71 },
  Georgian = { other = 60 },
  Arabic = { other = 48 }, Hebrew = { other = 52 }, Ethiopic = { other = 66 },
  Thai = { other = 55 }, Lao = { other = 62 },
  Khmer = { other = 68, mark = 34, virama = 68 }, Myanmar = { other = 90, mark = 44, virama = 90 },
  Devanagari = { other = 58, mark = 26, virama = 24 },
  Bengali = { other = 64, mark = 36, virama = 30 },
  Gurmukhi = { other = 58, mark = 26 }, Gujarati = { other = 57, mark = 26, virama = 20 },
  Tamil = { other = 90, mark = 70 }, Telugu = { other = 75, mark = 40, virama = 60 },
  Kannada = { other = 75, mark = 40, virama = 60 },
  Malayalam = { other = 90, mark = 60, virama = 50 },
  Sinhala = { other = 91, mark = 45, virama = 40 },
  Hangul = { other = 92 },
}

local categories = {
  Nd = 57, Zs = 26, Pd = 50, Po = 45, Ps = 35, Pe = 35, Pi = 40, Pf = 40, Pc = 44, Sm = 70,
  So = 86, Sk = 45, Sc = 60, No = 60,
}

-- How Unicode's classes of line breaking (UAX #14) are told apart here; the rest
-- is "a". See csrc/util/text_lines.c.
local breaks = {
  NU = "n", ID = "i", H2 = "i", H3 = "i", JL = "i", CJ = "i", EB = "e", EM = "m", RI = "r",
  CL = "c", EX = "c", NS = "c", CP = "p", IS = "p", PO = "p", IN = "p", BA = "b", HY = "b",
  SY = "p", QU = "q", OP = "o", PR = "o", BB = "o", B2 = "d", GL = "g", WJ = "g", ZW = "z",
  SA = "s", CM = "x", JV = "x", JT = "x", ZWJ = "j",
}

local breaks_after = { b = true, c = true }

-- Sets field 2 of each line of a file, for each character of its range.
local function property(name)
  local values = {}
  for line in io.lines(DATA .. name) do
    local first, last, value = line:match "^(%x+)%.?%.?(%x*)%s*;%s*([%w_]+)"
    if first then
      for code = tonumber(first, 16), tonumber(last ~= "" and last or first, 16) do
        values[code] = values[code] or value
      end
    end
  end
  return values
end

-- The characters that one is made of, where the first is of ASCII.
local function bases()
  local found = {}
  for line in io.lines(DATA .. "UnicodeData.txt") do
    local code, base = line:match "^(%x+);[^;]*;[^;]*;[^;]*;[^;]*;(%x+) "
    code, base = tonumber(code or "", 16), tonumber(base or "", 16)
    if code then found[code] = found[base] or base end
  end
  return found
end

local function general_categories()
  local found, first = {}, nil
  for line in io.lines(DATA .. "UnicodeData.txt") do
    local code, name, category = line:match "^(%x+);([^;]*);(%a+);"
    code = tonumber(code, 16)
    for i = name:find "Last>$" and first or code, code do found[i] = category end
    first = code
  end
  return found
end

local category, script = general_categories(), property "Scripts.txt"
local line_break, east_asian = property "LineBreak.txt", property "EastAsianWidth.txt"
local syllabic, listed = property "IndicSyllabicCategory.txt", property "PropList.txt"
local base_of = bases()

-- By character, its row of `arabic`, with class "h" where the table names none.
local joining = {}
for line in io.lines(DATA .. "ArabicShaping.txt") do
  local code, group = line:match "^(%x+); [^;]*; [RD]; (.-)%s*$"
  local row = arabic[group]
  if row then joining[tonumber(code, 16)] = type(row) == "table" and row or { row, "h" } end
end

local ascii_width, last = {}, 31
for width in ascii:gmatch "%d+" do
  last = last + 1
  ascii_width[last] = tonumber(width)
end

local function is_mark(code)
  local kind = category[code]
  return kind == "Mn" or kind == "Me" or kind == "Mc"
end

local function is_wide(code) return east_asian[code] == "W" or east_asian[code] == "F" end

local function is_symbol(code)
  return category[code] == "So" and (code >= 0x2190 and code < 0x2C00 or code >= 0x1F000)
end

-- Vowels of Thai and Lao that only stand before a consonant of their syllable.
local joining_vowels = { [0xE31] = true, [0xE37] = true, [0xEB1] = true, [0xEB7] = true }

-- The letters ra that are drawn above or below the consonant that a virama joins them to.
local ra = { [0x930] = true, [0x9B0] = true, [0xAB0] = true }

local function joins_next(code)
  local kind = syllabic[code]
  return kind == "Virama" or kind == "Invisible_Stacker" or joining_vowels[code]
end

local function class(code)
  local found = breaks[line_break[code]] or "a"
  local kind = syllabic[code]
  if joining[code] then return joining[code][2] end
  if joins_next(code) then return "v" end
  if ra[code] then return "k" end
  if is_mark(code) and found ~= "j" then return "x" end
  -- Browsers break no word of ASCII at its punctuation, but for hyphens.
  if code < 0x80 and found ~= "n" and code ~= 0x2D and breaks_after[found] then return "p" end
  if found == "s" then
    if listed[code] == "Logical_Order_Exception" then return "l" end
    if kind == "Vowel_Dependent" or category[code] == "Lm" then return "f" end
  end
  if is_symbol(code) then
    if found == "i" or code >= 0x1F000 and found == "a" then return "e" end
    if found == "a" then return "y" end
  end
  return found
end

local function script_width(code)
  local row = scripts[script[code]]
  local kind = category[code]
  if not row then return categories[kind] or UNKNOWN end
  local has_cases = code < 0x460 -- further on, capitals alternate with small letters
  if kind:find "^L" then return has_cases and row[kind] or row.other end
  return categories[kind] or row.other
end

local function width(code)
  local kind, row = category[code], scripts[script[code]] or {}
  if joining[code] then return joining[code][1] end
  if joins_next(code) then return row.virama or 0 end
  if is_mark(code) and singles[code] then return singles[code] end
  if kind == "Mc" then return row.mark or 0 end
  if kind == "Mn" or kind == "Me" or kind == "Cf" or line_break[code] == "JV"
      or line_break[code] == "JT" then return 0 end
  local single = singles[code] or ascii_width[code]
    or script[code] == "Latin" and ascii_width[base_of[code]]
  if single then return single end
  if is_symbol(code) and (is_wide(code) or code >= 0x1F000) or line_break[code] == "RI"
      or line_break[code] == "EM" or line_break[code] == "EB" then return EMOJI end
  if script[code] == "Hangul" and line_break[code] ~= "JL" and kind == "Lo" then return 92 end
  if is_wide(code) then return WIDE end
  if east_asian[code] == "H" then return 50 end
  return script_width(code)
end

-- Scripts that are no longer written: their marks are known, and no more.
local function is_historic(code)
  return code >= 0x10000 and code < 0x1F000 and not is_wide(code)
end

-- Characters without data take after those before them.
local function row_of(code, before)
  if not category[code] then return is_wide(code) and WIDE .. "i" or before end
  if is_historic(code) then return is_mark(code) and "000x" or UNKNOWN_ROW end
  return ("%03d%s"):format(width(code), class(code))
end

local rows, before = {}, nil
for code = 0x20, 0xE0FFF do
  local row = row_of(code, before)
  if row ~= before or code < 0x80 then -- of ASCII, each has its own
    local hundredths, kind = row:match "^(%d+)(%a)$"
    rows[#rows + 1] = ("0x%08x,"):format(code << 12 | tonumber(hundredths) << 5
      | kind:byte() - ("a"):byte())
  end
  before = row
end

local parts = { ([=[
/* SPDX-License-Identifier: MIT
 *
 * text_classes: made by `make text-classes` from Unicode's character database
 * %s, whose data files are copyright Unicode, Inc. and under the
 * Unicode license (https://www.unicode.org/license.txt); do not edit. */
#include "util/text_classes.h"

const uint32_t text_classes[] = {
]=]):format(io.open(DATA .. "LineBreak.txt"):read():match "%d+%.%d+%.%d+") }
for i = 1, #rows, 6 do
  parts[#parts + 1] = "    " .. table.concat(rows, " ", i, math.min(#rows, i + 5)) .. "\n"
end
parts[#parts] = parts[#parts]:gsub(",\n$", "};\n\n")
parts[#parts + 1] = "const size_t text_classes_count ="
  .. " sizeof text_classes / sizeof *text_classes;\n"
local text = table.concat(parts)

if arg[1] == "--check" then
  local file <close> = io.open(TARGET)
  if not file or file:read "a" ~= text then
    io.stderr:write(TARGET, " is out of date: run make text-classes\n")
    os.exit(false)
  end
else
  local file <close> = assert(io.open(TARGET, "w"))
  file:write(text)
end
