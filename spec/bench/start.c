/* SPDX-License-Identifier: MIT
 *
 * start: how long programs take from start to end.
 *
 *   start ROUNDS LUA CODE...
 *     runs `LUA -e CODE` for each CODE in turn, ROUNDS times, and prints the
 *     median seconds of each */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double run(char *lua, char *code) {
  char flag[] = "-e";
  char *args[] = {lua, flag, code, NULL};
  pid_t pid;
  int status;
  double began = now();
  if (posix_spawnp(&pid, lua, NULL, NULL, args, environ)) exit(2);
  if (waitpid(pid, &status, 0) < 0 || status) exit(2);
  return now() - began;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int rounds = argc > 3 ? atoi(argv[1]) : 0, n = argc - 3;
  double *took = rounds > 0 ? calloc((size_t)(rounds * n), sizeof *took) : NULL;
  if (!took) return 2;
  for (int i = 0; i < rounds; i++)
    for (int j = 0; j < n; j++)
      took[j * rounds + i] = run(argv[2], argv[3 + j]);
  for (int j = 0; j < n; j++) {
    qsort(took + j * rounds, (size_t)rounds, sizeof *took, compare);
    printf("%.6f\n", took[j * rounds + rounds / 2]);
  }
  free(took);
  return 0;
}
