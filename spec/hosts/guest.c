/* SPDX-License-Identifier: MIT
 *
 * guest: the module as a guest of a program that has a life of its own: its
 * own libcurl and curl_global_init, its own signal handlers, its own locale,
 * and states that come and go. Prints "guest: ..." and returns 0 when the
 * program finds everything as it left it.
 *
 * Usage: guest [LOCALE]   (one with a decimal comma) */
#include <curl/curl.h>
#include <dirent.h>
#include <lauxlib.h>
#include <locale.h>
#include <lualib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aistudios.h"

enum { ROUNDS = 60, WARM_UP = 10, SIGNALS = 20 };

static pthread_t main_thread;
static volatile sig_atomic_t caught, caught_elsewhere;
static int failures;

static void on_signal(int number) {
  (void)number;
  caught++;
  if (!pthread_equal(pthread_self(), main_thread)) caught_elsewhere++;
}

static void expect(int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "guest: %s\n", what);
  failures++;
}

static int count_entries(const char *path) {
  DIR *dir = opendir(path);
  int n = 0;
  while (dir && readdir(dir)) n++;
  if (dir) closedir(dir);
  return n;
}

static long resident_kib(void) {
  long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file && fscanf(file, "%ld %ld", &total, &resident) != 2) resident = 0;
  if (file) fclose(file);
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* The program's own use of libcurl. */
static size_t discard(char *data, size_t size, size_t count, void *arg) {
  (void)data, (void)arg;
  return size * count;
}

static void fetch(CURL *easy, const char *url) {
  long status = 0;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
  expect(curl_easy_perform(easy) == CURLE_OK, "its own transfer failed");
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  expect(status > 0, "its own transfer has no answer");
}

static const char script[] =
    "local url, app_id, user_key, signals = ...\n"
    "local aistudios = require 'aistudios'\n"
    "local client = assert(aistudios.new { base_url = url, app_id = app_id,\n"
    "  user_key = user_key })\n"
    "for i = 1, 4 do client.async:list_projects() end\n"
    "signals()\n"
    "assert(client:confirm_auth())\n"
    "assert(aistudios.encode { 0.5, 1e300 } == '[0.5,1e300]')\n"
    "assert(aistudios.decode('[0.25]')[1] == 0.25)\n"
    "if math.random(2) == 1 then client:close() end\n";

/* signals(): to the whole process, whose threads may all take them. */
static int send_signals(lua_State *L) {
  (void)L;
  for (int i = 0; i < SIGNALS; i++) kill(getpid(), SIGUSR1);
  return 0;
}

static void come_and_go(lua_State *control) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "aistudios", luaopen_aistudios, 0);
  lua_settop(L, 0);
  expect(luaL_loadstring(L, script) == LUA_OK, "the script");
  for (int i = 1; i <= 3; i++) lua_pushstring(L, lua_tostring(control, i));
  lua_pushcfunction(L, send_signals);
  if (lua_pcall(L, 4, 0, 0)) expect(0, lua_tostring(L, -1));
  lua_close(L);
}

static int is_same_mask(const sigset_t *a, const sigset_t *b) {
  for (int number = 1; number < NSIG; number++)
    if (sigismember(a, number) != sigismember(b, number)) return 0;
  return 1;
}

static lua_State *start_sandbox(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_dostring(L,
                    "server = assert(require 'aistudios.sandbox'.start {})\n"
                    "return server.url, server.app_id, server.user_key")) {
    fprintf(stderr, "guest: %s\n", lua_tostring(L, -1));
    exit(1);
  }
  return L;
}

static void run_rounds(lua_State *control, CURL *easy) {
  int fds = 0, threads = 0;
  long memory = 0;
  for (int i = 0; i < ROUNDS; i++) {
    come_and_go(control);
    fetch(easy, lua_tostring(control, 1));
    expect(luaL_dostring(control, "server:clear_requests()") == LUA_OK,
           "the sandbox's log");
    if (i == WARM_UP) {
      usleep(100000); /* until the server let go of its connections */
      fds = count_entries("/proc/self/fd");
      threads = count_entries("/proc/self/task");
      memory = resident_kib();
    }
  }
  usleep(100000);
  expect(count_entries("/proc/self/fd") <= fds, "descriptors are left");
  expect(count_entries("/proc/self/task") <= threads, "threads are left");
  printf("guest: %d states, %d signals, %ld KiB more after %d of them\n",
         ROUNDS, (int)caught, resident_kib() - memory, ROUNDS - WARM_UP);
}

int main(int argc, char **argv) {
  struct sigaction mine = {.sa_handler = on_signal}, after;
  sigset_t mask_before, mask_after;
  main_thread = pthread_self();
  sigemptyset(&mine.sa_mask);
  mine.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &mine, NULL);
  sigaction(SIGPIPE, &mine, NULL);
  pthread_sigmask(SIG_SETMASK, NULL, &mask_before);
  if (argc > 1) expect(setlocale(LC_ALL, argv[1]) != NULL, "no such locale");
  expect(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK, "curl_global_init");
  CURL *easy = curl_easy_init();
  lua_State *control = start_sandbox();

  run_rounds(control, easy);

  sigaction(SIGPIPE, NULL, &after);
  pthread_sigmask(SIG_SETMASK, NULL, &mask_after);
  expect(after.sa_handler == on_signal, "the action of SIGPIPE has changed");
  expect(is_same_mask(&mask_before, &mask_after),
         "the signal mask has changed");
  expect(caught > 0, "no signal came");
  expect(caught_elsewhere == 0, "another thread took a signal");
  if (argc > 1)
    expect(strcmp(setlocale(LC_ALL, NULL), argv[1]) == 0,
           "the locale has changed");
  curl_easy_cleanup(easy);
  expect(luaL_dostring(control, "server:close()") == LUA_OK, "server:close");
  lua_close(control);
  curl_global_cleanup();
  return failures ? 1 : 0;
}
