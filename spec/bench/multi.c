/* SPDX-License-Identifier: MIT
 *
 * multi: what the benches are measured against: a C program that does no more
 * than libcurl's multi interface asks for. It posts ready-made bytes and
 * throws the answers away.
 *
 *   multi calls URL TOKEN BODY COUNT FLIGHT [CA_FILE]
 *     waits in curl_multi_poll; prints wall and CPU seconds, connections
 *     included
 *   multi frames URL TOKEN CA_FILE FLIGHT FILE_URL PATH
 *     calls curl_multi_perform once a frame, 60 frames a second, until the
 *     file is there; prints the seconds of each frame's calls */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME (1.0 / 60)
#define WARM_FRAMES 30 /* before the download begins and frames count */

typedef struct {
  const char *url, *ca_file;
  char *body;
  size_t len;
  struct curl_slist *headers;
  long answered, failed;
} load;

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char *read_file(const char *path, size_t *len) {
  FILE *file = fopen(path, "rb");
  char *text = malloc(1 << 20);
  if (!file || !text) exit(2);
  *len = fread(text, 1, 1 << 20, file);
  fclose(file);
  return text;
}

static size_t ignore(char *data, size_t size, size_t n, void *to) {
  (void)data;
  (void)to;
  return size * n;
}

static void set_headers(load *l, const char *token) {
  char line[1024];
  snprintf(line, sizeof line, "Authorization: %s", token);
  l->headers = curl_slist_append(NULL, line);
  l->headers = curl_slist_append(l->headers, "Content-Type: application/json");
  l->headers = curl_slist_append(l->headers, "Expect:");
}

static CURL *make_call(const load *l) {
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, l->url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, l->headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (l->ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, l->ca_file);
  if (!l->body) return easy;
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, l->body);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)l->len);
  return easy;
}

/* Counts what has ended; the next call takes the place of each, as long as
 * `left` says so. Returns whether `watched` was among them. */
static int collect(load *l, CURLM *multi, const CURL *watched, long *left) {
  int queued, found = 0;
  for (CURLMsg *m; (m = curl_multi_info_read(multi, &queued));) {
    CURL *easy = m->easy_handle;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    l->answered++;
    if (m->data.result || status != 200) l->failed++;
    found |= easy == watched;
    curl_multi_remove_handle(multi, easy);
    if (*left > 0 && easy != watched) {
      curl_multi_add_handle(multi, easy);
      --*left;
    }
  }
  return found;
}

static int run_calls(char **args, const char *ca_file) {
  load l = {.url = args[0], .ca_file = ca_file};
  l.body = read_file(args[2], &l.len);
  set_headers(&l, args[1]);
  long count = atol(args[3]), flight = atol(args[4]), left = count - flight;
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, flight);
  double wall = seconds(CLOCK_MONOTONIC);
  double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  for (long i = 0; i < flight; i++) curl_multi_add_handle(multi, make_call(&l));
  for (int running = 1; running;) {
    curl_multi_perform(multi, &running);
    collect(&l, multi, NULL, &left);
    if (l.answered < count) {
      running = 1;
      curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
  }
  printf("%.6f %.6f %ld\n", seconds(CLOCK_MONOTONIC) - wall,
         seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, l.failed);
  return l.failed != 0;
}

static int run_frames(char **args) {
  load l = {.url = args[0], .ca_file = args[2]}, file = {.url = args[4]};
  set_headers(&l, args[1]);
  file.ca_file = l.ca_file;
  FILE *to = fopen(args[5], "wb");
  if (!to) return 2;
  CURLM *multi = curl_multi_init();
  CURL *download = make_call(&file);
  curl_easy_setopt(download, CURLOPT_WRITEFUNCTION, fwrite);
  curl_easy_setopt(download, CURLOPT_WRITEDATA, to);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1 + atol(args[3]));
  for (long i = 0; i < atol(args[3]); i++)
    curl_multi_add_handle(multi, make_call(&l));
  double next = seconds(CLOCK_MONOTONIC);
  for (int running, done = 0, frame = 0; !done; frame++) {
    if (frame == WARM_FRAMES) curl_multi_add_handle(multi, download);
    long left = 1000000;
    double began = seconds(CLOCK_MONOTONIC);
    curl_multi_perform(multi, &running);
    done = collect(&l, multi, download, &left);
    double ended = seconds(CLOCK_MONOTONIC);
    if (frame >= WARM_FRAMES) printf("%.7f\n", ended - began);
    next += FRAME;
    if (next > ended) usleep((useconds_t)((next - ended) * 1e6));
  }
  fclose(to);
  return l.failed != 0;
}

int main(int argc, char **argv) {
  curl_global_init(CURL_GLOBAL_ALL);
  if ((argc == 7 || argc == 8) && !strcmp(argv[1], "calls"))
    return run_calls(argv + 2, argv[7]);
  if (argc == 8 && !strcmp(argv[1], "frames")) return run_frames(argv + 2);
  return 2;
}
