/* SPDX-License-Identifier: MIT
 *
 * easy_handles: libcurl's handles of transfers that have ended, for the next
 * ones. A handle keeps the options of its last transfer if that was a plain
 * one (see curl_setup.c): the next one of the same kind sets three of them
 * instead of thirty. One thread's at a time. */
#ifndef AISTUDIOS_HTTP_EASY_HANDLES_H
#define AISTUDIOS_HTTP_EASY_HANDLES_H

#include <curl/curl.h>
#include <stdbool.h>

#include "http/settings.h"

enum { EASY_HANDLES_KEPT = 64 };

struct transfer;

/* What the options that stay were set for. */
typedef struct {
  settings *settings; /* a reference; NULL: no options are set */
  char *method, *url;
  CURLU *address; /* the url, read */
  bool is_replayable, has_body;
  double connect_timeout;
} easy_kind;

typedef struct easy_handle {
  CURL *easy;
  struct transfer *transfer; /* that it runs: &transfer is the argument of
                                libcurl's callbacks */
  struct {
    struct curl_slist token, agent, expect, encoding;
  } headers;                   /* of that; .data borrowed */
  char error[CURL_ERROR_SIZE]; /* libcurl's words; "" without an error */
  easy_kind kind;
  bool has_sockets; /* event_loop.c has set its options */
  bool is_altered;  /* it has options that the next one must not have */
  bool is_checked;  /* libcurl before 8.1.1: it adds a header line that begins
                       with a blank to the field before it, and the first line
                       of a transfer to a field of the last one, which is freed
                       memory. CURLOPT_HEADER gives response_write each line of
                       a head before libcurl reads it. */
} easy_handle;

/* Zeroed, it is empty. */
typedef struct {
  easy_handle *idle[EASY_HANDLES_KEPT];
  int count;
} easy_handles;

/* Notes that its options are those for `t`, which is plain. */
void easy_handle_note_kind(easy_handle *h, const struct transfer *t);

/* One for `t` (`is_plain`: see above), with the options for its kind or with
 * none but that of the share; a new one where redirects are followed, for
 * a head may come after the end of another there. NULL when out of memory. */
easy_handle *easy_handles_take(easy_handles *hs, const struct transfer *t,
                               bool is_plain, CURLSH *share);

/* Only a handle whose transfer went well (`is_sound`) is used again:
 * curl_easy_reset of some releases (8.7 to 8.15) leaves the mark of a failed
 * rewind on it, which fails or stalls whatever comes next. */
void easy_handles_recycle(easy_handles *hs, easy_handle *h, bool is_sound);

/* The client of these settings is closed: no idle handle keeps them, or what
 * libcurl has of them. */
void easy_handles_forget(easy_handles *hs, const settings *s);

void easy_handles_free(easy_handles *hs);

#endif
