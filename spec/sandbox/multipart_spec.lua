-- SPDX-License-Identifier: MIT
--
-- Uploads.

local calls = require "spec.support.sandbox_calls"
local http = require "spec.support.http"
local support = require "spec.support"


local post, post_form, message_of = calls.post, calls.post_form, calls.message_of

before_each(function() calls.begin() end)
after_each(calls.finish)

describe("an upload", function()
  it("is logged by its parts", function()
    post_form("/editor/project/pptpdf", { "file", "a\0b\r\nc", "deck.pdf" }, { "name", "" })
    local parts = calls.server:requests "create_from_document"[1].parts
    assert.equal(2, #parts)
    assert.equal("file", parts[1].name)
    assert.equal("deck.pdf", parts[1].filename)
    assert.equal("application/octet-stream", parts[1].type)
    assert.equal("a\0b\r\nc", parts[1].data)
    assert.equal(6, parts[1].size)
    assert.equal("", parts[2].data)
    assert.is_nil(parts[2].filename)
  end)

  it("of any size is read without being kept", function()
    local size = support.is_slow and 4 << 20 or 32 << 20
    local body, kind = http.form { { "file", ("0123456789abcdef"):rep(size // 16), "a.pdf" } }
    local answer = post("/editor/project/pptpdf", body, { ["Content-Type"] = kind })
    assert.equal(200, answer.status)
    local request = calls.server:requests "create_from_document"[1]
    assert.equal(size, request.parts[1].size)
    assert.equal(65536, #request.parts[1].data)
    assert.equal(#body, request.body_size)
    assert.is_true(#request.body <= 1 << 20)
  end)

  it("that is cut off is refused", function()
    local body, kind = http.form { { "file", "x", "a.pdf" } }
    local answer = post("/editor/project/pptpdf", body:sub(1, -20),
      { ["Content-Type"] = kind })
    assert.truthy(message_of(answer):find("not whole", 1, true))
  end)
end)
