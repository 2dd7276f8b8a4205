-- Every row against the facts of the API's documentation.
local aistudios = require "aistudios"
local facts = dofile "spec/fixtures/endpoints.lua"

local kinds = {
  ["string"] = "string", ["string|null"] = "string", ["boolean"] = "boolean",
  ["integer"] = "integer", ["number"] = "number", ["object"] = "object",
  ["object|null"] = "object", ["array<object>"] = "list", ["array<string>"] = "list",
  ["object<string,string>"] = "object", ["file"] = "file",
}

--- The rule for "updates.value[].type" in a row's tree of fields.
local function find(row, key)
  local fields, rule, is_item = row.fields, nil, false
  if fields[key] then return fields[key] end -- "target_{0..9}"
  for name, brackets in key:gmatch("([^.%[]+)(%[?%]?)%.?") do
    if is_item then fields = rule.items and rule.items.fields end
    rule = fields and fields[name]
    if not rule then return nil end
    fields, is_item = rule.fields, brackets == "[]"
  end
  return rule
end

local bodies = { json = "json", multipart = "form" }

--- The inside of a project is the project checks' business.
local function is_ours(row, fact)
  return not (row.check == "project"
    and (fact.key:find("^scenes%[") or fact.key == "dictionary"))
end

local function compare(row, fact)
  local where = row.name .. ": " .. fact.key
  local rule = find(row, fact.key)
  assert(rule, where .. " is missing")
  local kind = rule.type == "id" and "string" or rule.type
  assert.equal(kinds[fact.type], kind, where)
  assert.equal(fact.required or false, rule.required or false, where .. " required")
  assert.equal(fact.at, rule.at or "body", where .. " place")
  if fact.enum then
    assert.same(fact.enum, rule.enum or rule.examples or rule.kinds, where)
  end
  assert.equal(fact.min, rule.min, where .. " least")
  assert.equal(fact.max, rule.max, where .. " most")
end

describe("the table of endpoints", function()
  for _, fact in ipairs(facts) do
    it("has " .. fact.name .. " as it is documented", function()
      local row = aistudios.api[fact.name]
      assert.equal(fact.name, row.name)
      assert.equal(fact.method, row.method)
      assert.equal(fact.path, row.path)
      assert.equal(fact.host, row.host)
      assert.equal(fact.auth, row.auth)
      assert.equal(bodies[fact.body], row.body)
      assert.equal(fact.deprecated, row.is_deprecated)
      for _, field in ipairs(fact.fields) do
        if is_ours(row, field) then compare(row, field) end
      end
    end)
  end

  it("has no row that is not documented", function()
    local names = {}
    for _, fact in ipairs(facts) do names[fact.name] = true end
    for name in pairs(aistudios.api) do assert.is_true(names[name], name) end
  end)

  it("lets nothing be sent twice that may cost", function()
    for name, row in pairs(aistudios.api) do
      if row.is_billed then assert.is_nil(row.is_replayable, name) end
      if row.method == "GET" or row.method == "DELETE" then
        assert.is_true(row.is_replayable, name)
      end
    end
  end)
end)
