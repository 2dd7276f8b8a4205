-- What the build promises: what the libraries show and need, what is
-- installed, what make prints.
local support = require "spec.support"

if support.is_covered then return end -- what has counters is not what is installed

local CORE = support.build .. "/aistudios/core.so"
local SANDBOX = support.build .. "/aistudios/sandbox/core.so"
local SQLITE = support.build .. "/aistudios/batch/sqlite.so"
local POSTGRES = support.build .. "/aistudios/batch/postgres.so"
local LIBRARIES = { CORE, SANDBOX, SQLITE, POSTGRES }

-- make, apart from the one that runs the specs.
local MAKE = "env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory -s BUILD='"
  .. support.build .. "' "

local function words(command)
  local found = {}
  for word in support.run(command):gmatch "%S+" do found[#found + 1] = word end
  return found
end

-- The names of a library's symbols; those of compilers begin with two lines.
local function symbols(library, which)
  local found = {}
  for _, name in ipairs(words(("nm -D --%s-only --format=just-symbols '%s'")
    :format(which, library))) do
    if not name:find "^__" and not name:find "^_ITM" then
      found[#found + 1] = name:match "^[^@]*"
    end
  end
  return found
end

local function needed(library)
  local found = {}
  for name in support.run(("readelf -d '%s'"):format(library))
    :gmatch "NEEDED%)[^%[]*%[([^%]]*)" do
    local is_of_the_system = name:find "^libc%." or name:find "^ld%-"
      or name:find "^lib[%l]+san%."
    if not is_of_the_system then found[#found + 1] = name:match "^[%a]+" end
  end
  return found
end

local function lua_files()
  return words "find lua -name '*.lua' | sort"
end

describe("a library of ours", function ()
  it("shows its luaopen function and nothing else", function ()
    assert.same({ "luaopen_aistudios_core" }, symbols(CORE, "defined"))
    assert.same({ "luaopen_aistudios_sandbox_core" }, symbols(SANDBOX, "defined"))
    assert.same({ "luaopen_aistudios_batch_sqlite" }, symbols(SQLITE, "defined"))
    assert.same({ "luaopen_aistudios_batch_postgres" }, symbols(POSTGRES, "defined"))
  end)

  it("stays where it is once it is loaded", function ()
    for _, library in ipairs(LIBRARIES) do
      assert.truthy(support.run(("readelf -d '%s'"):format(library))
        :find("NODELETE", 1, true), library)
    end
  end)

  it("needs no function that is forbidden", function ()
    local forbidden = {}
    for name in ("sprintf vsprintf strcpy strcat strtod setlocale abort exit _exit "
      .. "printf puts curl_global_cleanup"):gmatch "%S+" do
      forbidden[name] = true
    end
    for _, library in ipairs(LIBRARIES) do
      for _, name in ipairs(symbols(library, "undefined")) do
        assert.is_nil(forbidden[name], name)
      end
    end
  end)

  it("for C programs has one global name, which a shared library that links it exports",
    function ()
      assert.equal("luaopen_aistudios", support.run(
        ("nm -g --defined-only --format=just-symbols '%s/libaistudios.a' | grep -v ':$' | grep .")
          :format(support.build)))
      assert.same({ "luaopen_aistudios" },
        symbols(support.build .. "/spec/hosts/plugin.so", "defined"))
    end)

  it("needs one other library", function ()
    assert.same({ "libcurl" }, needed(CORE))
    assert.same({ "libmicrohttpd" }, needed(SANDBOX))
    assert.same({ "libsqlite" }, needed(SQLITE))
    assert.same({ "libpq" }, needed(POSTGRES))
  end)
end)

describe("the wall", function ()
  local function required(path)
    local found = {}
    local text = support.read_file(path):gsub("%-%-[^\n]*", "")
    for name in text:gmatch 'require%s*%(?"([%w._]+)"' do
      found[#found + 1] = name
    end
    return found
  end

  it("around the sandbox holds: nothing outside requires it but the command", function ()
    for _, path in ipairs(lua_files()) do
      if not path:find("/sandbox/", 1, true) and not path:find("/cli/", 1, true) then
        for _, name in ipairs(required(path)) do
          assert.is_nil(name:find "^aistudios%.sandbox", path)
        end
      end
    end
  end)

  it("around the module holds: it requires nothing that its rock does not name",
    function ()
      local allowed = {
        ["cjson.safe"] = "lua/aistudios/sandbox/json.lua",
        ["openssl.hmac"] = "lua/aistudios/webhook.lua", -- for webhooks only
      }
      local allowed_to_command = { argparse = true, luv = true }
      for _, path in ipairs(lua_files()) do
        local is_of_command = path:find("/cli/", 1, true) ~= nil
        if not path:find("/host/", 1, true) then -- those are for a loop
          for _, name in ipairs(required(path)) do
            local is_ours = name:find "^aistudios" ~= nil
            assert.is_true(is_ours or allowed[name] == path
              or is_of_command and allowed_to_command[name] == true,
              path .. " requires " .. name)
          end
        end
      end
    end)
end)

describe("make", function ()
  it("env prints nothing but exports, which work from anywhere", function ()
    local printed = support.run(MAKE .. "env")
    for line in printed:gmatch "[^\n]+" do assert.truthy(line:find "^export [%u_]+='", line) end
    local found = support.run(([[
      unset LUA_PATH LUA_CPATH
      %s
      cd / && lua5.4 -e 'print(require "aistudios"._VERSION,
        package.searchpath("aistudios.core", package.cpath))']]):format(printed))
    assert.equal(require "aistudios"._VERSION .. "\t"
      .. support.run(("realpath '%s'"):format(CORE)), found)
  end)

  it("install brings every file, below DESTDIR, and no more", function ()
    local at = support.directory "install"
    support.run(MAKE .. ("install PREFIX=/usr DESTDIR='%s' 2>&1"):format(at))
    local wanted = {
      "/usr/lib/lua/5.4/aistudios/batch/postgres.so",
      "/usr/lib/lua/5.4/aistudios/batch/sqlite.so",
      "/usr/lib/lua/5.4/aistudios/core.so",
      "/usr/lib/lua/5.4/aistudios/sandbox/core.so",
      "/usr/bin/aistudios",
      "/usr/share/man/man1/aistudios.1",
      "/usr/share/bash-completion/completions/aistudios",
      "/usr/share/zsh/site-functions/_aistudios",
      "/usr/share/fish/vendor_completions.d/aistudios.fish",
    }
    for _, path in ipairs(lua_files()) do
      wanted[#wanted + 1] = "/usr/share/lua/5.4/" .. path:match "^lua/(.*)"
    end
    table.sort(wanted)
    local found = words(("cd '%s' && find . -type f | sed 's/^.//'"):format(at))
    table.sort(found)
    assert.same(wanted, found)
  end)

  it("uninstall leaves nothing of install and install-static", function ()
    local at = support.directory "uninstall"
    local to = ("PREFIX=/usr DESTDIR='%s' 2>&1"):format(at)
    support.run(MAKE .. "install install-static " .. to)
    support.write_file(at .. "/usr/lib/other", "")
    support.run(MAKE .. "uninstall " .. to)
    support.run(MAKE .. "uninstall " .. to) -- once more does no harm
    assert.equal(at .. "/usr/lib/other", support.run(("find '%s' -type f"):format(at)))
    assert.equal("", support.run(("find '%s' -name 'aistudios*'"):format(at)))
  end)

  it("install-static brings a library that pkg-config knows, for a program that runs",
    function ()
      local at = support.run "mktemp -d" -- what pkg-config prints has no blanks
      finally(function () support.run(("rm -r '%s'"):format(at)) end)
      support.run(MAKE .. ("install-static PREFIX='%s' 2>&1"):format(at))
      local found = words(("cd '%s' && find . -type f"):format(at))
      table.sort(found)
      assert.same({ "./include/aistudios.h", "./lib/libaistudios.a",
        "./lib/pkgconfig/aistudios.pc" }, found)
      local command = support.read_file "spec/docs/hosts.md"
        :match "\n(cc [^\n]*pkg%-config[^\n]*)\n"
      assert.truthy(command, "no line that links")
      support.write_file(at .. "/version.lua", 'print(require "aistudios"._VERSION)')
      assert.equal(require "aistudios"._VERSION, support.run(([[
        cp spec/examples/embed.c '%s' && cd '%s' && PKG_CONFIG_PATH=lib/pkgconfig
        export PKG_CONFIG_PATH
        %s %s && LUA_PATH= ./embed version.lua]]):format(at, at, command,
          os.getenv "SANITIZE" or "")))
      assert.equal(require "aistudios"._VERSION, support.run(
        ("PKG_CONFIG_PATH='%s/lib/pkgconfig' pkg-config --modversion aistudios"):format(at)))
      assert.truthy(support.run(MAKE .. ("install-static PREFIX='%s/a b' 2>&1 || true"):format(at))
        :find("cannot tell a compiler of a folder with blanks: choose another PREFIX", 1, true))
    end)

  it("works from another folder, in a new checkout whose path has blanks and quotes, with a proxy",
    function ()
      local at = support.directory "blanks" .. "/a b/it's"
      local quoted = "'" .. at:gsub("'", "'\\''") .. "'"
      local make = "env -u MAKEFLAGS -u MAKELEVEL -u BUILD -u CFLAGS -u SANITIZE -u BUSTED "
        .. ("http_proxy=http://127.0.0.1:9 make -s CFLAGS=-O0 -f %s/Makefile "):format(quoted)
      support.run(([[mkdir -p %s && cp -R .busted .ci Makefile README.md csrc lua rockspec spec %s
        cd / && %s demo static 2>&1]]):format(quoted, quoted, make))
      assert.equal("ftyp", support.read_file(at .. "/build/demo/hello.mp4"):sub(5, 8))
      assert.truthy(support.read_file(at .. "/build/libaistudios.a"):find("luaopen", 1, true))
      assert.equal(require "aistudios"._VERSION .. "\t" .. at .. "/build/aistudios/core.so",
        support.run(([[cd / && eval "$(%s env)"
          lua5.4 -e 'print(require "aistudios"._VERSION,
            package.searchpath("aistudios.core", package.cpath))']]):format(make)))
      assert.truthy(support.run(("cd / && %s specs BUSTED=spec/error_spec.lua 2>&1"):format(make))
        :find " / 0 failures / 0 errors / 0 pending")
    end)

  it("deps says what is missing where it may not install it", function ()
    local at = support.directory "deps"
    support.write_file(at .. "/id", "#!/bin/sh\necho 1000\n")
    support.write_file(at .. "/sudo", "#!/bin/sh\nexit 1\n")
    local output = support.run(([[
      chmod +x '%s'/*
      PATH='%s':$PATH .ci/deps gcc no-such-package 2>&1; echo "status $?"]])
      :format(at, at))
    assert.truthy(output:find("missing: no-such-package\n", 1, true), output)
    assert.truthy(output:find("apt-get install no-such-package\n", 1, true))
    assert.truthy(output:find("status 1", 1, true))
  end)

  it("deps does nothing where nothing is missing", function ()
    assert.equal("", support.run "PATH=/usr/bin:/bin .ci/deps gcc make 2>&1")
  end)
end)

describe("a rockspec", function ()
  local function read(name)
    local spec = {}
    assert(loadfile(("rockspec/%s-scm-1.rockspec"):format(name), "t", spec))()
    assert.equal(name, spec.package)
    assert.equal("scm-1", spec.version)
    return spec
  end

  it("names the C library without a header", function ()
    assert.same({ CURL = { library = "curl" } },
      read "aistudios".external_dependencies)
    assert.same({ MICROHTTPD = { library = "microhttpd" } },
      read "aistudios-sandbox".external_dependencies)
  end)

  it("builds with targets that are there, and leaves the flags to luarocks",
    function ()
      local makefile = support.read_file "Makefile"
      for _, name in ipairs { "aistudios", "aistudios-sandbox", "aistudios-batch",
        "aistudios-cli" } do
        local build = read(name).build
        for _, target in ipairs { build.build_target, build.install_target } do
          assert.truthy(makefile:find("\n" .. target .. ":", 1, true), target)
        end
        assert.equal("$(CFLAGS)", build.build_variables.CFLAGS)
      end
    end)
end)
