/* SPDX-License-Identifier: MIT
 *
 * http_server: an MHD daemon with a thread per connection. */
#include "sandbox/http_server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/listener.h"

#define MAX_CONNECTIONS 4096
#define THREAD_STACK (512 * 1024)
#define MESSAGE_SIZE 256

struct http_server {
  struct MHD_Daemon *daemon;
  listener *listener;
  http_request_place place;
  atomic_uint_least64_t opened, open;
  atomic_bool quiet; /* of MHD's messages only the first of the start is kept */
  char message[MESSAGE_SIZE];
};

/* ---- what MHD calls ---- */

static void *on_target(void *cls, const char *target,
                       struct MHD_Connection *connection) {
  (void)cls;
  (void)connection;
  return http_request_new(target);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *size, void **context) {
  http_server *s = cls;
  http_request *x = *context;
  (void)url;
  (void)version;
  if (!x) return MHD_NO;
  bool goes_on;
  if (!http_request_has_arrived(x)) {
    goes_on = http_request_arrive(x, &s->place, connection, method);
  } else if (*size > 0) {
    goes_on = http_request_take(x, &s->place, data, *size);
    *size = 0;
  } else {
    goes_on = http_request_answer(x, &s->place, connection);
  }
  return goes_on ? MHD_YES : MHD_NO;
}

static void on_completed(void *cls, struct MHD_Connection *connection,
                         void **context, enum MHD_RequestTerminationCode code) {
  http_server *s = cls;
  (void)connection;
  (void)code;
  if (*context) http_request_free(*context, &s->place);
  *context = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection,
                          void **context,
                          enum MHD_ConnectionNotificationCode code) {
  http_server *s = cls;
  (void)connection;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    *context = (void *)(uintptr_t)(atomic_fetch_add(&s->opened, 1) + 1);
    atomic_fetch_add(&s->open, 1);
  } else {
    atomic_fetch_sub(&s->open, 1);
  }
}

/* Keeps the first line that MHD has to say while it starts. */
static void on_message(void *cls, const char *format, va_list arguments) {
  http_server *s = cls;
  if (atomic_exchange(&s->quiet, true)) return;
  vsnprintf(s->message, sizeof s->message, format, arguments);
  s->message[strcspn(s->message, "\r\n")] = '\0';
}

/* ---- start and stop ---- */

static struct MHD_Daemon *start_daemon(http_server *s,
                                       const http_server_options *options) {
  unsigned int flags =
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
      MHD_USE_POLL | MHD_USE_ITC | MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET;
  if (options->cert) flags |= MHD_USE_TLS;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->cert},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
      {MHD_OPTION_END, 0, NULL}};
  if (!options->cert) tls[0] = tls[2];
  return MHD_start_daemon(
      flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER,
      on_message, s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
      MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned int)MAX_CONNECTIONS,
      MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK, MHD_OPTION_ARRAY, tls,
      MHD_OPTION_END);
}

/* The threads that MHD makes inherit that no signal is for them. */
static struct MHD_Daemon *start_quietly(http_server *s,
                                        const http_server_options *options) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  struct MHD_Daemon *daemon = start_daemon(s, options);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return daemon;
}

static bool listen_there(http_server *s, const http_server_options *options,
                         char *why, size_t size) {
  s->daemon = start_quietly(s, options);
  bool has_message = atomic_exchange(&s->quiet, true);
  if (!s->daemon) {
    snprintf(why, size, "%s",
             has_message ? s->message : "the server did not start");
    return false;
  }
  listener_options listening = {.host = options->host,
                                .port = options->port,
                                .daemon = s->daemon,
                                .stop = s->place.source.stop,
                                .is_admin = s->place.is_admin};
  s->listener = listener_start(&listening, why, size);
  if (s->listener) return true;
  MHD_stop_daemon(s->daemon);
  return false;
}

http_server *http_server_start(const http_server_options *options,
                               const http_request_place *borrowed, char *why,
                               size_t size) {
  http_server *s = calloc(1, sizeof *s);
  if (!s) {
    snprintf(why, size, "not enough memory");
    return NULL;
  }
  s->place = *borrowed;
  if (listen_there(s, options, why, size)) return s;
  free(s);
  return NULL;
}

void http_server_stop(http_server *s) {
  listener_free(s->listener);
  MHD_stop_daemon(s->daemon);
  free(s);
}

uint16_t http_server_port(const http_server *s) {
  return listener_port(s->listener);
}

http_server_counts http_server_count(http_server *s) {
  return (http_server_counts){atomic_load(&s->opened), atomic_load(&s->open)};
}
