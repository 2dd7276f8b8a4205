/* SPDX-License-Identifier: MIT
 *
 * program: waits for the end by a signalfd and stdin. */
#include "sandbox/program.h"

#include <errno.h>
#include <lauxlib.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Reads what stdin has. False at its end. */
static bool drain_stdin(void) {
  char bytes[4096];
  ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
  return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static void wait_on(int signals, bool with_stdin) {
  struct pollfd watched[] = {{.fd = signals, .events = POLLIN},
                             {.fd = STDIN_FILENO, .events = POLLIN}};
  for (;;) {
    int ready = poll(watched, with_stdin ? 2 : 1, -1);
    if (ready < 0 && errno != EINTR) return;
    if (ready <= 0) continue;
    if (watched[0].revents) return;
    if (watched[1].revents && !drain_stdin()) return;
  }
}

static sigset_t ending_signals(void) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGHUP);
  return ending;
}

int program_hold_signals(lua_State *L) {
  sigset_t ending = ending_signals();
  (void)L;
  pthread_sigmask(SIG_BLOCK, &ending, NULL);
  return 0;
}

int program_wait(lua_State *L) {
  sigset_t ending = ending_signals();
  int fd = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return luaL_error(L, "no descriptor to wait for signals");
  pthread_sigmask(SIG_BLOCK, &ending, NULL);
  wait_on(fd, lua_toboolean(L, 1));
  struct signalfd_siginfo taken;
  while (read(fd, &taken, sizeof taken) == (ssize_t)sizeof taken) continue;
  pthread_sigmask(SIG_UNBLOCK, &ending, NULL);
  close(fd);
  return 0;
}

int program_pid(lua_State *L) {
  lua_pushinteger(L, getpid());
  return 1;
}
