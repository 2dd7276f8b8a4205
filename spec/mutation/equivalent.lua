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
}
