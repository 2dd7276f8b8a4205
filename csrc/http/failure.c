/* SPDX-License-Identifier: MIT
 *
 * failure: the names of ends (see failure.h). */
#include "http/failure.h"

#include <stddef.h>

static const char *const names[] = {
    [FAILURE_NONE] = NULL,
    [FAILURE_RESOLVE] = "resolve",
    [FAILURE_CONNECT] = "connect",
    [FAILURE_PROXY] = "proxy",
    [FAILURE_DESCRIPTORS] = "descriptors",
    [FAILURE_TLS] = "tls",
    [FAILURE_TIMEOUT] = "timeout",
    [FAILURE_STALL] = "stall",
    [FAILURE_NETWORK] = "network",
    [FAILURE_PROTOCOL] = "protocol",
    [FAILURE_TOO_LARGE] = "too_large",
    [FAILURE_CANCELLED] = "cancelled",
    [FAILURE_CLOSED] = "closed",
    [FAILURE_FILE] = "file",
    [FAILURE_AUTH] = "auth",
    [FAILURE_MEMORY] = "memory",
};

const char *failure_name(failure f) {
  return names[f];
}
