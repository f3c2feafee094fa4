#include "base/buf.h"

#include "base/arena.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_release(struct buf *b)
{
	if (!b)
		return;
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
	if (b->p)
		b->p[0] = '\0';
}

void buf_cut(struct buf *b, size_t n)
{
	b->n = n < b->n ? n : b->n;
	b->over = false;
	if (b->p)
		b->p[b->n] = '\0';
}

/* Room for n more bytes and the terminator, or false with `over` set. */
static bool reserve(struct buf *b, size_t n)
{
	if (b->over || n > b->max - b->n || b->n > b->max) {
		b->over = true;
		return false;
	}
	if (b->n + n + 1 <= b->cap)
		return true;
	size_t cap = b->cap ? b->cap * 2 : 64;
	if (cap < b->n + n + 1)
		cap = b->n + n + 1;
	char *p = realloc(b->p, cap);
	if (!p)
		die_oom();
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (!s.n || !reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void buf_addc(struct buf *b, char c)
{
	if (b->over || b->n == b->max || b->n + 2 > b->cap) {
		buf_add(b, (struct str){ .p = &c, .n = 1 });
		return;
	}
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, str_c(s));
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n <= 0 || !reserve(b, (size_t)n))
		return;
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void buf_add_int(struct buf *b, int64_t x)
{
	char text[24], *p = text + sizeof(text);
	uint64_t u = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (x < 0)
		*--p = '-';
	buf_add(b, (struct str){ .p = p, .n = (size_t)(text + sizeof(text) - p) });
}

void buf_add_cp(struct buf *b, uint32_t cp)
{
	char out[4];
	buf_add(b, (struct str){ .p = out, .n = utf8_put(cp, out) });
}

static void add_json_escape(struct buf *b, unsigned char c)
{
	static const char names[] = "btn?fr"; /* 8 … 13 */
	if (c == '"' || c == '\\')
		buf_addf(b, "\\%c", c);
	else if (c >= 8 && c <= 13 && c != 11)
		buf_addf(b, "\\%c", names[c - 8]);
	else
		buf_addf(b, "\\u%04x", c);
}

void buf_add_json(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	for (size_t i = 0, run = 0; i <= s.n; ) {
		unsigned char c = i < s.n ? (unsigned char)s.p[i] : 0;
		if (i < s.n && c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			i++;
			continue;
		}
		buf_add(b, str_sub(s, run, i));
		if (i == s.n)
			break;
		if (c < 0x80) {
			add_json_escape(b, c);
			i++;
		} else {
			uint32_t cp;
			i += utf8_decode(str_sub(s, i, s.n), &cp);
			buf_add_cp(b, cp);
		}
		run = i;
	}
	buf_addc(b, '"');
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ .p = b->p ? b->p : "", .n = b->n };
}

const char *buf_cstr(const struct buf *b)
{
	return b->n ? b->p : "";
}
