/* SPDX-License-Identifier: MIT
 *
 * download: the file that a 2xx answer goes to. The I/O thread hands it
 * bytes, which the file thread writes; the I/O thread never waits for a disk.
 * The host's thread makes it; from download_begin on all functions are the
 * I/O thread's, but for download_unref. */
#ifndef AISTUDIOS_HTTP_DOWNLOAD_H
#define AISTUDIOS_HTTP_DOWNLOAD_H

#include "http/download_file.h"
#include "http/file_thread.h"

/* Bytes that wait for the disk at most, per download: two times this. */
enum { DOWNLOAD_BUFFER_BYTES = 512 * 1024 };

typedef struct download download;

/* One with one reference; copies `path`, which is absolute. NULL when out of
 * memory. */
download *download_new(const char *path, download_file_rules rules);
void download_unref(download *d); /* the last one frees; any thread */

/* Opens the file; the listener hears FILE_OPENED. */
void download_begin(download *d, file_thread *files, file_listener *listener,
                    void *context, void *owner);

/* Do its bytes tell whether it is whole, as those of an MP4 file do? */
bool download_tells_its_end(const download *d);

/* How much of an earlier download can be continued, if the server still has
 * the file of this ETag. */
uint64_t download_start(const download *d);
const char *download_etag(const download *d);

/* Why a file that begins so is not what the rules want; NULL: it may be. */
const char *download_problem(const download *d, const char *data, size_t len);

/* The bytes to come are the whole file, of this ETag ("" or NULL: none), and
 * not the rest of an earlier part. */
void download_restart(download *d, const char *etag);

typedef enum {
  DOWNLOAD_TAKEN,
  DOWNLOAD_FULL, /* nothing was taken; FILE_READY tells when to come again */
  DOWNLOAD_NO_MEMORY
} download_result;
download_result download_write(download *d, const char *data, size_t len);

/* Has download_write taken nothing, and is FILE_READY still to come? */
bool download_is_full(const download *d);

/* All bytes were written: gives the file its name, if it has `total` bytes
 * (0: any number) and is what the rules want. The listener hears
 * FILE_FINISHED. */
void download_finish(download *d, uint64_t total);

/* There will be no whole file: a part that can be continued is kept if
 * `is_kept`, any other is removed. Where a file is open, the listener hears
 * FILE_FINISHED. After download_finish it
 * does nothing, unless that has failed. */
void download_give_up(download *d, bool is_kept);

/* Is FILE_FINISHED still to come? */
bool download_is_finishing(const download *d);

typedef enum {
  DOWNLOAD_GIVEN_UP,
  DOWNLOAD_DONE,
  DOWNLOAD_CUT_OFF,    /* more was to come; kept if `total` told so */
  DOWNLOAD_WRONG_FILE, /* it is not what the rules want; the part is gone */
  DOWNLOAD_FAILED      /* download_error tells */
} download_outcome;

typedef struct {
  download_outcome outcome;
  uint64_t size; /* bytes of the file */
  file_content content;
} download_ending;

/* After FILE_FINISHED: how it ended. */
const download_ending *download_ending_of(const download *d);

/* Why it could not be opened, written or named; "" when nothing went wrong. */
const char *download_error(const download *d);

/* The transfer is over: the listener hears nothing more. What is not finished
 * is given up, and kept if it can be continued. Idempotent. */
void download_end(download *d);

#endif
