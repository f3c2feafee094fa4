/* struct buf: an owned, growing byte string born with a ceiling.  Going past the ceiling sets
 * the sticky flag `over` and drops the bytes, so a builder checks once at its end.  What it
 * holds is always NUL-terminated once anything was added.  Zeroed memory is an empty
 * buffer with no room: call buf_init. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/compiler.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

struct buf {
	char *p;
	size_t n, cap, max;
	bool over;
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
/* Empty again, ceiling and memory kept. */
void buf_reset(struct buf *b);
/* Back to its first n bytes, and never over. */
void buf_cut(struct buf *b, size_t n);
void buf_add(struct buf *b, struct str s);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Append x in decimal. */
void buf_add_int(struct buf *b, int64_t x);
/* Append s as a JSON string with its quotes.  Bad UTF-8 becomes U+FFFD. */
void buf_add_json(struct buf *b, struct str s);
/* Append one code point as UTF-8; U+FFFD for what is none. */
void buf_add_cp(struct buf *b, uint32_t cp);
struct str buf_str(const struct buf *b);
/* Terminated view; "" when empty. */
const char *buf_cstr(const struct buf *b);

#endif
