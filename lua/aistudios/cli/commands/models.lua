-- SPDX-License-Identifier: MIT
--
-- aistudios models: the avatars that there are.

local follow = require "aistudios.cli.follow"
local status = require "aistudios.cli.status"

local function label_of(model, language)
  if type(model.label) ~= "table" then return model.label end
  return model.label[language or "en"] or select(2, next(model.label))
end

local function run(context, given)
  local models, code = follow.one(context, function (async) return async:models() end)
  if not models then return code end
  if given.language then models = models:by_language(given.language) end
  if not context.output.is_json then
    for _, model in ipairs(models) do
      model.label = label_of(model, given.language)
      model.languages = table.concat(model.languages or {}, " ")
    end
  end
  context.output:write_list(models, { "id", "label", "languages", "avatarType" })
  return status.done
end

---@type aistudios.cli.Command
return {
  name = "models",
  about = "Lists the avatars",
  options = { { "--language CODE", "Only those that speak it, e.g. en." } },
  run = run,
}
