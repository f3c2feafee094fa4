/* Text made comparable: Unicode case folding and normal forms over any bytes (bad UTF-8 becomes
 * U+FFFD).  Results live in the arena; no locale is involved. */
#ifndef SCORE_TEXTFOLD_H
#define SCORE_TEXTFOLD_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>
#include <sys/types.h>

/* Case-folded and NFC. */
struct str textfold(struct str s, struct arena *a);
/* NFKC, case-folded, invisible characters dropped: for finding what wants to stay hidden. */
struct str textfold_loose(struct str s, struct arena *a);
/* Code points after NFC. */
uint32_t *textfold_nfc(struct str s, size_t *n, struct arena *a);
/* First place of an ASCII, lower-case needle in s whatever the case of s's ASCII letters, or -1. */
ptrdiff_t textfold_find_ascii(struct str s, struct str needle);

#endif
