#include "score/textfold.h"

#include "base/utf8.h"

#include <utf8proc.h>

/* utf8proc refuses bad UTF-8, so it is mended first. */
static struct str mend(struct str s, struct arena *a)
{
	if (utf8_bad(s) < 0)
		return s;
	char *out = arena_alloc_n(a, s.n, 3);
	size_t n = 0;
	for (size_t i = 0; i < s.n; ) {
		uint32_t cp;
		i += utf8_decode(str_sub(s, i, s.n), &cp);
		n += utf8_put(cp, out + n);
	}
	return (struct str){ .p = out, .n = n };
}

/* Decompose into code points; the caller composes. */
static utf8proc_int32_t *decompose(struct str s, size_t *n, int options, struct arena *a)
{
	s = mend(s, a);
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)(s.n ? s.p : "");
	utf8proc_ssize_t want =
		utf8proc_decompose(p, (utf8proc_ssize_t)s.n, NULL, 0, (utf8proc_option_t)options);
	if (want <= 0) {
		*n = 0;
		return arena_array(a, utf8proc_int32_t, 1);
	}
	utf8proc_int32_t *cp = arena_array(a, utf8proc_int32_t, (size_t)want + 1);
	utf8proc_decompose(p, (utf8proc_ssize_t)s.n, cp, want, (utf8proc_option_t)options);
	want = utf8proc_normalize_utf32(cp, want, (utf8proc_option_t)options);
	*n = want < 0 ? 0 : (size_t)want;
	return cp;
}

static struct str encode(const utf8proc_int32_t *cp, size_t n, struct arena *a)
{
	char *out = arena_alloc_n(a, n + 1, 4);
	size_t len = 0;
	for (size_t i = 0; i < n; i++)
		len += utf8_put((uint32_t)cp[i], out + len);
	return (struct str){ .p = out, .n = len };
}

static bool lower_ascii(struct str s, struct str *out, struct arena *a)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	char *p = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
	*out = (struct str){ .p = p, .n = s.n };
	return true;
}

struct str textfold(struct str s, struct arena *a)
{
	struct str out;
	if (lower_ascii(s, &out, a))
		return out;
	size_t n;
	utf8proc_int32_t *cp =
		decompose(s, &n, UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_CASEFOLD, a);
	return encode(cp, n, a);
}

struct str textfold_loose(struct str s, struct arena *a)
{
	struct str out;
	if (lower_ascii(s, &out, a))
		return out;
	size_t n;
	utf8proc_int32_t *cp = decompose(s, &n,
					 UTF8PROC_COMPOSE | UTF8PROC_STABLE | UTF8PROC_COMPAT |
						 UTF8PROC_CASEFOLD | UTF8PROC_IGNORE,
					 a);
	return encode(cp, n, a);
}

uint32_t *textfold_nfc(struct str s, size_t *n, struct arena *a)
{
	return (uint32_t *)decompose(s, n, UTF8PROC_COMPOSE | UTF8PROC_STABLE, a);
}

ptrdiff_t textfold_find_ascii(struct str s, struct str needle)
{
	if (!needle.n || s.n < needle.n)
		return needle.n ? -1 : 0;
	for (size_t i = 0; i + needle.n <= s.n; i++) {
		size_t k = 0;
		for (; k < needle.n; k++) {
			char c = s.p[i + k];
			if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != needle.p[k])
				break;
		}
		if (k == needle.n)
			return (ptrdiff_t)i;
	}
	return -1;
}
