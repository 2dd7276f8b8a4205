/* SPDX-License-Identifier: MIT
 *
 * multipart: a multipart body, read as it comes. Of each part only its
 * beginning is kept, so an upload of any size takes constant memory. */
#ifndef AISTUDIOS_SANDBOX_MULTIPART_H
#define AISTUDIOS_SANDBOX_MULTIPART_H

#include <lua.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct multipart multipart;

/* NULL when the request is not multipart/form-data, or memory is out. */
multipart *multipart_new(struct MHD_Connection *connection);
void multipart_free(multipart *p);

/* Reads a piece of the body. */
void multipart_take(multipart *p, const char *data, size_t len);

/* After the last piece: pushes the list of parts, each { name, filename, type,
 * size, data, digest }; its `is_whole` is false when the body was cut off or
 * is not what it should be. [-0, +1] */
void multipart_push(multipart *p, lua_State *S);

#endif
