-- Help, manual and completions: made from the tables of the commands, so each
-- knows all of them.
local arguments = require "aistudios.cli.arguments"
local command = require "spec.support.command"
local support = require "spec.support"

local world
local rows = {} -- loaded here: luv keeps its loop's descriptors
for _, name in ipairs(arguments.names) do rows[name] = arguments.command(name) end

before_each(function () world = command.world() end)

local function write(name, ...)
  local ended = command.run(world, { ... })
  assert.equal(0, ended.code, ended.err)
  support.write_file(world.at .. "/" .. name, ended.out)
  return ended.out
end

describe("aistudios help", function ()
  it("lists the commands, also when nothing is asked for", function ()
    local text = command.run(world, { "help" }).out
    for _, name in ipairs(arguments.names) do
      assert.truthy(text:find("\n   " .. name .. " ", 1, true), name)
    end
    assert.equal(text, command.run(world, {}).out)
    assert.truthy(command.run(world, { "help", "render" }).out:find("--dry-run", 1, true))
    assert.truthy(command.run(world, { "--version" }).out:find "^aistudios %d+%.%d+%.%d+\n$")
  end)

  it("answers about money in five lines", function ()
    local _, lines = command.run(world, { "help", "money" }).out:gsub("\n", "")
    assert.equal(5, lines)
  end)

  it("knows every exit code", function ()
    local text = command.run(world, { "help", "exit" }).out
    for _, code in ipairs { 0, 1, 2, 3, 4, 5, 6, 8, 130 } do
      assert.truthy(text:find("%f[%d]" .. code .. "  "), code)
    end
  end)
end)

describe("each command", function ()
  it("has a file of its name, one line about it, and its arguments described", function ()
    for _, name in ipairs(arguments.names) do
      local row = rows[name]
      assert.equal(name, row.name)
      assert.is_true(#row.about < 90 and not row.about:find "[.\n]$", name)
      for _, list in ipairs { row.arguments or {}, row.options or {} } do
        for _, item in ipairs(list) do assert.truthy(item[2]:find "%.$", name .. item[1]) end
      end
    end
    local files = support.run "ls lua/aistudios/cli/commands | wc -l"
    assert.equal(#arguments.names, tonumber(files))
  end)
end)

describe("the manual", function ()
  it("is a page that troff takes without a warning, and has every command", function ()
    write("page.1", "help", "man")
    local text = support.run(("nroff -man -ww '%s/page.1' 2>'%s/warnings' | col -b")
      :format(world.at, world.at))
    assert.equal("", support.read_file(world.at .. "/warnings"))
    for _, name in ipairs(arguments.names) do
      assert.truthy(text:find("\n   " .. name), name)
    end
    assert.truthy(text:find("EXIT STATUS", 1, true))
  end)
end)

describe("the completion", function ()
  it("of bash completes commands, options and their values", function ()
    write("bash", "completion", "bash")
    local function complete(...)
      local words = { ... }
      for i, word in ipairs(words) do words[i] = support.quote(word) end
      return support.run(([[cd '%s' && bash -c 'source ./bash
        COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        compopt() { :; }
        _aistudios; echo "${COMPREPLY[@]}"']]):format(world.at,
          table.concat(words, " "):gsub("'", "")))
    end
    assert.equal("render", complete("aistudios", "ren"))
    assert.truthy(complete("aistudios", "render", "--res"):find("--resolution", 1, true))
    assert.truthy(complete("aistudios", "render", "--resolution", "10"):find("1080", 1, true))
  end)

  it("of zsh and fish are programs that these shells take", function ()
    write("zsh", "completion", "zsh")
    write("fish", "completion", "fish")
    assert.equal("", support.run(("zsh -n '%s/zsh' 2>&1"):format(world.at)))
    local found = support.run(([[cd '%s' && HOME=. fish -c 'source ./fish
      complete -C "aistudios ren"']]):format(world.at))
    assert.truthy(found:find "^render", found)
  end)
end)

describe("the README's section", function ()
  it("has at most 30 lines, and names every command and exit code", function ()
    local text = support.read_file "README.md":match "\n(## From a shell\n.-)\n## "
    local _, lines = text:gsub("\n", "")
    assert.is_true(lines <= 30, tostring(lines))
    for _, name in ipairs(arguments.names) do
      assert.truthy(text:find("[`s] ?" .. name .. "[` ]"), name)
    end
    for _, row in ipairs(require "aistudios.cli.status".about) do
      assert.truthy(text:find("%f[%d]" .. row[1] .. " %a"), tostring(row[1]))
    end
  end)
end)
