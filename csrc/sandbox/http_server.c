/* SPDX-License-Identifier: MIT
 *
 * server: an MHD daemon with a thread per connection. */
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

struct server {
  struct MHD_Daemon *daemon;
  exchange_place place;
  atomic_uint_least64_t opened, open;
  atomic_bool quiet; /* of MHD's messages only the first of the start is kept */
  char message[MESSAGE_SIZE];
};

/* ---- what MHD calls ---- */

static void *on_target(void *cls, const char *target,
                       struct MHD_Connection *connection) {
  (void)cls;
  (void)connection;
  return exchange_new(target);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *size, void **context) {
  server *s = cls;
  exchange *x = *context;
  (void)url;
  (void)version;
  if (!x) return MHD_NO;
  bool goes_on;
  if (!exchange_has_arrived(x)) {
    goes_on = exchange_arrive(x, &s->place, connection, method);
  } else if (*size > 0) {
    goes_on = exchange_take(x, &s->place, data, *size);
    *size = 0;
  } else {
    goes_on = exchange_answer(x, &s->place, connection);
  }
  return goes_on ? MHD_YES : MHD_NO;
}

static void on_completed(void *cls, struct MHD_Connection *connection,
                         void **context, enum MHD_RequestTerminationCode code) {
  server *s = cls;
  (void)connection;
  (void)code;
  if (*context) exchange_free(*context, &s->place);
  *context = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection,
                          void **context,
                          enum MHD_ConnectionNotificationCode code) {
  server *s = cls;
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
  server *s = cls;
  if (atomic_exchange(&s->quiet, true)) return;
  vsnprintf(s->message, sizeof s->message, format, arguments);
  s->message[strcspn(s->message, "\r\n")] = '\0';
}

/* ---- start and stop ---- */

static struct addrinfo *resolve(const server_options *options, char *why,
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

static struct MHD_Daemon *start_daemon(server *s, const server_options *options,
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
static struct MHD_Daemon *start_quietly(server *s,
                                        const server_options *options,
                                        const struct addrinfo *address) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  struct MHD_Daemon *daemon = start_daemon(s, options, address);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return daemon;
}

static bool listen_there(server *s, const server_options *options, char *why,
                         size_t size) {
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

server *server_start(const server_options *options,
                     const exchange_place *borrowed, char *why, size_t size) {
  server *s = calloc(1, sizeof *s);
  if (!s) {
    snprintf(why, size, "not enough memory");
    return NULL;
  }
  s->place = *borrowed;
  if (listen_there(s, options, why, size)) return s;
  free(s);
  return NULL;
}

void server_stop(server *s) {
  MHD_stop_daemon(s->daemon);
  free(s);
}

uint16_t server_port(const server *s) {
  const union MHD_DaemonInfo *info =
      MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

server_counts server_count(server *s) {
  return (server_counts){atomic_load(&s->opened), atomic_load(&s->open)};
}
