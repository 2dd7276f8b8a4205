-- SPDX-License-Identifier: MIT
--
-- decimal: string.format with a point in numbers, whatever locale the host has set.
-- Drawings and what the check says are the same everywhere.

local M = {}

--- As string.format, with all that it takes but `*`.
---@type fun(format: string, ...: any): string
M.format = require "aistudios.core".format

return M
