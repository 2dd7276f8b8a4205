/* SPDX-License-Identifier: MIT
 *
 * transfer: one HTTP exchange, as data: request, response, and where it is.
 * The host's thread makes it and fills in the request. From client_submit on
 * it is the I/O thread's, but for its `shared` part, until mailbox_put gives
 * it back to the host. Knows no endpoint, no retry policy, no Lua. */
#ifndef AISTUDIOS_HTTP_TRANSFER_H
#define AISTUDIOS_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "http/command.h"
#include "http/download.h"
#include "http/failure.h"
#include "http/multipart.h"
#include "http/settings.h"
#include "util/buffer.h"
#include "util/bytes.h"
#include "util/list.h"

enum {
  TRANSFER_MAX_HEADERS = 8,        /* request headers of the caller */
  TRANSFER_MAX_ERROR_BYTES = 65536 /* kept of an answer not worth a file */
};

/* What is asked for. Nobody changes it once it was submitted. */
typedef struct {
  struct transfer *model; /* NULL, or a reference to the transfer whose method,
                             url and headers these are */
  char *method, *url;
  struct curl_slist *headers; /* each is one block with its .data; or NULL */
  bytes *body;                /* or NULL */
  bool is_replayable; /* false: libcurl must not be able to send it twice */
  bool wants_token;
  uint64_t refused_token; /* this token, or an older one, will not do; or 0 */
  bool is_brief;          /* of a good answer only status and body are wanted */
  bool is_secret;         /* the answer holds a secret: wipe it */
  long follow;            /* redirects to follow */
  double connect_timeout, stall_timeout, total_timeout; /* s; 0: none */
  size_t max_response_bytes;
} request;

/* How a request for a token ended, for one that waited for it. */
typedef struct {
  failure failure;
  char message[CURL_ERROR_SIZE]; /* one line; "" without a failure */
  bool sent;
  long status;
  int attempts;
  double retry_after; /* s that the service asks to wait; below 0: it did not */
  char location[512]; /* the start of where it redirects to; "": nowhere */
  char body[512];     /* the first bytes, secrets removed */
  size_t body_len;
} token_failure;

/* The answer. */
typedef struct {
  failure failure;
  char *message;     /* one line; NULL without a failure, or out of memory */
  bool sent;         /* some of the request may have reached the server */
  long status;       /* 0 when there was no answer */
  buffer body;       /* in memory */
  char *headers;     /* "name\0value\0" pairs, then an empty name; or NULL */
  uint64_t size;     /* bytes of the finished file */
  bool is_file;      /* the body is in the download's file */
  bool is_reused;    /* the connection had served before */
  bool is_renewable; /* 401: submitting again gets another token */
  uint64_t token;    /* the number of the token that was sent, or 0 */
  long http_version; /* CURL_HTTP_VERSION_* */
  curl_off_t dns_us, connect_us, tls_us, first_byte_us, total_us;
  curl_off_t bytes_sent, bytes_received;
  token_failure *token_failure; /* with FAILURE_AUTH; or NULL */
  char *token_problem;          /* why the token_store is not used; or NULL */
} response;

typedef enum {
  TRANSFER_NEW,     /* the host fills it in */
  TRANSFER_PENDING, /* waits for a slot of max_in_flight */
  TRANSFER_PARKED,  /* has a slot, waits for a token */
  TRANSFER_OPENING, /* has a slot, its files are being opened */
  TRANSFER_RUNNING, /* has a slot, libcurl has it */
  TRANSFER_CLOSING, /* has a slot, its file is being finished */
  TRANSFER_DONE
} transfer_state;

