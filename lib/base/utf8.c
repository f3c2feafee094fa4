#include "base/utf8.h"

/* Length and range of the second byte by lead byte: Unicode 15, table 3-7. */
static size_t lead(unsigned char c, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef) {
		if (c == 0xe0)
			*lo = 0xa0;
		if (c == 0xed)
			*hi = 0x9f;
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf4) {
		if (c == 0xf0)
			*lo = 0x90;
		if (c == 0xf4)
			*hi = 0x8f;
		return 4;
	}
	return 0;
}

size_t utf8_decode_strict(struct str s, uint32_t *cp, bool *ok)
{
	const unsigned char *p = (const unsigned char *)s.p;
	*ok = true;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	unsigned char lo, hi;
	size_t len = lead(p[0], &lo, &hi);
	uint32_t value = len == 2 ? p[0] & 0x1fu : len == 3 ? p[0] & 0x0fu : p[0] & 0x07u;
	size_t i = 1;
	for (; i < len && i < s.n && p[i] >= lo && p[i] <= hi; i++) {
		value = value << 6 | (p[i] & 0x3fu);
		lo = 0x80;
		hi = 0xbf;
	}
	*ok = len && i == len;
	*cp = *ok ? value : UTF8_REPLACEMENT;
	return i;
}

size_t utf8_decode(struct str s, uint32_t *cp)
{
	bool ok;
	return utf8_decode_strict(s, cp, &ok);
}

size_t utf8_put(uint32_t cp, char out[4])
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = UTF8_REPLACEMENT;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

ptrdiff_t utf8_bad(struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		uint32_t cp;
		bool ok;
		size_t used = utf8_decode_strict(str_sub(s, i, s.n), &cp, &ok);
		if (!ok)
			return (ptrdiff_t)i;
		i += used;
	}
	return -1;
}

size_t utf8_count(struct str s)
{
	size_t n = 0;
	uint32_t cp;
	for (size_t i = 0; i < s.n; i += utf8_decode(str_sub(s, i, s.n), &cp))
		n++;
	return n;
}

struct str utf8_prefix(struct str s, size_t n)
{
	if (s.n <= n)
		return s;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}
