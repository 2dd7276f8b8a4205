/* SPDX-License-Identifier: MIT
 *
 * thai_words: see thai_words.h. libthai reads TIS-620. */
#include "util/thai_words.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>

#include "util/text_decode.h"

enum { FIRST = 0xE01, LAST = 0xE5B, TIS_OFFSET = 0xE00 - 0xA0 };

/* Of <thai/thbrk.h>; a dictionary is a ThBrk. */
typedef void *th_brk_new(const char *folder);
typedef int th_brk_find_breaks(void *dictionary, const unsigned char *text,
                               int at[], size_t most);

static struct {
  pthread_once_t once;
  void *library;
  void *dictionary; /* NULL: there is none. Nothing changes it */
  th_brk_find_breaks *find_breaks;
} thai = {.once = PTHREAD_ONCE_INIT};

static void load(void) {
  th_brk_new *open = NULL;
  thai.library = dlopen("libthai.so.0", RTLD_NOW | RTLD_LOCAL);
  if (thai.library) {
    *(void **)&open = dlsym(thai.library, "th_brk_new");
    *(void **)&thai.find_breaks = dlsym(thai.library, "th_brk_find_breaks");
  }
  if (open && thai.find_breaks) thai.dictionary = open(NULL);
}

/* What libthai reads, and where each of its characters ends. */
typedef struct {
  unsigned char text[THAI_WORDS_MOST + 1];
  const char *ends[THAI_WORDS_MOST];
  size_t len;
  bool has_thai;
} tis_text;

static void convert(tis_text *tis, const char *at, const char *end) {
  tis->len = 0;
  tis->has_thai = false;
  while (at < end && tis->len < THAI_WORDS_MOST) {
    uint32_t point = text_decode(at, end, &at);
    bool is_thai = point >= FIRST && point <= LAST;
    if (is_thai) tis->has_thai = true;
    tis->ends[tis->len] = at;
    tis->text[tis->len++] = is_thai ? (unsigned char)(point - TIS_OFFSET) : 'a';
  }
  tis->text[tis->len] = '\0';
}

bool thai_words_find(thai_words *words, const char *text, size_t len) {
  tis_text tis;
  int breaks[THAI_WORDS_MOST];
  convert(&tis, text, text + len);
  if (!tis.has_thai) return false;
  pthread_once(&thai.once, load);
  if (!thai.dictionary) return false;
  int found =
      thai.find_breaks(thai.dictionary, tis.text, breaks, THAI_WORDS_MOST);
  words->count = 0;
  for (int i = 0; i < found; i++)
    if (breaks[i] > 0 && (size_t)breaks[i] < tis.len)
      words->ends[words->count++] = tis.ends[breaks[i] - 1];
  /* What was cut off may go on with the last word. */
  const char *last = tis.ends[tis.len - 1];
  if (last == text + len || words->count == 0)
    words->ends[words->count++] = last;
  return true;
}
