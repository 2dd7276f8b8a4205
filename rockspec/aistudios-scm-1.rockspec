rockspec_format = "3.0"
package = "aistudios"
version = "scm-1"
source = { url = "git+file://." }
description = {
  summary = "Client of the AI Studios (DeepBrain AI) V3 API: projects in, videos out",
  detailed = [[
    Takes a video project as a Lua table, checks it, sends it exactly, follows
    the render and brings the video home. Never blocks its host, never bills
    twice. Its module for webhooks needs luaossl besides. Unofficial.]],
  license = "MIT",
  labels = { "video", "api", "http", "async" },
}
supported_platforms = { "unix" }
dependencies = { "lua == 5.4" }
external_dependencies = { CURL = { library = "curl" } }
build = {
  type = "make",
  build_target = "rock-core",
  install_target = "install-core",
  build_variables = { CC = "$(CC)", CFLAGS = "$(CFLAGS)" },
  install_variables = { LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)" },
}
