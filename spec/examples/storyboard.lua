-- A project to look at before it costs anything: the storyboard is one page
-- of HTML that holds all it shows, and plays it. This one has three mistakes
-- in it: a shape whose name is misspelt, one that lies outside the canvas, and
-- a caption that is too long for its box. The page pins each of them to its
-- clip.
--
--   lua5.4 storyboard.lua [storyboard.html]
local aistudios = require "aistudios"

local path = arg[1] or "storyboard.html"

local project = {
  name = "Spring in three minutes",
  orientation = "landscape",
  scenes = {
    {
      sceneIdx = 0,
      background = { source_color = "rgb(238,241,236)" },
      clips = {
        { -- an avatar; its picture would be drawn if its bytes were handed in
          id = "anna", type = "aiModel", layer = 3, left = 1180, top = 150,
          width = 600, height = 1000,
          model = { ai_name = "M000045058", emotion = "BG00002320", language = "en" },
        },
        {
          id = "panel", type = "shape", shapeName = "Square", layer = 1, left = 110,
          top = 160, width = 960, height = 760, fill = "#ffffff", strokeRadius = 24,
          shadow = { color = "#00000030", blur = 8, offsetX = 2, offsetY = 6 },
        },
        {
          id = "title", type = "textImage", layer = 2, left = 190, top = 240,
          width = 800, height = 200, text = "What grows in March", fill = "#23402b",
          fontSize = 66, fontWeight = 700,
          animation = { type = "in-left", delay = 0, duration = 2 },
        },
        { -- too long for a box of this height
          id = "caption", type = "textImage", layer = 2, left = 190, top = 560,
          width = 800, height = 90, fill = "#4b5a4f", fontSize = 33,
          text = "Sow early peas, broad beans and spinach as soon as the ground "
            .. "can be worked, and keep a fleece at hand for cold nights.",
          animation = { type = "fade-in", delay = 2, duration = 3 },
        },
        { -- a circle, in the API's own spelling "Circle"
          id = "sun", type = "shape", shapeName = "Cirle", layer = 2, left = 820,
          top = 760, width = 120, height = 120, fill = "#e9b44c",
          animation = { type = "zoom-in", delay = 4, duration = 2 },
        },
        { -- the canvas ends at 1920
          id = "leaf", type = "shape", shapeName = "Drop_1", layer = 4, left = 1990,
          top = 420, width = 140, height = 180, fill = "#5c8a4a",
        },
        {
          id = "birds", type = "audio", layer = 5, volume = 35, label = "Birds",
          left = 0, top = 0, width = 0, height = 0,
          source_url = "https://media.example.com/birds.mp3",
        },
      },
      scripts = {
        {
          org = "<p>Good morning. The ground is warm enough now, so let us see what "
            .. "can go in this week.</p><p>Peas first: they like it cool.</p>",
          isTTS = false, tts = aistudios.null, modelId = "M000045058", clothId = "BG00002320",
        },
      },
    },
    {
      sceneIdx = 1,
      background = { source_color = "rgb(35,64,43)" },
      clips = {
        {
          id = "film", type = "videoImage", layer = 1, left = 160, top = 150,
          width = 1000, height = 563, volume = 60,
          video_url = "https://media.example.com/sowing.mp4",
        },
        {
          id = "photo", type = "image", layer = 2, left = 1280, top = 190,
          width = 460, height = 460, angle = 6,
          source_url = "https://media.example.com/peas.jpg",
          animation = { type = "in-up", delay = 1, duration = 2 },
        },
        {
          id = "closing", type = "textImage", layer = 3, left = 160, top = 800,
          width = 1600, height = 120, text = "Next week: the first potatoes",
          fill = "#f4efe1", fontSize = 54, align = "center",
        },
      },
      scripts = {}, -- nobody speaks
    },
  },
}

local file <close> = assert(io.open(path, "w"))
assert(file:write(aistudios.storyboard(project)))
print("The storyboard is at " .. path)
