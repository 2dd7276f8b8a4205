-- A token that is refused by another status than 401 is confirmed once, and
-- renewed where it is dead.
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local NO = '{"success":false,"error":{"code":4003,"msg":"not allowed"}}'

describe("a call that is refused", function ()
  local server, client

  before_each(function ()
    server = sandbox.start { render_seconds = 0.1 }
    client = support.client(server, { retries = 0 })
    assert(client:list_models())
  end)

  after_each(function ()
    client:close()
    server:close()
  end)

  local function refuse(status, body)
    server:fault { on = "create_project", kind = "status", status = status, body = body or NO }
  end

  local function count(endpoint) return #server:requests(endpoint) end

  it("with a dead token is sent once more, with another", function ()
    for _, status in ipairs { 400, 403, 419, 498 } do
      server:fault { on = "confirm_auth", kind = "expired_token" }
      refuse(status)
      local fetches = count "get_token"
      local made, err = client:create_project(support.project())
      assert.is_nil(err)
      assert.truthy(made.project_id)
      assert.equal(fetches + 1, count "get_token")
    end
    assert.equal(4, #server:ledger())
  end)

  it("with a dead token is sent once more when another call has replaced that meanwhile",
    function ()
      local one <close> = support.client(server, { retries = 0, max_in_flight = 1 })
      assert(one:list_models())
      for _, status in ipairs { 400, 403, 419, 498 } do
        server:advance(25 * 3600)
        server:fault { on = "create_project", kind = "status", status = status, body = NO,
          times = 8 }
        local fetches, jobs = count "get_token", {}
        for i = 1, 8 do jobs[i] = one.async:create_project(support.project()) end
        for i = 1, 8 do
          assert.is_true(jobs[i]:wait(20))
          assert(jobs[i]:result())
        end
        assert.equal(fetches + 1, count "get_token")
      end
      assert.equal(32, #server:ledger())
    end)

  it("with a token that is alive ends as what it is, after one question", function ()
    refuse(403)
    local made, err = client:create_project(support.project())
    assert.is_nil(made)
    assert.equal(403, err.status)
    assert.equal(1, count "confirm_auth")
    assert.equal(1, count "get_token")
    assert.equal(1, count "create_project")
  end)

  it("with a no that names the token is asked about too", function ()
    server:fault { on = "confirm_auth", kind = "expired_token" }
    refuse(200, '{"success":false,"error":{"code":1,"msg":"invalid access token"}}')
    assert(client:create_project(support.project()))
    assert.equal(2, count "get_token")
  end)

  it("without the API's word is not sent again, and the next call has another token", function ()
    for _, status in ipairs { 419, 498 } do
      server:fault { on = "confirm_auth", kind = "expired_token" }
      refuse(status, "<html>")
      local fetches, created = count "get_token", count "create_project"
      local asked = count "confirm_auth"
      local made, err = client:create_project(support.project())
      assert.is_nil(made)
      assert.equal("unknown", err.outcome)
      assert.truthy(err.message:find("access token has ended", 1, true))
      assert.equal(created + 1, count "create_project")
      assert.equal(asked + 1, count "confirm_auth")
      assert(client:list_models())
      assert.equal(fetches + 1, count "get_token")
    end
  end)

  it("without the API's word while its token is alive says nothing of it", function ()
    refuse(498, "<html>")
    local _, err = client:create_project(support.project())
    assert.equal("unknown", err.outcome)
    assert.is_nil(err.message:find("token", 1, true))
    assert(client:list_models())
    assert.equal(1, count "get_token")
  end)

  it("is not held up by a question that nobody answers", function ()
    server:fault { on = "confirm_auth", kind = "stall", seconds = 60 }
    refuse(403)
    local began = require "aistudios.core".now()
    local _, err = client:create_project(support.project(), { timeout = 1 })
    assert.equal(403, err.status)
    assert.is_true(require "aistudios.core".now() - began < 5)
  end)

  it("asks within the time that the call has left", function ()
    client:forget_token()
    server:fault { on = "get_token", kind = "slow", seconds = 1.5 }
    server:fault { on = "confirm_auth", kind = "stall", seconds = 60 }
    refuse(403)
    local began = require "aistudios.core".now()
    local _, err = client:create_project(support.project(), { timeout = 2 })
    assert.equal(403, err.status)
    assert.is_true(require "aistudios.core".now() - began < 3)
  end)

  it("with a token given as an option is not asked about", function ()
    local given = support.client(server, { token = "issued-elsewhere" })
    refuse(403)
    local _, err = given:create_project(support.project())
    given:close()
    assert.truthy(err)
    assert.equal(0, count "confirm_auth")
  end)
end)

describe("client:forget_token", function ()
  it("makes the next call fetch another token, once", function ()
    local server <close> = sandbox.start {}
    local client <close> = support.client(server)
    assert(client:list_models())
    client:forget_token()
    assert(client:list_models())
    assert(client:list_models())
    assert.equal(2, #server:requests "get_token")
  end)
end)
