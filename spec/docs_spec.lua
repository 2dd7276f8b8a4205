-- The README and the pages of spec/docs: they fit together, and what they add
-- to the module as an example works.
local luals = require "spec.support.luals"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local pages = { ["README.md"] = support.read_file "README.md" }
for name in require "lfs".dir "spec/docs" do
  if name:find "%.md$" then
    pages["spec/docs/" .. name] = support.read_file("spec/docs/" .. name)
  end
end

local function lines_of(text)
  return select(2, text:gsub("\n", ""))
end

describe("the README", function ()
  it("has at most 300 lines", function ()
    assert.is_true(lines_of(pages["README.md"]) <= 300)
  end)

  it("has sections of at most 30 lines for command, batch and sandbox, of 25 for the inside",
    function ()
      for name, most in pairs { ["From a shell"] = 30, ["A thousand videos"] = 30,
        ["A sandbox"] = 30, Inside = 25 } do
        local text = (pages["README.md"] .. "\n## "):match("\n(## " .. name .. "\n.-)\n## ")
        assert.is_true(lines_of(text) <= most, name)
      end
    end)

  it("names the commands that prove each promise", function ()
    local count = 0
    for row in pages["README.md"]:match "\n| promise |[^\n]*\n|[^\n]*(\n.-)\n\n"
        :gmatch "\n| ([^\n]+) |" do
      local proof = row:match "[^|]+$"
      assert.truthy(proof:find "`make %l+", row)
      count = count + 1
    end
    assert.equal(8, count)
  end)
end)

describe("the pages", function ()
  it("link to what is there", function ()
    local count = 0
    for path, text in pairs(pages) do
      for target in text:gmatch "%]%(([^)#]+)[^)]*%)" do
        if not target:find "^https?://" then
          local at = (path:match "^.*/" or "") .. target
          assert.truthy(support.exists(at), path .. ": " .. target)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 15, tostring(count))
  end)

  it("are all reached from the README", function ()
    for path in pairs(pages) do
      assert.truthy(path == "README.md" or pages["README.md"]:find("(" .. path .. ")", 1, true),
        path)
    end
  end)

  it("name specs and targets of make that are there", function ()
    local makefile, count = support.read_file "Makefile", 0
    for path, text in pairs(pages) do
      for target in text:gmatch "[`\n(]make ([%l-]+)[`\n) ]" do
        assert.truthy(makefile:find("\n" .. target .. ":", 1, true), path .. ": " .. target)
        count = count + 1
      end
      for name in text:gmatch "spec/[%w_/]+%.lua" do
        assert.truthy(support.exists(name), path .. ": " .. name)
      end
      for name in text:gmatch "BUSTED=([^` ]+)" do
        assert.truthy(support.exists(name), path .. ": " .. name)
        count = count + 1
      end
    end
    assert.is_true(count > 30, tostring(count))
  end)

  it("and the script that judges a change name targets that make help lists", function ()
    local makefile, count = support.read_file "Makefile", 0
    local help = support.run "env -u MAKEFLAGS -u MAKELEVEL make -s help"
    local texts = { support.read_file ".ci/run" }
    for _, text in pairs(pages) do texts[#texts + 1] = text end
    for target in table.concat(texts, "\n"):gmatch "[`\n( ]make ([%l-]+)[^:]" do
      if makefile:find("\n" .. target .. ":", 1, true) then
        assert.truthy(help:find("%f[%l]" .. target:gsub("%-", "%%-") .. "%f[^%l-]"), target)
        count = count + 1
      end
    end
    assert.is_true(count > 40, tostring(count))
  end)
end)

