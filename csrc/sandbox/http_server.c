/* SPDX-License-Identifier: MIT
 *
 * http_server: an MHD daemon with a thread per connection. */
#include "sandbox/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONNECTIONS 4096
#define THREAD_STACK (512 * 1024)
#define MESSAGE_SIZE 256

struct http_server {
  struct MHD_Daemon *daemon;
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

static struct addrinfo *resolve(const http_server_options *options, char *why,
                                size_t size) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  char port[8];
  snprintf(port, sizeof port, "%u", (unsigned)options->port);
  int status = getaddrinfo(options->host, port, &hints, &found);
  if (status == 0) return found;
  snprintf(why, size, "%s: %s", options->host, gai_strerror(status));
  return NULL;
}

static struct MHD_Daemon *start_daemon(http_server *s,
                                       const http_server_options *options,
                                       const struct addrinfo *address) {
  unsigned int flags = MHD_USE_THREAD_PER_CONNECTION |
                       MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                       MHD_USE_ITC | MHD_USE_ERROR_LOG;
  if (address->ai_family == AF_INET6) flags |= MHD_USE_IPv6;
  if (options->cert) flags |= MHD_USE_TLS;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->cert},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
      {MHD_OPTION_END, 0, NULL}};
  if (!options->cert) tls[0] = tls[2];
  return MHD_start_daemon(
      flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER,
      on_message, s, MHD_OPTION_SOCK_ADDR, address->ai_addr,
      MHD_OPTION_URI_LOG_CALLBACK, on_target, s, MHD_OPTION_NOTIFY_COMPLETED,
      on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned int)MAX_CONNECTIONS,
      MHD_OPTION_THREAD_STACK_SIZE, (size_t)THREAD_STACK,
      MHD_OPTION_LISTEN_BACKLOG_SIZE, 511u, MHD_OPTION_ARRAY, tls,
      MHD_OPTION_END);
}

/* The threads that MHD makes inherit that no signal is for them. */
static struct MHD_Daemon *start_quietly(http_server *s,
                                        const http_server_options *options,
                                        const struct addrinfo *address) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  struct MHD_Daemon *daemon = start_daemon(s, options, address);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return daemon;
}

static bool listen_there(http_server *s, const http_server_options *options,
                         char *why, size_t size) {
  struct addrinfo *address = resolve(options, why, size);
  if (!address) return false;
  s->daemon = start_quietly(s, options, address);
  freeaddrinfo(address);
  bool has_message = atomic_exchange(&s->quiet, true);
  if (s->daemon) return true;
  snprintf(why, size, "%s port %u: %s", options->host, (unsigned)options->port,
           has_message ? s->message : "the server did not start");
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
  MHD_stop_daemon(s->daemon);
  free(s);
}

uint16_t http_server_port(const http_server *s) {
  const union MHD_DaemonInfo *info =
      MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

http_server_counts http_server_count(http_server *s) {
  return (http_server_counts){atomic_load(&s->opened), atomic_load(&s->open)};
}
