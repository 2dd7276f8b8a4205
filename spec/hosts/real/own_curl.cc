// SPDX-License-Identifier: MIT
//
// own_curl: a program in C++ that has a libcurl of its own, of the other flavour
// (GnuTLS), and uses it on threads while a script of it renders with aistudios,
// which has the OpenSSL one. It cleans its own up before the script ends.
//
// Usage: own_curl URL SCRIPT.lua
#include <curl/curl.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
}

namespace {

std::atomic<int> answers{0};
std::atomic<bool> is_over{false};

size_t drop(char *, size_t size, size_t count, void *) { return size * count; }

void ask(const std::string &url) {
  while (!is_over) {
    CURL *easy = curl_easy_init();
    if (!easy) throw std::runtime_error("no handle");
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    long status = 0;
    if (curl_easy_perform(easy) == CURLE_OK)
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    if (status > 0) answers++;
  }
}

int run(lua_State *L, const char *script) {
  if (luaL_dofile(L, script) == LUA_OK) return 0;
  std::fprintf(stderr, "%s\n", luaL_tolstring(L, -1, nullptr));
  return 1;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  curl_global_init(CURL_GLOBAL_ALL);
  if (!std::strstr(curl_version(), "GnuTLS")) {
    std::fprintf(stderr, "this is %s\n", curl_version());
    return 2;
  }
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; i++) threads.emplace_back(ask, std::string(argv[1]));
  int failed = run(L, argv[2]);
  is_over = true;
  for (auto &each : threads) each.join();
  curl_global_cleanup();
  failed |= run(L, argv[2]);  // once more, now that the other one is gone
  lua_close(L);
  std::printf("%s\n", answers > 0 ? "own answers" : "no own answers");
  return failed;
}
