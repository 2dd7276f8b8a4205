/* SPDX-License-Identifier: MIT
 *
 * parts: a multipart body, read as it comes. Of each part only its beginning
 * is kept, so an upload of any size takes constant memory. */
#ifndef AISTUDIOS_SANDBOX_PARTS_H
#define AISTUDIOS_SANDBOX_PARTS_H

#include <lua.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct parts parts;

/* NULL when the request is not multipart/form-data, or memory is out. */
parts *parts_new(struct MHD_Connection *connection);
void parts_free(parts *p);

/* Reads a piece of the body. */
void parts_take(parts *p, const char *data, size_t len);

/* After the last piece: pushes the list of parts, each { name, filename, type,
 * size, data, digest }; its `is_whole` is false when the body was cut off or
 * is not what it should be. [-0, +1] */
void parts_push(parts *p, lua_State *S);

#endif
