/* SPDX-License-Identifier: MIT
 *
 * http_response: what the service returned, as a response of libmicrohttpd.
 * Answers that end badly on purpose are made here too. */
#ifndef AISTUDIOS_SANDBOX_HTTP_RESPONSE_H
#define AISTUDIOS_SANDBOX_HTTP_RESPONSE_H

#include <lua.h>
#include <microhttpd.h>

#include "sandbox/event_stream.h"

typedef struct {
  struct MHD_Response *response; /* NULL: close without an answer */
  unsigned int status;
  double wait;          /* seconds before it is sent */
  lua_Integer deferred; /* not 0: there is none yet; ask for it by this id when
                           something happened, after `wait` seconds at latest */
} http_response;

/* Reads the answer table on top of the stack. May raise; what is in `a` by
 * then is the caller's to end. [-0, +0]
 *
 *   defer    an id: there is no answer yet; `seconds` until it is asked for
 *   drop     true: no answer, the connection is closed
 *   wait     seconds before the answer
 *   status   100 to 599
 *   headers  list: name, value, name, value
 *   body     the text, or
 *   video    { size=, from=, length=, seed= }: a piece of a download
 *   events   an id: the events after it, as long as the peer listens
 *   cut      how many bytes of it are sent; after them, by `ending`,
 *            "close" (the end of the connection), "reset", or "stall":
 *            nothing for `stall` seconds and then the end
 *   rate     bytes per second at most */
void http_response_read(lua_State *S, const answer_source *source,
                        http_response *a);

void http_response_end(http_response *a);

#endif
