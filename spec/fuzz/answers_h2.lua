-- SPDX-License-Identifier: MIT
--
-- Fuzz target: answers, where calls that cost nothing go over HTTP/2: the bytes are the
-- server's frames.

local peer = require "spec.fuzz.peer"

peer.speak_http2()
peer.is_http2 = true -- what is a request is not told from the fetch of a token: none is made

return require "spec.fuzz.answers"
