/* SPDX-License-Identifier: MIT
 *
 * static: the Lua files inside libaistudios.a, as bundle.lua writes them. */
#ifndef AISTUDIOS_STATIC_H
#define AISTUDIOS_STATIC_H

#include <stddef.h>

typedef struct {
  const char *name;  /* as in require */
  const char *chunk; /* as in messages: "@aistudios/job.lua" */
  const unsigned char *text;
  size_t len;
} static_file;

extern const static_file static_files[];
extern const size_t static_file_count;

#endif
