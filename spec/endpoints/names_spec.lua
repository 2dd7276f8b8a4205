-- A name in the wrong table, or one letter off: nothing is sent, and what was meant is said.
local aistudios = require "aistudios"
local option_rules = require "aistudios.util.option_rules"

local client

before_each(function()
  client = assert(aistudios.new { app_id = "app", user_key = "key-1234" })
end)

after_each(function()
  client:close()
end)

--- Calls a method that must raise at this file; returns what it says.
local function misuse(name, ...)
  local arguments = table.pack(...)
  local ok, message = pcall(function()
    client[name](client, table.unpack(arguments, 1, arguments.n))
  end)
  assert.is_false(ok, name)
  assert.equal("string", type(message), name)
  return message
end

--- The arguments of a row's method: an identity, where it has one, and `fields`.
local function arguments(row, fields, options)
  if row.identity then return "id-1", fields, options end
  return fields, options
end

local values = { string = "x", id = "x", boolean = true, integer = 1, number = 1,
  object = {}, list = aistudios.array {}, file = "x.pdf" }

describe("an option among the fields", function()
  for name, row in pairs(aistudios.api) do
    if row.takes ~= "nothing" then
      it("of " .. name .. " raises and says where it belongs", function()
        for _, option in ipairs { "timeout", "retries", "on_progress", "to", "overwrite",
          "session_token", "deadline", "on_token" } do
          local message = misuse(name, arguments(row, { [option] = "x.png" }))
          assert.truthy(message:find("'" .. option .. "' is an option", 1, true), message)
        end
        local message = misuse(name, arguments(row, { retries = 0 }))
        assert.truthy(message:find("after the fields", 1, true), message)
      end)
    end
  end

  it("beside a bare value is not taken for a field", function()
    local message = misuse("generate_image", "a cat", { style = "3D", to = "cat.png" })
    assert.truthy(message:find("names_spec.lua:%d+: generate_image: 'to' is an option"), message)
    assert.truthy(message:find("a table of its own", 1, true), message)
  end)

  it("beside an identity is not dropped", function()
    assert.truthy(misuse("get_progress", { projectId = "p", retries = 0 })
      :find("'retries' is an option", 1, true))
    assert.truthy(misuse("get_progress", { projectId = "p", colour = 1 })
      :find("takes no field 'colour'", 1, true))
  end)

  it("of a workflow raises", function()
    for _, case in ipairs {
      { "render", { scenes = {}, to = "x.mp4" } },
      { "render", { scenes = {}, on_token = print } },
      { "make_video", "topic", { topic = "Tea", to = "x.mp4" } },
      { "session", { avatar_id = "x", session_token = "t" } },
      { "translate_video", "https://youtu.be/x", { targets = "de", timeout = 3 } },
    } do
      local message = misuse(table.unpack(case))
      assert.truthy(message:find("names_spec.lua:%d+: " .. case[1] .. ": '.-' is an option"),
        message)
      assert.truthy(message:find("after the fields", 1, true), message)
    end
  end)

  it("is known by its name whichever method has it", function()
    local all = {}
    for _, module in ipairs { "workflows.finish", "workflows.download", "workflows.poll" } do
      for name in pairs(require("aistudios." .. module).rules) do all[name] = true end
    end
    for name in pairs(all) do
      local said = option_rules.check_fields("f", {}, { [name] = 1 }, {})
      assert.truthy(said or name == "url", name)
      for row_name, row in pairs(aistudios.api) do
        assert.is_true(name == "url" or row.fields[name] == nil, row_name .. "." .. name)
      end
    end
  end)
end)

describe("a field among the options", function()
  for name, row in pairs(aistudios.api) do
    it("of " .. name .. " raises and says where it belongs", function()
      for field in pairs(row.body_fields) do
        local message = misuse(name, arguments(row, {}, { [field] = "x" }))
        assert.truthy(message:find(("'%s' is a field"):format(field), 1, true), message)
      end
    end)
  end

  it("of a workflow raises", function()
    for said, case in pairs {
      ["before the options"] = { "render", { scenes = {} }, { orientation = "portrait" } },
      ["'topic' is a field"] = { "make_video", "topic", {}, { topic = "Tea" } },
      ["the option export"] = { "make_video", "topic", { topic = "Tea" }, { resolution = "720" } },
      ["option export, a"] = { "resume", "token", { webhookUrl = "https://example.com" } },
      ["'greeting_text' is a field"] = { "session", { avatar_id = "x" }, { greeting_text = "Hi" } },
    } do
      local message = misuse(table.unpack(case))
      assert.truthy(message:find(said, 1, true), message)
    end
  end)

  it("or an option one letter off names the one that was meant", function()
    for _, case in ipairs {
      { "render", { scenes = {} }, { on_progres = print }, "on_progress" },
      { "make_video", "topic", { topic = "Tea" }, { deadlin = 3 }, "deadline" },
      { "wait_for_video", "p", { intervall = 3 }, "interval" },
      { "wait_for_translations", "p", { stalledd = 3 }, "stalled" },
      { "download", "https://example.com/x", "x", { overwrit = true }, "overwrite" },
      { "models", { retrys = 1 }, "retries" },
      { "list_models", { timout = 1 }, "timeout" },
    } do
      local meant = table.remove(case)
      local message = misuse(table.unpack(case))
      assert.truthy(message:find(("did you mean '%s'"):format(meant), 1, true), message)
    end
  end)
end)

