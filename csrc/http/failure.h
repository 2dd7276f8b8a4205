/* SPDX-License-Identifier: MIT
 *
 * failure: how an exchange ended, and for each end what a retry risks. */
#ifndef AISTUDIOS_HTTP_FAILURE_H
#define AISTUDIOS_HTTP_FAILURE_H

/* The risk of sending the request again, where it costs money:
 *
 *   none      no server can have acted on it
 *   by sent   none while the response's `sent` is false; otherwise a server
 *             may have acted, and a retry may be billed a second time
 *   billed    a server has answered, so it has acted: a retry is a second
 *             order */
typedef enum {
  FAILURE_NONE,        /* a whole answer: its status and body tell the risk */
  FAILURE_RESOLVE,     /* none: the name has no address */
  FAILURE_CONNECT,     /* none: no connection */
  FAILURE_PROXY,       /* none: a proxy refused the connection */
  FAILURE_DESCRIPTORS, /* none: this process may open no more files */
  FAILURE_TLS,         /* none: the handshake failed */
  FAILURE_TIMEOUT,     /* by sent: its total time is over */
  FAILURE_STALL,       /* by sent: no byte moved for too long */
  FAILURE_NETWORK,     /* by sent: the connection broke */
  FAILURE_PROTOCOL,    /* by sent: the URL or the answer cannot be used */
  FAILURE_TOO_LARGE,   /* billed: the answer exceeds max_response_bytes */
  FAILURE_CANCELLED,   /* by sent: the host asked for it */
  FAILURE_CLOSED, /* by sent: the client was closed, or the process exits */
  FAILURE_FILE,   /* by sent: a file cannot be read or written */
  FAILURE_AUTH,   /* none: there is no token to send it with */
  FAILURE_MEMORY  /* by sent */
} failure;

/* "resolve" for FAILURE_RESOLVE and so on; NULL for FAILURE_NONE. */
const char *failure_name(failure f);

#endif
