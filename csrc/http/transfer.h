/* SPDX-License-Identifier: MIT
 *
 * transfer: one HTTP exchange. The host's thread fills in the request and
 * hands the transfer to the engine; from then on the I/O thread owns all of
 * it but the atomics, until the transfer is complete and the host owns it
 * again. Knows nothing of tokens, endpoints, repeats or Lua. */
#ifndef AISTUDIOS_TRANSFER_H
#define AISTUDIOS_TRANSFER_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/download_file.h"
#include "http/multipart.h"
#include "util/bytes.h"
#include "util/list.h"

enum {
  TRANSFER_MAX_HEADERS = 8,         /* request headers of the caller */
  TRANSFER_MAX_ERROR_BYTES = 65536, /* kept of an answer not worth a file */
  TRANSFER_MAX_HEADER_BYTES = 4096  /* of one response header kept */
};

typedef struct client client; /* client.h */

/* How an exchange ended. */
typedef enum {
  FAILURE_NONE, /* a whole answer, whatever its status */
  FAILURE_RESOLVE,
  FAILURE_CONNECT,
  FAILURE_TLS,
  FAILURE_TIMEOUT,
  FAILURE_STALL,
  FAILURE_NETWORK,
  FAILURE_REFUSED, /* HTTP/2: sent, and surely not acted on */
  FAILURE_PROTOCOL,
  FAILURE_TOO_LARGE,
  FAILURE_CANCELLED,
  FAILURE_CLOSED,
  FAILURE_FILE,
  FAILURE_AUTH,
  FAILURE_MEMORY
} failure;

/* "resolve" for FAILURE_RESOLVE and so on; NULL for FAILURE_NONE. */
const char *failure_name(failure f);

/* Connection settings that transfers of one client share; immutable. */
typedef struct {
  atomic_uint refs;
  char *app_id, *user_key;            /* credentials, or NULL */
  char *token;                        /* issued elsewhere, or NULL */
  char *token_url;                    /* where credentials become a token */
  char *ca_file, *proxy, *user_agent; /* NULL: libcurl's default */
  double connect_timeout, stall_timeout, total_timeout; /* s, token fetch */
  int retries;            /* repeats of a token fetch */
  unsigned max_in_flight; /* transfers of the client at once */
  size_t max_response_bytes;
} settings;

/* Zeroed settings with one reference; NULL when out of memory. */
settings *settings_new(void);
settings *settings_ref(settings *s);
void settings_unref(settings *s); /* the last one wipes the secrets */

/* A growing run of bytes that never exceeds `max`. */
typedef struct {
  char *data;
  size_t len, cap, max;
} bytes;

/* The answer, complete when the transfer is. */
typedef struct {
  failure failure;
  char message[CURL_ERROR_SIZE]; /* one line; "" without a failure */
  bool sent;         /* some of the request may have reached the server */
  long status;       /* 0 when there was no answer */
  bytes body;        /* in memory */
  char *headers;     /* "name\0value\0" pairs, then an empty name; or NULL */
  uint64_t size;     /* bytes of the finished file */
  bool is_file;      /* the body went to request.path */
  bool is_reused;    /* the connection had served before */
  long http_version; /* CURL_HTTP_VERSION_* */
  curl_off_t dns_us, connect_us, tls_us, first_byte_us, total_us;
  curl_off_t bytes_sent, bytes_received;
} response;

/* Why a request that libcurl would have sent twice was not. */
extern const char transfer_not_again[];

/* How the token fetch that a transfer waited for ended, when it failed. */
typedef struct {
  failure failure;
  bool sent;
  long status;
  int attempts;
  char *body; /* the first bytes, secrets removed; or NULL */
  size_t body_len;
} auth_failure;

/* A file that the answer goes to. */
typedef struct {
  char *path;
  sink_rules rules;
  sink sink;
  bool is_begun; /* the answer's bytes go to the sink */
  struct curl_slist range_header, if_range_header;
  char range[48], if_range[SINK_MAX_ETAG + 16]; /* their lines */
} download;

/* A message to the I/O thread; lives inside its subject. */
typedef enum {
  COMMAND_ATTACH, /* a client begins */
  COMMAND_DETACH, /* a client ends: all of its transfers too */
  COMMAND_SUBMIT,
  COMMAND_CANCEL
} command_kind;

typedef struct command {
  struct command *next;
  command_kind kind;
  void *subject; /* client or transfer */
} command;

