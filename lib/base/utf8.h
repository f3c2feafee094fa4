/* UTF-8 by the Unicode standard's table 3-7: no overlong forms, no surrogates, nothing past
 * U+10FFFF.  Every function takes any bytes and never reads past them. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

#include <stdint.h>

enum { UTF8_REPLACEMENT = 0xfffd };

/* Decode the first code point of a non-empty s; returns the bytes used (at least 1).  A bad
 * sequence gives U+FFFD for its maximal bad prefix. */
size_t utf8_decode(struct str s, uint32_t *cp);
/* As utf8_decode; *ok tells a real U+FFFD from a bad sequence. */
size_t utf8_decode_strict(struct str s, uint32_t *cp, bool *ok);
/* Encode into out[4]; returns the length.  What is no scalar value becomes U+FFFD. */
size_t utf8_put(uint32_t cp, char out[4]);
/* Byte offset of the first bad sequence, or -1 when all is well. */
ptrdiff_t utf8_bad(struct str s);
/* Number of code points (a bad sequence counts as one). */
size_t utf8_count(struct str s);
/* The longest prefix of at most n bytes that does not cut a code point. */
struct str utf8_prefix(struct str s, size_t n);

#endif
