-- SPDX-License-Identifier: MIT
--
-- first_paint: how long headless Chromium, without a graphics card, takes from the
-- navigation to the first paint of the page of a course of 60 slides, and of an empty page
-- in the same run; the least, the median and the most of 12 alternated rounds.
-- Without Chromium (`make test-web` installs it) it measures nothing.

local aistudios = require "aistudios"
local browsers = require "spec.support.browser"
local common = require "spec.bench.common"
local fixtures = require "spec.fixtures.projects.storyboards"
local support = require "spec.support"

local ROUNDS, GOAL = 12, 300
local WIDTH, HEIGHT = 1320, 900
local FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"

if not os.execute "command -v chromium >/dev/null" then
  print "  Chromium is not installed"
  return
end

local directory = support.directory "first_paint"
local pages = {
  { name = "an empty page", text = "<!doctype html><p>empty" },
  { name = "a course of 60 slides", text = aistudios.storyboard(fixtures.course()),
    goal = GOAL },
}
local browser <close> = browsers.start()
for round = 0, ROUNDS do -- round 0 warms up
  for i, page in ipairs(pages) do
    local path = ("%s/%d.html"):format(directory, i)
    support.write_file(path, page.text)
    browser:open("file://" .. path, WIDTH, HEIGHT)
    page.times = round > 0 and page.times or {}
    table.insert(page.times, browser:wait_for(FIRST_PAINT))
    browser:wait_for "document.readyState == 'complete' || undefined"
  end
end
for _, page in ipairs(pages) do
  common.figure("first paint of " .. page.name .. ", median", common.quantile(page.times, 0.5),
    page.goal, "ms", page.times)
end
