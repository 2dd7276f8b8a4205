/* SPDX-License-Identifier: MIT
 *
 * file_content: what a downloaded file must be (see file_content.h). */
#include "http/file_content.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <unistd.h>

enum { BOX_HEADER_BYTES = 16, MAX_BOXES = 1 << 18 };

static size_t read_at(int fd, uint64_t at, char *out, size_t cap, int *error) {
  ssize_t n = pread(fd, out, cap, (off_t)at);
  if (n < 0) *error = errno;
  return n > 0 ? (size_t)n : 0;
}

static const char *skip_blanks(const char *p) {
  return p + strspn(p, " \t\r\n");
}

/* The first character that is no byte order mark and no blank. */
static const char *first_of(const char *text) {
  static const char mark[] = "\xEF\xBB\xBF";
  if (strncmp(text, mark, sizeof mark - 1) == 0) text += sizeof mark - 1;
  return skip_blanks(text);
}

static bool is_markup(const char *text) {
  static const char *const starts[] = {"<!doctype", "<html",  "<head", "<body",
                                       "<?xml",     "<error", "<!--"};
  const char *p = first_of(text);
  for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
    if (strncasecmp(p, starts[i], strlen(starts[i])) == 0) return true;
  return false;
}

/* An object, or a list of objects, strings or nothing. */
static bool is_json(const char *text) {
  const char *p = first_of(text);
  const char *next = *p ? skip_blanks(p + 1) : p;
  char c = *next;
  return (*p == '{' && (c == '"' || c == '}')) ||
         (*p == '[' && (c == '{' || c == '"' || c == ']'));
}

static uint64_t read_number(const char *bytes, int count) {
  uint64_t n = 0;
  for (int i = 0; i < count; i++) n = n << 8 | (unsigned char)bytes[i];
  return n;
}

/* The length of the box at `at`; 0: these are no box's first bytes, or they
 * are cut off. ISO 14496-12: 32 bits of length and four of name; 1 stands for
 * 64 bits of length after them, 0 for all that is left. */
static uint64_t box_length(file_content *c, int fd, uint64_t at,
                           uint64_t size) {
  char bytes[BOX_HEADER_BYTES];
  size_t n = read_at(fd, at, bytes, sizeof bytes, &c->error);
  uint64_t length = n >= 8 ? read_number(bytes, 4) : 0;
  if (n >= 8 && length == 0) return size - at;
  if (length != 1) return length >= 8 ? length : 0;
  length = n == sizeof bytes ? read_number(bytes + 8, 8) : 0;
  return length >= sizeof bytes ? length : 0;
}

/* The lengths of an MP4's boxes add up to its own. */
/* One of more boxes than any film has counts as cut off: to read them all
 * would keep other files waiting. */
static bool is_whole_mp4(file_content *c, int fd, uint64_t size) {
  uint64_t at = 0;
  for (int boxes = 0; at < size; boxes++) {
    if (boxes == MAX_BOXES) return false;
    uint64_t length = box_length(c, fd, at, size);
    if (length == 0 || length > size - at) return false;
    at += length;
  }
  return true;
}

static const char *find_problem(const file_content *c,
                                file_content_rules rules) {
  if (c->start_len == 0) return "the answer is empty";
  if (!rules.may_be_markup && is_markup(c->start))
    return "the answer is a web page or an error in XML, not a file";
  if (!rules.may_be_json && is_json(c->start))
    return "the answer is JSON, not a file";
  if (!rules.is_mp4) return NULL;
  if (c->start_len < 8 || memcmp(c->start + 4, "ftyp", 4) != 0)
    return "the answer is no MP4 file";
  return NULL;
}

file_content file_content_begin(const char *data, size_t len,
                                file_content_rules rules) {
  file_content c = {.start_len = len};
  if (len > 0) memcpy(c.start, data, len);
  c.problem = find_problem(&c, rules);
  return c;
}

file_content file_content_look(int fd, uint64_t size,
                               file_content_rules rules) {
  char start[FILE_CONTENT_START_BYTES];
  int error = 0;
  size_t len = read_at(fd, 0, start, sizeof start, &error);
  file_content c = file_content_begin(start, len, rules);
  c.error = error;
  c.is_cut_off = !c.problem && rules.is_mp4 && !is_whole_mp4(&c, fd, size);
  if (c.is_cut_off) c.problem = "the file was cut off";
  return c;
}
