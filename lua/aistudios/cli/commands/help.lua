-- SPDX-License-Identifier: MIT
--
-- aistudios help: commands, and topics that belong to none.

local arguments = require "aistudios.cli.arguments"
local failure = require "aistudios.cli.failure"
local status = require "aistudios.cli.status"

local topics = {}

function topics.money()
  return [[
One invocation of render, make or translate is one job, which is bought at most once.
What was sent is sent again only where it did nothing: no connection, or the service said so.
A timeout cancels nothing and buys nothing again: exit code 4; aistudios resume TOKEN goes on.
An error's outcome tells: not_sent and rejected cost nothing; unknown (exit code 5) may have.
No call tells a price; aistudios render --dry-run tells the seconds of speech, at no cost.]]
end

function topics.exit()
  local lines = {}
  for i, row in ipairs(status.about) do lines[i] = ("%3d  %s"):format(row[1], row[2]) end
  return table.concat(lines, "\n")
end

function topics.man()
  return require "aistudios.cli.manual".page()
end

local function command_help(name)
  local parser = arguments.parser()
  for _, command in ipairs(parser._commands) do
    if command._name == name then return command:get_help() end
  end
end

---@type aistudios.cli.Command
return {
  name = "help",
  about = "Tells how a command is used; topics: money, exit, man",
  arguments = { { "[TOPIC]", "A command, or money, exit or man." } },
  run = function (context, given)
    local topic = given.topic
    if not topic then
      context.output:write_text(arguments.parser():get_help())
      return status.done
    end
    local text = topics[topic] and topics[topic]() or command_help(topic)
    if not text then
      local known = {}
      for name in pairs(topics) do known[name] = true end
      for _, name in ipairs(arguments.names) do known[name] = true end
      return failure.usage(context.output, ("there is no help about '%s'%s"):format(topic,
        require "aistudios.util.suggest".hint(topic, known)))
    end
    context.output:write_text(text)
    return status.done
  end,
}
