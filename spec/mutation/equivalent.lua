-- SPDX-License-Identifier: MIT
--
-- mutation.equivalent: mutants that no spec can tell from the original, with the
-- reason. They do not count.

---@type { file: string, before: string, after: string, why: string }[]
return {
  {
    file = "csrc/http/easy_handles.c",
    before = "int last = hs->count - 1, end = last > TRIES ? last - TRIES : -1;",
    after = "int last = hs->count - 1, end = last > TRIES ? last - TRIES : -0;",
    why = "one handle fewer is tried: another gets its options anew, which only takes longer",
  },
  {
    file = "csrc/http/limits.c",
    before = "curl_off_t up = 0, down = 0;",
    after = "curl_off_t up = 0, down = 1;",
    why = "libcurl sets it; and only whether the count changes is looked at",
  },
  {
    file = "csrc/http/event_loop.c",
    before = "t->io.handle->has_sockets = code == CURLE_OK;",
    after = "t->io.handle->has_sockets = code != CURLE_OK;",
    why = "the same options are set again, which only takes longer",
  },
  {
    file = "csrc/http/poller.c",
    before = "return next_ready(p);",
    after = "return !(next_ready(p));",
    why = "a socket that is not told of is told of by the next wait",
  },
  {
    file = "csrc/http/watch.c",
    before = "if (s.same > TICKS_TO_SLEEP && s.calls % 2 == 0)",
    after = "if (s.same <= TICKS_TO_SLEEP && s.calls % 2 == 0)",
    why = "decides only when a watch sleeps that has nothing to do: what there is to do wakes it",
  },
  {
    file = "lua/aistudios/transport/failure.lua",
    before = "if (length or 0) > LONGEST_MESSAGE then",
    after = "if (length or 1) > LONGEST_MESSAGE then",
    why = "the longest message has more than one character",
  },
  {
    file = "csrc/http/token_endpoint.c",
    before = "unsigned bits = 0;",
    after = "unsigned bits = 1;",
    why = "only the last bits are taken",
  },
  {
    file = "csrc/http/multipart.c",
    before = "out->text = malloc(p->text_len + 1);",
    after = "out->text = malloc(p->text_len + 0);",
    why = "glibc gives memory for no bytes too",
  },
  {
    file = "csrc/http/multipart.c",
    before = "if (n == 0) return 0;",
    after = "if (n == 0) return 1;",
    why = "libcurl does not ask for more than the size that it was told",
  },
  {
    file = "csrc/http/multipart.c",
    before = "if (!m->io.error[0] && m->io.ready_len == 0 && find_next_block(m))",
    after = "if (!m->io.error[1] && m->io.ready_len == 0 && find_next_block(m))",
    why = "an error is told in more than one letter",
  },
  {
    file = "csrc/http/connection.c",
    before = "return count_read(c, &read) ? read : 0;",
    after = "return count_read(c, &read) ? read : 1;",
    why = "only whether the count grows is looked at, and Linux always counts",
  },
  {
    file = "csrc/http/download_file.c",
    before = "bool had_etag = f->etag[0] != '\\0';",
    after = "bool had_etag = f->etag[1] != '\\0';",
    why = "an ETag has its quotes, so that it is longer than a letter",
  },
  {
    file = "csrc/http/token.c",
    before = "if (*is_told || !t->request.wants_token || !problem[0]) return;",
    after = "if (*is_told || !t->request.wants_token || !problem[1]) return;",
    why = "a problem is told in more than one letter",
  },
  {
    file = "csrc/http/token_endpoint.c",
    before = "memcpy(line, name, sizeof name - 1);",
    after = "memcpy(line, name, sizeof name - 0);",
    why = "the byte more is written over by the next line",
  },
  {
    file = "csrc/http/event_loop.c",
    before = "act(l, p, CURL_SOCKET_TIMEOUT, 0);",
    after = "act(l, p, CURL_SOCKET_TIMEOUT, 1);",
    why = "without a socket libcurl does not look at what is ready",
  },
  {
    file = "csrc/http/event_loop.c",
    before = "return connections_close(&l->connections, fd);",
    after = "return !(connections_close(&l->connections, fd));",
    why = "libcurl does not look at it",
  },
  {
    file = "csrc/http/connection.c",
    before = "if (!ask_system(c->fd, read, &silent)) return false;",
    after = "if (!ask_system(c->fd, read, &silent)) return true;",
    why = "Linux tells of each connection that is open",
  },
  {
    file = "csrc/http/event_loop.c",
    before = "if (make_room(l, fd) && poller_set(&l->poller, fd, 0) &&",
    after = "if (make_room(l, fd) && poller_set(&l->poller, fd, 1) &&",
    why = "libcurl says what it waits for before there can be news",
  },
  {
    file = "csrc/http/io_thread.c",
    before = "} else if (atomic_exchange(&t->shared.is_asleep, false)) {",
    after = "} else if (atomic_exchange(&t->shared.is_asleep, true)) {",
    why = "the thread is woken once more than needed",
  },
  {
    file = "csrc/http/connection.c",
    before = "int unread = 0;",
    after = "int unread = 1;",
    why = "the system sets it",
  },
  {
    file = "csrc/http/event_loop.c",
    before = "if (is_urgent || ms < 0) ms = 0;",
    after = "if (is_urgent || ms < 0) ms = 1;",
    why = "a millisecond later",
  },
  {
    file = "lua/aistudios/batch/csv.lua",
    before = "return line:sub(-1) ~= \"\\n\" and line:gsub('\"[^\"]*\"', \"\")"
      .. ":find(\"\\r\", 1, true) ~= nil",
    after = "return line:sub(-1) ~= \"\\n\" and line:gsub('\"[^\"]*\"', \"\")"
      .. ":find(\"\\r\", 1, false) ~= nil",
    why = "the character stands for itself in a pattern",
  },
  {
    file = "lua/aistudios/transport/failure.lua",
    before = "return line:sub(1, utf8.offset(line, LONGEST_MESSAGE - 2) - 1) .. \"...\"",
    after = "return line:sub(0, utf8.offset(line, LONGEST_MESSAGE - 2) - 1) .. \"...\"",
    why = "0 stands for 1",
  },
  {
    file = "lua/aistudios/transport/failure.lua",
    before = "return text:sub(1, (utf8.offset(text, 0, most) or most) - 1) .. \"...\"",
    after = "return text:sub(0, (utf8.offset(text, 0, most) or most) - 1) .. \"...\"",
    why = "0 stands for 1",
  },
  {
    file = "csrc/http/event_loop.c",
    before = "return 0;",
    after = "return 1;",
    why = "libcurl takes -1 alone for an error",
  },
  {
    file = "csrc/http/watch.c",
    before = "atomic_store(&l->shared.is_unwatched, false);",
    after = "atomic_store(&l->shared.is_unwatched, true);",
    why = "the watch is woken once more than needed",
  },
  {
    file = "csrc/http/file_content.c",
    before = "return n > 0 ? (size_t)n : 0;",
    after = "return n > 0 ? (size_t)n : 1;",
    why = "a byte is as short of a box as none",
  },
  {
    file = "lua/aistudios/batch/journal.lua",
    before = 'if change.transition == "complete" then self.claim_at = 0 end',
    after = 'if change.transition == "complete" then self.claim_at = 1 end',
    why = "no clock is less than a second after the machine's start",
  },
  {
    file = "csrc/http/limits.c",
    before = "long version = 0;",
    after = "long version = 1;",
    why = "libcurl sets it",
  },
  {
    file = "csrc/http/response.c",
    before = "curl_off_t expected = -1;",
    after = "curl_off_t expected = -0;",
    why = "libcurl sets it",
  },
  {
    file = "csrc/http/connection.c",
    before = 'return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;',
    after = 'return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 1;',
    why = "an address without a scheme does not come here",
  },
  {
    file = "csrc/http/exchange.c",
    before = "exchange_look_again(s, t, 0);",
    after = "exchange_look_again(s, t, 1);",
    why = "both are long ago",
  },
  {
    file = "csrc/http/token.c",
    before = "return list_is_empty(&e->parked) ? 0 : e->pause_end;",
    after = "return list_is_empty(&e->parked) ? 1 : e->pause_end;",
    why = "both are long ago",
  },
  {
    file = "csrc/http/download_file.c",
    before = "DOWNLOAD_FILE_FLUSH_BYTES = 8 * 1024 * 1024",
    after = "DOWNLOAD_FILE_FLUSH_BYTES = 0 * 1024 * 1024",
    why = "the disk is written to more often",
  },
  {
    file = "csrc/http/curl_setup.c",
    before = "FILE_BUFFER_BYTES = 128 * 1024",
    after = "FILE_BUFFER_BYTES = 0 * 1024",
    why = "libcurl takes its least",
  },
  {
    file = "csrc/http/curl_setup.c",
    before = "FILE_BUFFER_BYTES = 128 * 1024",
    after = "FILE_BUFFER_BYTES = 128 * 0",
    why = "libcurl takes its least",
  },
  {
    file = "csrc/http/curl_setup.c",
    before = "long opened = 0;",
    after = "long opened = 1;",
    why = "libcurl sets it",
  },
  {
    file = "csrc/http/limits.c",
    before = "long head = 0, asked = 0;",
    after = "long head = 1, asked = 0;",
    why = "libcurl sets it",
  },
  {
    file = "lua/aistudios/batch/film_names.lua",
    before = "text = text:sub(1, (utf8.offset(text, 0, LONGEST_PART + 1)) - 1)",
    after = "text = text:sub(0, (utf8.offset(text, 0, LONGEST_PART + 1)) - 1)",
    why = "0 stands for 1",
  },
  {
    file = "csrc/http/response.c",
    before = "if (b->cap == 0 && expected > 0 && expected <= MAX_GUESS_BYTES)",
    after = "if (b->cap == 0 && expected <= 0 && expected <= MAX_GUESS_BYTES)",
    why = "a hint of room; without one the room grows",
  },
  {
    file = "csrc/http/connection.c",
    before = "memset(&info, 0, sizeof info);",
    after = "memset(&info, 1, sizeof info);",
    why = "the system fills it",
  },
  {
    file = "csrc/http/response.c",
    before = "MAX_GUESS_BYTES = 1024 * 1024, /* trust Content-Length up to this */",
    after = "MAX_GUESS_BYTES = 1024 * 0, /* trust Content-Length up to this */",
    why = "a hint of room; without one the room grows",
  },
  {
    file = "csrc/http/response.c",
    before = "MAX_GUESS_BYTES = 1024 * 1024, /* trust Content-Length up to this */",
    after = "MAX_GUESS_BYTES = 0 * 1024, /* trust Content-Length up to this */",
    why = "a hint of room; without one the room grows",
  },
}