typedef struct transfer {
  int64_t id; /* the host's own name for it */
  settings *settings;
  request request;
  response response; /* the host's once the transfer is complete */

  /* Only the I/O thread, from client_submit to mailbox_put; before and after
   * that only the host. */
  struct {
    multipart *multipart; /* the body in parts, instead of a body; or NULL */
    download *download;   /* or NULL: the answer stays in memory */
    bool is_in_file;      /* the answer's bytes go to the download */
    bool is_part_stale;   /* its part is none of the file that is there now */
    bool is_trial;        /* only asks whether the download's file opens */
    int unopened;         /* files that are still to be opened */
    char *path;           /* of the download, as the caller wrote it */
    struct curl_slist if_range_header; /* .data owned; or NULL */
    transfer_state state;
    struct mailbox *owner;         /* NULL for a token fetch */
    struct token_entry *fetch_for; /* whose token it fetches, or NULL */
    list_node live;  /* in the owner's list of all that are on their way */
    list_node queue; /* in the owner's `pending`, or a token's `parked` */
    double deadline; /* on os_now's clock; 0: none */
    struct easy_handle *handle; /* while it is running, */
    CURL *easy;                 /* and libcurl's own */
    bytes *token;               /* the Authorization line in use, or NULL */
    uint64_t token_generation;
    curl_off_t moved;  /* bytes either way when it was last looked at */
    double moved_at;   /* and when they had last changed; 0: not sent yet */
    double started_at; /* of a token fetch, or of the wait for a token */
    struct connections *connections; /* where `connection` is one of */
    struct connection *connection;   /* that it runs on; NULL: unknown */
    list_node sharing;               /* in the connection's `users` */
    double sent_at;                  /* over it */
    uint64_t read_before;            /* bytes read from it by then, or soon */
    bool is_counted;                 /* read_before is known */
    long starts;                     /* of sending the request, by libcurl */
    bool wants_fresh;                /* no connection but a new one will do */
    bool is_fresh;                   /* and that it has now */
    bool is_shut;        /* the watch has shut its connection down */
    size_t header_bytes; /* of headers and trailers so far */
    bool is_in_head;     /* its head is not whole yet */
    bool sees_head;      /* response_write is given its lines too */
    int head_lines;      /* of the present head so far */
    int codings;         /* of the body that libcurl will undo */
    bool has_field;      /* a line of a head that is no status has come */
    bool is_cut_short;   /* an error's body was longer than what is kept */
    const char *refusal; /* why we end it; static, or of one of its files */
  } io;

  /* Any thread. The commands and `next_done` belong to the queue that the
   * transfer is in; the rest are atomics that stand for themselves. */
  struct {
    atomic_uint refs;
    command submit_command, cancel_command;
    atomic_bool is_cancelled;
    atomic_uint_fast64_t received; /* body bytes so far */
    atomic_uint_fast64_t sent;     /* body bytes that libcurl has taken */
    atomic_int_fast64_t to_send;   /* body bytes, -1: not known */
    atomic_int_fast64_t expected;  /* body bytes, -1: not known */
    struct transfer *next_done;
  } shared;
} transfer;

/* An empty request with one reference; NULL when out of memory. Keeps a
 * reference to `s`. */
transfer *transfer_new(settings *s);
transfer *transfer_ref(transfer *t);
void transfer_unref(transfer *t); /* the last one frees; any thread */

/* Adds a header line, copied. False: too many, or out of memory. */
bool transfer_add_header(transfer *t, const char *line, size_t len);

/* Makes the request of a new transfer that of another, which has no body, is
 * never submitted itself, and is kept. */
void transfer_share_request(transfer *t, transfer *model);

/* Sends a 2xx answer to a file; all is copied. The path is taken from the
 * working directory of this moment. False: out of memory. */
bool transfer_set_file(transfer *t, const char *path,
                       download_file_rules rules);

/* May it share a connection of HTTP/2 with others? No request that must not be
 * sent twice may, and no download: while others have news there, libcurl reads
 * on for a stream that is paused, and keeps all of it in memory. */
bool transfer_may_share(const transfer *t);

/* Sets the response's message, copied and cut to CURL_ERROR_SIZE, and returns
 * `f`. "" takes the message away. */
failure transfer_tell(transfer *t, failure f, const char *message);

const char *transfer_message(const transfer *t); /* "" when there is none */

/* ---- the files that it reads from and writes to; I/O thread ---- */

/* Has the files of a transfer opened; the listener hears one FILE_OPENED for
 * each. False: there are none. */
bool transfer_files_open(transfer *t, file_thread *files,
                         file_listener *listener, void *context);

/* The listener heard FILE_OPENED: was it the last one? */
bool transfer_files_are_open(transfer *t);

/* The listener heard FILE_READY: libcurl goes on. */
void transfer_files_resume(transfer *t);

/* Is libcurl paused until the file thread has caught up? */
bool transfer_files_wait(const transfer *t);

/* Why a file could not be opened, read or written; "" when all is well. */
const char *transfer_files_error(const transfer *t);

#endif
