rockspec_format = "3.0"
package = "aistudios-sandbox"
version = "scm-1"
source = { url = "git+file://." }
description = {
  summary = "A local sandbox of the AI Studios (DeepBrain AI) V3 API",
  detailed = [[
    The whole API on 127.0.0.1, inside the process that tests against it, with
    a ledger of what it would have billed and faults on demand. Unofficial.]],
  license = "MIT",
  labels = { "testing", "api", "http" },
}
supported_platforms = { "unix" }
dependencies = { "lua == 5.4", "aistudios" }
external_dependencies = { MICROHTTPD = { library = "microhttpd" } }
build = {
  type = "make",
  build_target = "rock-sandbox",
  install_target = "install-sandbox",
  build_variables = { CC = "$(CC)", CFLAGS = "$(CFLAGS)" },
  install_variables = { LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)" },
}
