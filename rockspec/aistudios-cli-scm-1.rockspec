rockspec_format = "3.0"
package = "aistudios-cli"
version = "scm-1"
source = { url = "git+file://." }
description = {
  summary = "The command aistudios: AI Studios (DeepBrain AI) videos from a shell",
  detailed = [[
    Checks, previews and renders video projects, goes on after a crash, and
    ends with an exit code that says whether something was bought. A rock of
    its own, so that who embeds the module needs no argparse and no luv.
    Unofficial.]],
  license = "MIT",
  labels = { "video", "api", "commandline" },
}
supported_platforms = { "unix" }
dependencies = { "lua == 5.4", "aistudios", "aistudios-sandbox", "argparse >= 0.7",
  "luv >= 1.43" }
build = {
  type = "make",
  build_target = "rock-cli",
  install_target = "install-cli",
  build_variables = { CC = "$(CC)", CFLAGS = "$(CFLAGS)" },
  install_variables = { LUADIR = "$(LUADIR)", LIBDIR = "$(LIBDIR)", BINDIR = "$(BINDIR)",
    SHAREDIR = "$(PREFIX)/share" },
}
