-- SPDX-License-Identifier: MIT
--
-- mutation.equivalent: mutants that no spec can tell from the original, with the
-- reason. They do not count.

---@type { file: string, before: string, after: string, why: string }[]
return {
}
