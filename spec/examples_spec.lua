-- The examples run as they are printed.
local support = require "spec.support"

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read "a"
  local ok, _, status = pipe:close()
  return ok, output, status
end

describe("the hello example", function()
  local path

  before_each(function()
    path = support.directory "example" .. "/hello.mp4"
  end)

  it("renders once and brings the film home", function()
    local ok, output = run(support.lua
      .. " spec/examples/hello.lua --sandbox " .. support.quote(path))
    assert.is_true(ok, output)
    local film = support.read_file(path)
    assert.equal("ftyp", film:sub(5, 8))
    assert.truthy(output:find("ledger    1 render, 0 of them twice", 1, true), output)
    assert.truthy(output:find("sent      POST /api/odin/v3/editor/project (", 1, true))
    assert.truthy(output:find(path .. " (" .. #film .. " bytes", 1, true))
    assert.is_nil(output:find("\r", 1, true)) -- no bar where there is no terminal
    assert.is_nil(support.read_file(path .. ".part"))
  end)

  it("keeps its bar on one line of a narrow terminal", function()
    for columns, bar in pairs { [34] = "%[[#.]+%]", [12] = "%[%]" } do
      local output = support.run(([[script -qec "stty cols %d; %s spec/examples/hello.lua \
        --sandbox '%s'" /dev/null </dev/null]]):format(columns, support.lua, path))
      local count = 0
      for line in output:gmatch "\r(render[^\r\n]*)" do
        assert.is_true(#line < math.max(columns, 20), line) -- 19 without a bar
        assert.truthy(line:find(bar), line)
        count = count + 1
      end
      assert.is_true(count > 1, output)
    end
  end)

  it("says in one line what is missing", function()
    local ok, output, status = run("env -u AISTUDIOS_APP_ID -u AISTUDIOS_USER_KEY "
      .. "-u AISTUDIOS_BASE_URL " .. support.lua
      .. " spec/examples/hello.lua " .. support.quote(path))
    assert.is_nil(ok)
    assert.equal(1, status)
    assert.truthy(output:find("AISTUDIOS_APP_ID", 1, true))
    assert.is_nil(output:find("traceback", 1, true), output)
  end)
end)
