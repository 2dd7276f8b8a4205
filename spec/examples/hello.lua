-- A video that says hello: the project is one Lua table; the module checks it,
-- sends it, follows the render and brings the file home.
--
--   lua5.4 hello.lua --sandbox [hello.mp4]    a service inside this process
--   lua5.4 hello.lua [hello.mp4]              the real one; it costs credits
--
-- The real one needs AISTUDIOS_APP_ID and AISTUDIOS_USER_KEY.
local aistudios = require "aistudios"
local argparse = require "argparse"

local pictures = "https://cdn.aistudios.com/ai/"

local project = {
  name = "Test Project Using Api",
  orientation = "landscape",
  scenes = {
    {
      background = {
        id = "background",
        type = "background",
        source_type = "image",
        source_url = "/images/background/bg_blue_gradient.png",
        source_color = "rgb(54,188,37)",
      },
      watermark = false,
      clips = {
        { -- an avatar that says one sentence
          id = "aiModel-1h4ij5h8e87",
          type = "aiModel",
          layer = 1,
          top = 144.5979042385424,
          left = 630.2493927359487,
          script = { org = "<p>Hello, this is test video using Api.</p>" },
          effects = { { type = "head-only" } },
          height = 2229,
          width = 679,
          model = {
            ai_name = "M000045058",
            emotion = "BG00002320",
            language = "en",
            source_url = pictures .. "ai_mov_thm/tight_ai_mov_thm_M000045058_BG00002320.png",
            editor = {
              headCenterX = 613.3333333333334,
              headCenterY = 290,
              headWidth = 182,
              headHeight = 185,
              modelTightX = 367.33333333333337,
              modelTightY = 168.16666666666669,
              modelTightS = 1,
              modelTightW = 679,
              modelTightH = 2229,
              modelOriginW = 1374,
              modelOriginH = 2444,
              scale = 0.3,
              adjustX = -0.016860747210092203,
              adjustY = -0.024822695035461,
              spaceB = 46.833333333333314,
              spaceT = 168.16666666666669,
              spaceL = 367.33333333333337,
              spaceR = 327.66666666666663,
              top = 168.16666666666669,
              left = 367.33333333333337,
              height = 2229,
              width = 679,
            },
            origin = { height = 2444, width = 1374 },
            deployImage = {
              themb_src = pictures .. "model-introduce/thumbnails/M000045058_BG00002320.png",
              themb_width = 384,
              themb_height = 240,
              org_src = pictures .. "ai_mov_thm/tight_ai_mov_thm_M000045058_BG00002320_org.png",
              org_width = 1374,
              org_height = 2444,
              edit_src = pictures .. "ai_mov_thm/tight_ai_mov_thm_M000045058_BG00002320.png",
              edit_width = 692,
              edit_height = 2277,
            },
            deploySize = {
              org_width = 1374,
              org_height = 2444,
              edit_width = 679,
              edit_height = 2229,
            },
            editorValue = {
              headCenterX = 613.3333333333334,
              headCenterY = 290,
              headWidth = 182,
              headHeight = 185,
              modelTightX = 367.33333333333337,
              modelTightY = 168.16666666666669,
              modelTightS = 1,
              modelTightW = 679,
              modelTightH = 2229,
              modelOriginW = 1374,
              modelOriginH = 2444,
              scale = 0.3,
              adjustX = -0.016860747210092203,
              adjustY = -0.024822695035461,
              spaceB = 46.833333333333314,
              spaceT = 168.16666666666669,
              spaceL = 367.33333333333337,
              spaceR = 327.66666666666663,
            },
            maskFile = "M000045058_BG00002320H_alpha_INV.mp4",
          },
          name = "aiModel-1h4ij5h8e87",
          lockScalingFlip = true,
          fill = "rgb(0,0,0)",
          scaleX = 1,
          scaleY = 1,
          opacity = 100,
          lockMovementX = false,
          lockMovementY = false,
          lockRotation = false,
          lockScalingX = false,
          lockScalingY = false,
          lockSkewingX = false,
          lockSkewingY = false,
          lockUniScaling = false,
        },
      },
      thumbnailUrl = aistudios.null,
      sceneIdx = 0,
    },
  },
}


local arguments = argparse("hello.lua", "Makes a short video of an avatar that says hello.")
arguments:argument("path", "Where the video goes."):args "?":default "hello.mp4"
arguments:flag("--sandbox", "Use a service inside this process; nothing leaves the machine.")

local is_terminal = os.execute "test -t 1"

--- How wide a bar may be, so that its line fits the terminal.
local function bar_width()
  local pipe <close> = io.popen "stty size 2>/dev/null </dev/tty"
  local columns = tonumber(pipe:read "a":match " ([1-9]%d*)") or 80
  return math.max(0, math.min(40, columns - #"download  [] 100 % "))
end

local width = is_terminal and bar_width()

--- A bar on a terminal, a line for each change elsewhere.
local function show(phase, share)
  local per_cent = math.floor(share * 100 + 0.5)
  if is_terminal then
    local full = math.floor(share * width + 0.5)
    io.write(("\r%-9s [%s%s] %3d %%%s"):format(phase, ("#"):rep(full),
      ("."):rep(width - full), per_cent, share >= 1 and "\n" or ""))
  else
    io.write(("%-9s %3d %%\n"):format(phase, per_cent))
  end
  io.stdout:flush()
end

local shown = {}

--- The on_progress of `render`. Shows what is new and worth a line.
local function on_progress(seen)
  local share
  if seen.phase == "wait" then
    share = (seen.progress or 0) / 100
  elseif seen.phase == "download" and seen.expected and seen.expected > 0 then
    share = seen.received / seen.expected
  end
  local name = seen.phase == "wait" and "render" or seen.phase
  if not share or share == shown[name] then return end
  shown[name] = share
  show(name, share)
end

--- What the sandbox saw: each call once, and what it would have billed.
local function report(sandbox)
  local polls = 0
  for _, request in ipairs(sandbox:requests()) do
    if request.endpoint == "get_progress" then
      polls = polls + 1
    else
      local bytes = #(request.body or "")
      print(("sent      %s %s%s"):format(request.method, request.path,
        bytes > 0 and (" (%d bytes)"):format(bytes) or ""))
    end
  end
  print(("sent      GET progress, %d times"):format(polls))
  local ledger = sandbox:ledger()
  print(("ledger    %d render, %d of them twice"):format(#ledger, ledger.duplicates))
end

local function main()
  local given = arguments:parse()
  local options, sandbox = {}, nil
  if given.sandbox then
    sandbox = require "aistudios.sandbox".start { render_seconds = 2 }
    options.base_url = sandbox.url
    options.app_id, options.user_key = sandbox.app_id, sandbox.user_key
  end
  local client <close>, wrong = aistudios.new(options)
  if not client then
    io.stderr:write(tostring(wrong), "\n")
    return false
  end
  print(("project   %s: %d scene, %d bytes of JSON"):format(project.name,
    #project.scenes, #assert(aistudios.encode(project))))

  local video, err = client:render(project, {
    to = given.path, on_progress = on_progress,
    interval = sandbox and 0.25 or nil,
  })
  if sandbox then
    report(sandbox)
    sandbox:close()
  end
  if not video then
    io.stderr:write(tostring(err), "\n")
    return false
  end
  print(("video     %s (%d bytes, project %s)"):format(video.path, video.size,
    video.project_id))
  return true
end

os.exit(main(), true)
