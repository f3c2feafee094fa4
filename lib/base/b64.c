#include "base/b64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void b64_encode(struct buf *out, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	for (size_t i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
			     (left > 2 ? p[i + 2] : 0u);
		char four[4] = {
			alphabet[v >> 18],
			alphabet[v >> 12 & 63],
			left > 1 ? alphabet[v >> 6 & 63] : '=',
			left > 2 ? alphabet[v & 63] : '=',
		};
		buf_add(out, (struct str){ .p = four, .n = 4 });
	}
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool b64_decode(struct arena *a, struct str s, struct str *out)
{
	size_t pad = 0;
	while (s.n && s.p[s.n - 1] == '=' && pad < 2) {
		s.n--;
		pad++;
	}
	if (s.n % 4 == 1 || (pad && (s.n + pad) % 4))
		return false;
	char *bytes = arena_alloc(a, s.n / 4 * 3 + 3);
	size_t n = 0;
	unsigned v = 0;
	for (size_t i = 0; i < s.n; i++) {
		int x = value_of(s.p[i]);
		if (x < 0)
			return false;
		v = v << 6 | (unsigned)x;
		if (i % 4 == 3) {
			bytes[n++] = (char)(v >> 16);
			bytes[n++] = (char)(v >> 8);
			bytes[n++] = (char)v;
			v = 0;
		}
	}
	if (s.n % 4 == 2)
		bytes[n++] = (char)(v >> 4);
	if (s.n % 4 == 3) {
		bytes[n++] = (char)(v >> 10);
		bytes[n++] = (char)(v >> 2);
	}
	bytes[n] = '\0';
	*out = (struct str){ .p = bytes, .n = n };
	return true;
}

void hex_encode(char *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct str s, unsigned char *out, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int hi = nibble(s.p[2 * i]), lo = nibble(s.p[2 * i + 1]);
		if (hi < 0 || lo < 0)
			return false;
		out[i] = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

int hex_quad(struct str s, size_t at)
{
	unsigned char b[2];
	if (at > s.n || !hex_decode(str_sub(s, at, at + 4), b, 2))
		return -1;
	return b[0] << 8 | b[1];
}