typedef enum {
  TRANSFER_NEW,     /* the host fills it in */
  TRANSFER_PENDING, /* waits for a place in max_in_flight */
  TRANSFER_PARKED,  /* waits for a token */
  TRANSFER_RUNNING, /* libcurl has it */
  TRANSFER_DONE
} transfer_state;

typedef struct transfer {
  atomic_uint refs;

  /* The request: set by the host before it submits. */
  int64_t id; /* the host's own name for it */
  settings *settings;
  char *method, *url;
  struct curl_slist headers[TRANSFER_MAX_HEADERS]; /* .data owned */
  int header_count;
  body *body;         /* or NULL */
  bool is_replayable; /* false: libcurl must not be able to send it twice */
  bool wants_token;
  bool is_brief;  /* of a good answer only status and body are wanted */
  bool is_secret; /* the answer holds a secret: wipe it */
  upload *upload; /* the body in parts, instead of `body`; or NULL */
  download *file; /* for a 2xx body, or NULL: memory */
  long follow;    /* redirects to follow */
  double connect_timeout, stall_timeout; /* s; 0: none */
  double total_timeout;                  /* s; 0: none */
  size_t max_response_bytes;

  /* The I/O thread's while the transfer is on its way. */
  transfer_state state;
  client *owner;          /* NULL for a token fetch; holds a reference */
  struct auth *fetch_for; /* whose token this transfer fetches, or NULL */
  list_node live;         /* in the owner's list of all on their way */
  list_node queue;        /* pending or parked */
  double deadline;        /* on system_now's clock; 0: none */
  double queued_at;
  CURL *easy;
  struct curl_slist auth_header; /* .data borrowed from `token` */
  struct curl_slist expect_header;
  body *token; /* the Authorization line in use, or NULL */
  uint64_t token_generation;
  curl_off_t moved;    /* bytes either way when it was last looked at */
  double moved_at;     /* and when they had last changed; 0: not sent yet */
  bool is_refused;     /* HTTP/2: the last stream was refused */
  bool is_cut_short;   /* an error's body was longer than what is kept */
  const char *refusal; /* why a callback ended it; static, or the sink's */
  response response;
  auth_failure auth;
  bool is_renewable; /* 401: submitting again gets another token */

  /* Both threads. */
  command submit_command, cancel_command;
  atomic_bool is_cancelled;
  atomic_uint_fast64_t received; /* body bytes so far */
  atomic_uint_fast64_t sent;     /* body bytes that libcurl has taken */
  atomic_int_fast64_t to_send;   /* body bytes, -1: not known */
  atomic_int_fast64_t expected;  /* body bytes, -1: not known */
  struct transfer *next_done;
} transfer;

/* An empty request with one reference; NULL when out of memory. Keeps a
 * reference to `s`. */
transfer *transfer_new(settings *s);
transfer *transfer_ref(transfer *t);
void transfer_unref(transfer *t); /* the last one frees; any thread */

/* Adds a header line, copied. False: too many, or out of memory. */
bool transfer_add_header(transfer *t, const char *line, size_t len);

/* Sends a 2xx answer to a file; all is copied. False: out of memory. */
bool transfer_set_file(transfer *t, const char *path, sink_rules rules);

/* I/O thread: sets `easy` up for the request and opens the sink. False:
 * t->response tells why; nothing was opened. */
bool transfer_begin(transfer *t, CURL *easy);

/* I/O thread: libcurl is done with t->easy (still set). Fills t->response,
 * finishes or removes the file. */
void transfer_end(transfer *t, CURLcode code);

/* Ends a transfer before its answer: `message` is one line. */
void transfer_fail(transfer *t, failure f, const char *message);

/* The same for one that libcurl was running; t->easy is still set. */
void transfer_abandon(transfer *t, failure f, const char *message);

/* I/O thread: has no byte moved for the stall timeout? To be asked every
 * transfer_stall_period seconds while libcurl runs it (0: never). */
bool transfer_is_stalled(transfer *t, double now);
double transfer_stall_period(const transfer *t);

/* Ends it for that; t->easy is still set. */
void transfer_stall(transfer *t);

/* Callbacks: remembers the first reason to end the transfer early;
 * `message` stays valid until the end. */
void transfer_refuse(transfer *t, failure f, const char *message);

/* True when nobody asks how a good answer came. */
bool transfer_is_brief(const transfer *t);

/* The value of a kept response header (lower-case name), or NULL. */
const char *transfer_header(const transfer *t, const char *name);

#endif
