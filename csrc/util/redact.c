/* SPDX-License-Identifier: MIT
 *
 * redact: redaction (see redact.h). */
#include "util/redact.h"

#include <stdlib.h>
#include <string.h>

static const char mask[] = "[secret]";

/* Length of the longest secret that begins at `text`, or 0. */
static size_t match(const char *text, size_t len, const char *const *secrets,
                    size_t count) {
  size_t best = 0;
  for (size_t i = 0; i < count; i++) {
    size_t n = secrets[i] ? strlen(secrets[i]) : 0;
    if (n >= REDACT_MIN_BYTES && n <= len && n > best &&
        memcmp(text, secrets[i], n) == 0)
      best = n;
  }
  return best;
}

char *redact_text(const char *text, size_t len, const char *const *secrets,
                  size_t count, size_t *out_len) {
  /* A mask is at most twice as long as what it hides. */
  char *out = malloc(len * 2 + 1);
  size_t n = 0;
  if (!out) return NULL;
  for (size_t i = 0; i < len;) {
    size_t hidden = match(text + i, len - i, secrets, count);
    if (hidden == 0) {
      out[n++] = text[i++];
      continue;
    }
    memcpy(out + n, mask, sizeof mask - 1);
    n += sizeof mask - 1;
    i += hidden;
  }
  out[n] = '\0';
  *out_len = n;
  return out;
}
