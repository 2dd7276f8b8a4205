/* SPDX-License-Identifier: MIT
 *
 * opener: a program without Lua and libcurl that opens a plugin with
 * RTLD_LOCAL, runs a script in it, closes the plugin, and does so again.
 *
 * Usage: opener PLUGIN.so SCRIPT.lua TIMES */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  for (long times = strtol(argv[3], NULL, 10); times > 0; times--) {
    void *plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!plugin) {
      fprintf(stderr, "%s\n", dlerror());
      return 1;
    }
    int (*run)(const char *) = NULL;
    *(void **)&run = dlsym(plugin, "plugin_run");
    if (!run || run(argv[2])) return 1;
    if (dlsym(RTLD_DEFAULT, "lua_newstate") ||
        dlsym(RTLD_DEFAULT, "luaopen_aistudios")) {
      fprintf(stderr, "names of the plugin are global\n");
      return 1;
    }
    dlclose(plugin);
  }
  return 0;
}