describe("the reference", function ()
  local at = support.directory "reference"

  setup(function ()
    support.run(("lua5.4 spec/support/reference.lua '%s' $(find lua -name '*.lua' | sort)")
      :format(at))
  end)

  it("shows every type that something in it names", function ()
    local is_type, count = {}, 0
    for path in support.run "find lua -name '*.lua'":gmatch "[^\n]+" do
      for _, seen in ipairs(luals.read(path, support.read_file(path))) do
        if seen.defined then is_type[seen.defined] = true end
      end
    end
    local all = support.run(("cat '%s'/*.lua"):format(at))
    for name in all:gmatch "aistudios%.[%w_.]*[%w_]" do
      if is_type[name] then
        count = count + 1
        assert.truthy(all:find("\n-- @table " .. name .. "\n", 1, true)
          or support.exists(("%s/%s.lua"):format(at, name)), name)
      end
    end
    assert.is_true(count > 500, tostring(count))
    for _, name in ipairs { "AiModelClip", "Shadow", "sandbox.AnyFault", "sandbox.fault.slow",
      "storyboard.PageOptions" } do
      assert.truthy(all:find("\n-- @table aistudios." .. name .. "\n", 1, true), name)
    end
  end)

  it("has every method, option and module that a program meets, and nothing else", function ()
    local client = support.read_file(at .. "/aistudios.Client.lua")
    for name in pairs(require "aistudios".api) do
      assert.truthy(client:find("-- @function " .. name .. "\n", 1, true), name)
    end
    for _, name in ipairs { "render", "resume", "step", "close", "each" } do
      assert.truthy(client:find("-- @function " .. name .. "\n", 1, true), name)
    end
    assert.is_nil(client:find("forbid_fork", 1, true))
    local types = support.read_file(at .. "/aistudios.types.lua")
    assert.truthy(types:find("-- @table aistudios.Options\n", 1, true))
    assert.truthy(types:find("-- @field[opt] token_store `string`", 1, true))
    for name in ("aistudios aistudios.sandbox aistudios.batch aistudios.webhook aistudios.Job "
      .. "aistudios.Error aistudios.host.luv aistudios.sandbox.World"):gmatch "%S+" do
      assert.truthy(support.exists(("%s/%s.lua"):format(at, name)), name)
    end
    assert.is_false(support.exists(at .. "/aistudios.Scheduler.lua"))
  end)
end)

describe("what make docs makes", function ()
  it("is made without HOME, too, and has no link that leads nowhere", function ()
    if support.run "command -v ldoc || true" == "" then return pending "ldoc is not installed" end
    local at = support.directory "docs"
    support.run(("env -u HOME .ci/docs '%s' 2>&1"):format(at))
    local readme = support.read_file(at .. "/topics/README.md.html")
    assert.truthy(readme:find('href="RESULTS.md.html"', 1, true))
    assert.truthy(support.exists(at .. "/topics/RESULTS.md.html"))
  end)

  it("is refused for a link to a file or an anchor that is not there", function ()
    local at = support.directory "links"
    local function check(text)
      support.write_file(at .. "/a b.html", text)
      return (support.run(("lua5.4 spec/support/links.lua '%s'/*.html 2>&1 || true"):format(at))
        :gsub("^.*/", ""))
    end
    support.write_file(at .. "/other.html", '<a name = "x.y"></a><h2 id="z"></h2>')
    for _, link in ipairs { "https://example.org/none", "#here", "other.html", "other.html#x.y",
      "other.html#z", "a%20b.html#here" } do
      assert.equal("", check(('<a href="%s">a</a><p id="here">'):format(link)))
    end
    for _, link in ipairs { "none.html", "#there", "other.html#here", "none.png" } do
      assert.equal("a b.html: the link to " .. link .. " leads nowhere",
        check(('<img src="%s"><p id="here">'):format(link)))
    end
  end)
end)

