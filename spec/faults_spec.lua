-- Every call under every fault: how it ends, what that means, and that nothing
-- was done twice.
local aistudios = require "aistudios"
local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local server, client, folder
local count = 0

--- Something that makes two requests differ: the ledger takes those that are
--- the same for duplicates.
local function unique()
  count = count + 1
  return "https://example.com/hook?n=" .. count
end

local function new_project()
  local project = support.project()
  project.webhookUrl = unique()
  return project
end

-- How to make each call; `id` is a project that exists.
local calls = {
  get_token = function(_, o) return client:get_token(nil, o) end,
  confirm_auth = function(_, o) return client:confirm_auth(o) end,
  create_project = function(_, o) return client:create_project(new_project(), o) end,
  export_project = function(id, o)
    return client:export_project(id, { webhookUrl = unique() }, o)
  end,
  edit_project = function(id, o)
    return client:edit_project(id, { webhookUrl = unique(),
      updates = { { sceneIdx = 0, type = "aiModel", values = { opacity = 50 } } } }, o)
  end,
  get_project = function(id, o) return client:get_project(id, o) end,
  list_projects = function(_, o) return client:list_projects(o) end,
  delete_projects = function(id, o) return client:delete_projects({ id }, o) end,
  get_progress = function(id, o) return client:get_progress(id, o) end,
  download = function(_, o)
    return client:download(server.url .. "/files/" .. "x.mp4", folder .. "/x.mp4", o)
  end,
}

-- fault, kind of the error, its outcome; nil: the call succeeds
local faults = {
  { { kind = "drop_before_read" }, "network", "unknown" },
  { { kind = "drop_after_read" }, "network", "unknown" },
  { { kind = "reset_mid_body" }, "network", "unknown" },
  { { kind = "truncated" }, "network", "unknown" },
  { { kind = "slow", seconds = 2 }, "timeout", "unknown" },
  { { kind = "not_json" }, "protocol", "unknown" },
  { { kind = "status", status = 400 }, "api", "rejected" },
  { { kind = "status", status = 404, body = "<html>" }, "http", "rejected" },
  { { kind = "status", status = 429 }, "http", "rejected" },
  { { kind = "status", status = 500 }, "http", "unknown" },
  { { kind = "status", status = 502, body = "<html>" }, "http", "unknown" },
  { { kind = "status", status = 503 }, "http", "unknown" },
  { { kind = "status", status = 503, retry_after = 1 }, "http", "rejected" },
  { { kind = "success_false" }, "api", "rejected" },
}

-- What differs where it must.
local differing = {
  get_token = { success_false = "auth" },
  download = { status = "http", success_false = "protocol" },
}

before_each(function()
  server = sandbox.start { render_seconds = 0.1 }
  client = assert(aistudios.new { base_url = server.url, app_id = server.app_id,
    user_key = server.user_key })
  folder = support.directory "faults"
end)

after_each(function()
  client:close()
  server:close()
end)

for name, call in pairs(calls) do
  describe(name, function()
    it("ends under every fault as it is documented, without a trace of the keys", function()
      local id = assert(client:create_project(new_project(), { retries = 0 })).project_id
      assert(client:confirm_auth())
      for _, case in ipairs(faults) do
        local fault, kind, outcome = table.unpack(case)
        -- libcurl itself asks again for what may be asked again
        fault.on, fault.times = name, 3
        server:clear_faults()
        server:fault(fault)
        local what = ("%s under %s %s"):format(name, fault.kind, fault.status or "")
        local _, err = call(id, { retries = 0,
          timeout = fault.kind == "slow" and 0.2 or nil })
        kind = (differing[name] or {})[fault.kind] or kind
        if name == "download" and fault.kind == "success_false" then outcome = "unknown" end
        assert(err, what .. " went well")
        assert.equal(kind, err.kind, what)
        assert.equal(outcome, err.outcome, what)
        assert.equal(1, err.attempts, what)
        assert.equal(name, err.endpoint, what)
        assert.is_nil((tostring(err) .. tostring(err.body)):find(server.user_key, 1, true), what)
      end
      assert.equal(0, server:ledger().duplicates)
    end)
  end)
end
