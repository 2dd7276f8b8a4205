-- SPDX-License-Identifier: MIT
--
-- version: the version of this module, by semantic versioning.

return "0.1.0"