--- Puts a piece into a copy of the module, where its first line says.
local function apply(root, piece)
  local path, where, mark = piece:match '^%-%- (%S+), (%l+) "(.-)"\n'
  if not path then
    path = piece:match "^%-%- (%S+)\n"
    assert.is_false(support.exists(root .. "/" .. path), path)
    return support.write_file(root .. "/" .. path, (piece:gsub("^[^\n]*\n", "")))
  end
  local text = support.read_file(root .. "/" .. path)
  local from, to = ("\n" .. text):find("\n" .. mark .. "\n", 1, true)
  assert(from, path .. " has no line " .. mark)
  local at = where == "above" and from - 1 or to - 1
  support.write_file(root .. "/" .. path,
    text:sub(1, at) .. piece:gsub("^[^\n]*\n", "") .. text:sub(at + 1))
end

describe("the page that tells how to extend the module", function ()
  local root, server, lua_path

  setup(function ()
    root = support.directory "extended"
    support.run(("cp -R lua '%s'"):format(root))
    lua_path = ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;'"):format(root, root)
    local count = 0
    for piece in pages["spec/docs/extending.md"]:gmatch "\n```lua\n(.-\n)```\n" do
      apply(root, piece)
      count = count + 1
    end
    assert.equal(7, count)
  end)

  before_each(function () server = assert(sandbox.start {}) end)
  after_each(function () server:close() end)

  --- Runs a program against the extended module, with a client.
  local function run(program)
    support.write_file(root .. "/program.lua", ([[
      local aistudios = require "aistudios"
      local server = require "aistudios.sandbox".start { render_seconds = 0 }
    ]] .. program))
    return support.run(("cd '%s' && %s %s program.lua 2>&1"):format(root, lua_path, support.lua))
  end

  it("adds an endpoint to the client and to the sandbox", function ()
    assert.equal("GET\tfalse\tseconds: must be an integer from 1 to 600, not 1000\n1", run [[
      local client <close> = server:client { retries = 0 }
      local music = assert(client:generate_music "rain")
      local ok, err = client:generate_music { topic = "rain", seconds = 1000 }
      print(music.download_url and "GET", ok or false, err.problems[1].path .. ": "
        .. err.problems[1].message)
      print(#server:ledger())
      server:close()]])
  end)

  it("adds a clip type to the checks and to the storyboard", function ()
    local found = run [[
      local project = { scenes = { { sceneIdx = 0, background = {}, clips = { { id = "a",
        type = "countdown", layer = 1, left = 0, top = 0, width = 80, height = 40, seconds = 90,
        fill = "#fff" } } } } }
      print(select(2, aistudios.check(project)))
      print(aistudios.storyboard(project):match "<circle[^>]*>")
      server:close()]]
    assert.truthy(found:find("clips[1].seconds", 1, true), found)
    assert.truthy(found:find('<circle cx="40" cy="20" r="20"', 1, true), found)
  end)

  it("adds a command, with its help", function ()
    local function command(arguments)
      return support.run(([[cd '%s' && AISTUDIOS_BASE_URL='%s' AISTUDIOS_STREAMING_URL='%s' \
        AISTUDIOS_APP_ID='%s' AISTUDIOS_USER_KEY='%s' HOME='%s' %s %s -e \
        'os.exit(require "aistudios.cli".main(arg))' /dev/null %s]]):format(root, server.url,
        server.url, server.app_id, server.user_key, root, lua_path, support.lua, arguments))
    end
    assert.truthy(command "help":find "sessions +Lists the sessions of live avatars")
    assert.equal("", command "sessions --active")
    assert.equal(1, #server:requests { endpoint = "list_sessions" })
  end)

  it("adds a host, in which a call waits for its coroutine alone", function ()
    assert.equal("done", run [[
      local ticks = require "aistudios.host.ticks"
      local client = server:client { wait = ticks }
      local is_done, count = false, 0
      ticks.spawn(function ()
        assert(client:list_projects())
        is_done = true
      end)
      while not is_done do
        count = count + 1
        require "socket".sleep(0.01)
        ticks.update(0.01)
      end
      client:close()
      server:close()
      print(count > 1 and "done")]])
  end)
end)
