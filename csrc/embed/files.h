/* SPDX-License-Identifier: MIT
 *
 * files: the Lua files inside libaistudios.a, as bundle.lua writes them. */
#ifndef AISTUDIOS_EMBED_FILES_H
#define AISTUDIOS_EMBED_FILES_H

#include <stddef.h>

typedef struct {
  const char *name;  /* as in require */
  const char *chunk; /* as in messages: "@aistudios/job.lua" */
  const unsigned char *text;
  size_t len;
} embedded_file;

extern const embedded_file embedded_files[];
extern const size_t embedded_file_count;

#endif
