/* SPDX-License-Identifier: MIT
 *
 * peer: a server on a raw socket, on a thread of its own, that answers the
 * requests of the process it is in with given bytes. For one Lua state; it
 * runs until the process ends. */
#ifndef AISTUDIOS_SPEC_PEER_H
#define AISTUDIOS_SPEC_PEER_H

#include <lua.h>

/* The module. `port`: where it listens. answer(how, list of strings): what the
 * next connections are sent, in their order, once a request was read; one for
 * which there is "" or nothing is closed unread. With `how` 1 they are reset
 * after the answer, with 2 it is sent in portions. requests(): the first lines
 * of the requests that were read since then, each with "\n", that of HTTP/2's
 * preface for a request in it. speak_http2(): what may go over HTTP/2 does.
 * [-0, +1] */
int peer_open(lua_State *L);

#endif
