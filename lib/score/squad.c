#include "score/squad.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

static bool ascii_punctuation(uint32_t c)
{
	return (c > 0x20 && c < 0x30) || (c > 0x39 && c < 0x41) || (c > 0x5a && c < 0x61) ||
	       (c > 0x7a && c < 0x7f);
}

/* Where Python's str.split() splits. */
static bool space(uint32_t c)
{
	return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	       c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool word(uint32_t c)
{
	utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	return c == '_' || (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO) ||
	       (k >= UTF8PROC_CATEGORY_ND && k <= UTF8PROC_CATEGORY_NO);
}

static bool article(struct str w)
{
	return str_eqc(w, "a") || str_eqc(w, "an") || str_eqc(w, "the");
}

static struct str lower_without_punctuation(struct str s, struct arena *a)
{
	char *out = arena_alloc_n(a, s.n + 1, 4);
	size_t n = 0;
	for (size_t i = 0; i < s.n; ) {
		uint32_t cp;
		i += utf8_decode(str_sub(s, i, s.n), &cp);
		cp = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
		if (!ascii_punctuation(cp))
			n += utf8_put(cp, out + n);
	}
	return (struct str){ .p = out, .n = n };
}

/* Runs of word characters that are articles become a space, in place. */
static void blank_articles(struct str s)
{
	size_t from = 0;
	bool in = false;
	for (size_t i = 0, len; i <= s.n; i += len) {
		uint32_t cp = ' ';
		len = i < s.n ? utf8_decode(str_sub(s, i, s.n), &cp) : 1;
		bool w = i < s.n && word(cp);
		if (w && !in)
			from = i;
		if (!w && in && article(str_sub(s, from, i)))
			memset((char *)(uintptr_t)s.p + from, ' ', i - from);
		in = w;
	}
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

void squad_normalise(struct squad *out, struct str s, struct arena *a)
{
	VEC(struct str) list = { .v = NULL };
	struct str low = lower_without_punctuation(s, a);
	blank_articles(low);
	char *text = arena_alloc(a, low.n + 2);
	size_t n = 0, from = 0;
	for (size_t i = 0, len; i <= low.n; i += len) {
		uint32_t cp = ' ';
		len = i < low.n ? utf8_decode(str_sub(low, i, low.n), &cp) : 1;
		if (!space(cp))
			continue;
		if (i > from) {
			if (n)
				text[n++] = ' ';
			memcpy(text + n, low.p + from, i - from);
			*vec_push(&list, a) = (struct str){ .p = text + n, .n = i - from };
			n += i - from;
		}
		from = i + len;
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(*list.v), by_text);
	out->text = (struct str){ .p = text, .n = n };
	out->token = list.v;
	out->n = list.n;
}

double squad_f1(const struct squad *x, const struct squad *y)
{
	size_t same = 0;
	if (!x->n || !y->n)
		return x->n == y->n;
	for (size_t i = 0, k = 0; i < x->n && k < y->n; ) {
		int d = str_cmp(x->token[i], y->token[k]);
		same += d == 0;
		i += d <= 0;
		k += d >= 0;
	}
	return 2 * (double)same / (double)(x->n + y->n);
}
