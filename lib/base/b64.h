/* Base64 (RFC 4648) and hexadecimal text. */
#ifndef BASE_B64_H
#define BASE_B64_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Standard alphabet with padding. */
void b64_encode(struct buf *out, struct str bytes);
/* Either alphabet, padding optional, no white space.  False when s is no base64. */
bool b64_decode(struct arena *a, struct str s, struct str *out);
/* Lower-case digits; out has room for 2n+1. */
void hex_encode(char *out, const unsigned char *bytes, size_t n);
bool hex_decode(struct str s, unsigned char *out, size_t n);
/* The value of the four digits at s[at], as in \uHHHH; -1 when they are not there. */
int hex_quad(struct str s, size_t at);

#endif
