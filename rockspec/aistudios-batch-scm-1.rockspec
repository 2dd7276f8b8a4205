rockspec_format = "3.0"
package = "aistudios-batch"
version = "scm-1"
source = { url = "git+file://." }
description = {
  summary = "Many AI Studios (DeepBrain AI) videos from a template and a table, each bought once",
  detailed = [[
    Plans, buys and brings home a video for each row of a table. A process may
    be killed at any time, and another goes on: nothing is bought twice and no
    row is lost. Keeps what it knows in SQLite or PostgreSQL. Unofficial.]],
  license = "MIT",
  labels = { "video", "api", "batch" },
}
supported_platforms = { "unix" }
dependencies = { "lua == 5.4", "aistudios" }
external_dependencies = { SQLITE3 = { library = "sqlite3" }, PQ = { library = "pq" } }
build = {
  type = "make",
  build_target = "rock-batch",
  install_target = "install-batch",
  build_variables = { CC = "$(CC)", CFLAGS = "$(CFLAGS)" },
  install_variables = { LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)" },
}
