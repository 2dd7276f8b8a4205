local speaker = { id = "speaker", type = "aiModel", layer = 1,
  top = 120, left = 630, width = 660, height = 960,
  model = { ai_name = "M000045058", emotion = "BG00002320", language = "en" },
  script = { org = "Hello from Lua." } }

return { name = "Hello", orientation = "landscape",
  scenes = { { sceneIdx = 0, background = { source_color = "rgb(24,40,72)" },
    clips = { speaker } } } }
