-- Peers that send without end: what they can use up, and what is said then.
-- That they hold up nothing else, prompt_spec sees to.
local core = require "aistudios.core"
local hostile_peer = require "spec.support.hostile_peer"
local support = require "spec.support"

local function take(handle)
  local deadline = core.now() + 10
  while true do
    local id, response = support.take(handle)
    if id then return response end
    assert(core.now() < deadline, "no completion in time")
    handle:wait(0.2)
  end
end

describe("a server that sends small frames without pause", function ()
  it("is cut off for others, and that is said", function ()
    local peer <close> = hostile_peer.start "h2_updates"
    local flooded <close> = core.client { token = "a-token", ca_file = peer.ca_file }
    local other <close> = core.client { token = "a-token" }
    assert(flooded:submit(1, { method = "GET", url = peer.url }))
    -- A pause of the peer lets a command through without a cut: one command after another.
    local deadline, id, response = core.now() + 25
    repeat
      assert(core.now() < deadline, "no completion in time")
      other:submit(1, { method = "GET", url = "http://127.0.0.1:1/" })
      take(other)
      support.sleep(0.3)
      id, response = support.take(flooded)
    until id
    assert.equal("network", response.failure)
    assert.truthy(response.message:find("held up", 1, true), response.message)
  end)
end)

describe("an answer without end", function ()
  local handle

  before_each(function () handle = core.client { token = "a-token" } end)
  after_each(function () handle:close() end)

  -- Bounds by count, long before a memory or a patience is used up.
  for _, name in ipairs { "trailers", "headers", "extensions", "informational", "deflated" } do
    it("is bounded: " .. name, function ()
      local peer <close> = hostile_peer.start(name)
      assert(handle:submit(1, { method = "GET", url = peer.url, stall_timeout = 2,
        max_response_bytes = 1000 }))
      local response = take(handle)
      -- A slow machine may still be at it when the peer is cut off for others.
      local is_cut_off = support.is_slow and response.message:find("held up", 1, true)
      assert.equal(is_cut_off and "network" or "too_large", response.failure, response.message)
    end)
  end

  it("of a redirect is bounded", function ()
    local peer <close> = hostile_peer.start "redirect"
    assert(handle:submit(1, { method = "GET", url = peer.url, stall_timeout = 2, follow = 5,
      to = support.directory "redirect" .. "/film" }))
    local response = take(handle)
    assert.equal("too_large", response.failure, response.message)
  end)

  -- Of such a body a few kilobytes may take libcurl minutes, all within one call.
  for _, name in ipairs { "coded_twice", "sent_coded_twice" } do
    for _, to in ipairs { false, support.directory "coded" .. "/film" } do
      if to == false or name == "sent_coded_twice" then
        it(("is not looked at: %s%s"):format(name, to and ", a file" or ""), function ()
          local peer <close> = hostile_peer.start(name)
          assert(handle:submit(1, { method = "GET", url = peer.url, stall_timeout = 2,
            to = to or nil }))
          local response = take(handle)
          assert.equal("protocol", response.failure, response.message)
          assert.equal("the answer's body is compressed more than once", response.message)
        end)
      end
    end
  end

  -- The stall clock counts every byte.
  for _, name in ipairs { "slow_header", "slow_extension" } do
    it("is no stall while bytes come: " .. name, function ()
      local peer <close> = hostile_peer.start(name)
      assert(handle:submit(1, { method = "GET", url = peer.url, stall_timeout = 0.5 }))
      local response = take(handle)
      assert.is_nil(response.failure)
      assert.equal("{}", response.body)
    end)
  end
end)