describe("a value that is given twice", function()
  it("raises", function()
    assert.truthy(misuse("generate_image", "a cat", { topic = "a dog" })
      :find("topic is given twice", 1, true))
    assert.truthy(misuse("export_project", "p1", { projectId = "p2" })
      :find("projectId is given twice", 1, true))
  end)
end)

describe("a field one letter off", function()
  local function check(name, fields)
    local row = aistudios.api[name]
    local _, err = client[name](client, arguments(row, fields))
    assert.equal("invalid", err and err.kind, name)
    return err
  end

  local function with_value(field, rule)
    return { [field] = rule.enum and rule.enum[1] or values[rule.type] }
  end

  for name, row in pairs(aistudios.api) do
    if row.takes ~= "nothing" and row.check ~= "project" then
      it("of " .. name .. " is told with the one that was meant", function()
        for field, rule in pairs(row.body_fields) do
          if #field > 4 then
            local wrong = field:sub(1, 2) .. field:sub(4)
            local found
            for _, problem in ipairs(check(name, with_value(wrong, rule)).problems) do
              found = found or problem.path == wrong
                and problem.message:find("did you mean '", 1, true)
            end
            assert.truthy(found, name .. "." .. wrong)
          end
        end
      end)
    end
  end

  local function problem(name, fields, path)
    for _, found in ipairs(check(name, fields).problems) do
      if found.path == path then return found.message end
    end
  end

  it("is found at every depth", function()
    assert.truthy(problem("topic_to_video", { topic = "Tea", languge = "en" }, "languge")
      :find("did you mean 'options.language'", 1, true))
    assert.truthy(problem("topic_to_video", { topic = "Tea", options = { languge = "en" } },
      "options.languge"):find("did you mean 'language'", 1, true))
    assert.truthy(problem("topic_to_video", { topic = "Tea", language = "en" }, "language")
      :find("options.language", 1, true))
    assert.truthy(problem("edit_project", { updates = { { sceneIdx = 0, type = "audio",
      values = {}, sceneIdxx = 1 } } }, "updates.value[1].sceneIdxx")
      :find("did you mean 'sceneIdx'", 1, true))
    assert.truthy(problem("translate_video", { url = "u", targts = { "de" } }, "targts"))
  end)

  it("is found beside names that only the service may know", function()
    for i = 1, 20 do -- whatever the order of pairs
      local said = problem("url_to_video", { url = "https://example.com",
        options = { ["brandNewThing" .. i] = 1, langauge = "de", voiceOfTheYear = i } },
        "options.langauge")
      assert.truthy(said:find("did you mean 'language'", 1, true))
    end
    local err = check("url_to_video", { url = 5, options = { brandNewThing = 1 } })
    assert.equal("url", err.problems[1].path)
  end)

  it("stops a workflow before anything is sent", function()
    local _, err = client:make_video("topic", { topic = "Tea", languge = "en" })
    assert.equal("make_video", err.endpoint)
    assert.truthy(tostring(err):find("language", 1, true))
    _, err = client:make_video("topic", "Tea", { export = { resolution = "8k" } })
    assert.equal("export.resolution", err.problems[1].path)
    _, err = client:make_video("docs", { files = "a.pdf", options = { languge = "en" } })
    assert.equal("options.languge", err.problems[1].path)
    _, err = client:session { avatar_id = "x", greting_text = "Hi" }
    assert.equal("greting_text", err.problems[1].path)
  end)

  it("passes where the checks are off, for the API may have learnt it", function()
    local bold <close> = assert(aistudios.new { app_id = "app", user_key = "key-1234",
      check = false, base_url = "http://127.0.0.1:1", retries = 0 })
    local _, err = bold:topic_to_video { topic = "Tea", languge = "en" }
    assert.equal("network", err.kind)
  end)
end)

describe("lists of numbered fields", function()
  local function paths(fields)
    local _, err = client:translate_video("https://youtu.be/x", fields)
    local list = {}
    for i, found in ipairs(err.problems) do list[i] = found.path end
    return table.concat(list, " ")
  end

  it("are named as the caller wrote them", function()
    local many = {}
    for i = 1, 11 do many[i] = "de-DE" end
    assert.equal("target[11]", paths { target = many })
    assert.equal("targets[11]", paths { targets = many })
    assert.equal("targets[2]", paths { targets = { "de", 3 } })
    assert.equal("targets", paths {})
    assert.equal("target", paths { target = aistudios.array {} })
    assert.equal("subtitles[1]", paths { targets = "de", subtitles = { 3 } })
    assert.equal("target_0", paths { target_1 = "de" })
    assert.equal("target_0", paths { target_0 = "de", targets = { "fr" } })
  end)
end)
