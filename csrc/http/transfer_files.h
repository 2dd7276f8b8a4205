/* SPDX-License-Identifier: MIT
 *
 * transfer_files: the files that a transfer reads from and writes to, seen
 * from the scheduler. I/O thread only; the disk is the file thread's. */
#ifndef AISTUDIOS_HTTP_TRANSFER_FILES_H
#define AISTUDIOS_HTTP_TRANSFER_FILES_H

#include "http/transfer.h"

/* Has the files of a transfer opened; the listener hears one FILE_OPENED for
 * each. False: there are none. */
bool transfer_files_open(transfer *t, file_thread *files,
                         file_listener *listener, void *context);

/* The listener heard FILE_OPENED: was it the last one? */
bool transfer_files_are_open(transfer *t);

/* The listener heard FILE_READY: libcurl goes on. */
void transfer_files_resume(transfer *t);

/* Is libcurl paused until the file thread has caught up? */
bool transfer_files_wait(const transfer *t);

/* Why a file could not be opened, read or written; "" when all is well. */
const char *transfer_files_error(const transfer *t);

#endif
