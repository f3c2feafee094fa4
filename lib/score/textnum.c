#include "score/textnum.h"

#include "base/num.h"
#include "base/utf8.h"

#include <math.h>
#include <stdint.h>

/* Longest run of characters read as one number. */
enum { NUMBER_TEXT = 400 };

struct reader {
	struct str s;
	size_t at;
	char decimal, group;
};

static bool digit_at(const struct reader *r, size_t i)
{
	return i < r->s.n && r->s.p[i] >= '0' && r->s.p[i] <= '9';
}

static bool text_at(const struct reader *r, size_t i, const char *lit)
{
	return str_starts(str_sub(r->s, i, r->s.n), str_c(lit));
}

static size_t digits_from(const struct reader *r, size_t i)
{
	size_t n = 0;
	while (digit_at(r, i + n))
		n++;
	return n;
}

/* Bytes of a thousands separator that stands before exactly three (or, as in India, two and
 * then more) digits at i; 0 when there is none. */
static size_t separator(const struct reader *r, size_t i, size_t leading)
{
	static const char *const kinds[] = { "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "{,}", "\\," };
	size_t len = 0;
	if (leading == 0 || leading > 3)
		return 0;
	if (i < r->s.n && r->s.p[i] == r->group)
		len = 1;
	for (size_t k = 0; !len && k < sizeof(kinds) / sizeof(*kinds); k++)
		if (text_at(r, i, kinds[k]))
			len = strlen(kinds[k]);
	if (!len)
		return 0;
	size_t run = digits_from(r, i + len);
	if (run == 3)
		return len;
	size_t next = i + len + run;
	return len == 1 && run == 2 && next < r->s.n && r->s.p[next] == r->group &&
			       (digits_from(r, next + 1) == 2 || digits_from(r, next + 1) == 3) ?
		       len :
		       0;
}

/* Plain digits with separators, a point and decimals, as text for num_parse. */
static bool read_digits(struct reader *r, char text[NUMBER_TEXT], size_t *n)
{
	size_t run = digits_from(r, r->at), sep;
	bool any = run > 0;
	for (;;) {
		if (*n + run + 2 > NUMBER_TEXT - 16)
			return false;
		memcpy(text + *n, r->s.p + r->at, run);
		*n += run;
		r->at += run;
		sep = any ? separator(r, r->at, run) : 0;
		if (!sep)
			break;
		r->at += sep;
		run = digits_from(r, r->at);
	}
	if (r->at < r->s.n && r->s.p[r->at] == r->decimal && digit_at(r, r->at + 1)) {
		run = digits_from(r, r->at + 1);
		if (*n + run + 2 > NUMBER_TEXT - 16)
			return false;
		text[(*n)++] = '.';
		memcpy(text + *n, r->s.p + r->at + 1, run);
		*n += run;
		r->at += run + 1;
		any = true;
	}
	return any;
}

/* e5, E-5, × 10^5, x10^{-5}, \times 10^5 */
static void read_exponent(struct reader *r, char text[NUMBER_TEXT], size_t *n)
{
	static const char *const times[] = { "\xc3\x97", "\\times", "x", "*" };
	size_t i = r->at, len = 0;
	bool brace = false;
	if (i < r->s.n && (r->s.p[i] == 'e' || r->s.p[i] == 'E')) {
		i++;
	} else {
		while (i < r->s.n && r->s.p[i] == ' ')
			i++;
		for (size_t k = 0; !len && k < sizeof(times) / sizeof(*times); k++)
			if (text_at(r, i, times[k]))
				len = strlen(times[k]);
		if (!len)
			return;
		i += len;
		while (i < r->s.n && r->s.p[i] == ' ')
			i++;
		if (!text_at(r, i, "10^"))
			return;
		i += 3;
		brace = i < r->s.n && r->s.p[i] == '{';
		i += brace;
	}
	size_t sign = i < r->s.n && (r->s.p[i] == '-' || r->s.p[i] == '+');
	size_t run = digits_from(r, i + sign);
	if (!run || run > 4)
		return;
	if (brace && !text_at(r, i + sign + run, "}"))
		return;
	text[(*n)++] = 'e';
	memcpy(text + *n, r->s.p + i, sign + run);
	*n += sign + run;
	r->at = i + sign + run + brace;
}

/* Canonical digits of "123.4500e3". */
static void set_exact(struct textnum *out, struct str text)
{
	bool point = false, seen = false;
	long exponent = 0;
	size_t i = 0;
	out->n = 0;
	out->exact = true;
	for (; i < text.n && text.p[i] != 'e'; i++) {
		if (text.p[i] == '.') {
			point = true;
			continue;
		}
		seen = seen || text.p[i] != '0';
		exponent += seen && !point;
		exponent -= !seen && point;
		if (seen && out->n < TEXTNUM_DIGITS)
			out->digit[out->n++] = text.p[i];
		else if (seen && text.p[i] != '0')
			out->exact = false;
	}
	int64_t e = 0;
	if (i < text.n)
		num_parse_i64(str_sub(text, i + 1, text.n), &e);
	while (out->n && out->digit[out->n - 1] == '0')
		out->n--;
	out->exponent = out->n ? exponent + (long)e : 0;
}

/* One unsigned number at r->at. */
static bool read_plain(struct reader *r, struct textnum *out)
{
	char text[NUMBER_TEXT];
	size_t n = 0, from = r->at;
	if (!read_digits(r, text, &n))
		return false;
	/* 1.2.3 is a version, not a number */
	if (r->at < r->s.n && r->s.p[r->at] == '.' && digit_at(r, r->at + 1))
		return false;
	read_exponent(r, text, &n);
	struct str s = { .p = text, .n = n };
	if (!num_parse(s, &out->value))
		return false;
	set_exact(out, s);
	out->from = from;
	out->to = r->at;
	return true;
}

static bool ratio(struct textnum *out, double whole, double top, double bottom)
{
	if (bottom == 0 || !isfinite(top / bottom))
		return false;
	out->value = whole + top / bottom;
	out->exact = false;
	return true;
}

/* 3/4, and the rest of "1 1/2". */
static void read_fraction(struct reader *r, struct textnum *out)
{
	struct reader ahead = *r;
	struct textnum top, bottom;
	double whole = 0;
	bool mixed = text_at(r, r->at, " ") && digit_at(r, r->at + 1) && out->value == floor(out->value);
	if (mixed) {
		ahead.at++;
		if (!read_plain(&ahead, &top) || !text_at(&ahead, ahead.at, "/"))
			return;
		whole = out->value;
	} else if (text_at(r, r->at, "/")) {
		top = *out;
	} else {
		return;
	}
	ahead.at++;
	if (!digit_at(&ahead, ahead.at) || !read_plain(&ahead, &bottom))
		return;
	/* 1/2/2024 is a date */
	if (text_at(&ahead, ahead.at, "/") || (mixed && top.value >= bottom.value))
		return;
	if (!ratio(out, whole, top.value, bottom.value))
		return;
	r->at = ahead.at;
	out->to = ahead.at;
}

/* \frac{3}{4}, \dfrac, \tfrac with plain numbers inside; r->at is at the backslash. */
static bool read_latex(struct reader *r, struct textnum *out)
{
	struct textnum top, bottom;
	struct reader ahead = *r;
	ahead.at += text_at(r, r->at, "\\frac{") ? 6 : 7;
	bool minus = text_at(&ahead, ahead.at, "-");
	ahead.at += minus;
	if (!read_plain(&ahead, &top) || !text_at(&ahead, ahead.at, "}{"))
		return false;
	ahead.at += 2;
	if (!read_plain(&ahead, &bottom) || !text_at(&ahead, ahead.at, "}"))
		return false;
	if (!ratio(out, 0, minus ? -top.value : top.value, bottom.value))
		return false;
	out->negative = out->value < 0;
	out->from = r->at;
	out->to = ahead.at + 1;
	return true;
}

static bool word_byte(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

/* Bytes of the sign that ends at `end`, with a currency symbol between allowed; 0 if none. */
static size_t sign_before(const struct reader *r, size_t end, bool *negative)
{
	static const char *const money[] = { "$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xe2\x82\xb9" };
	size_t at = end;
	for (int turn = 0; turn < 2; turn++) {
		for (size_t k = 0; k < sizeof(money) / sizeof(*money); k++)
			if (str_ends(str_sub(r->s, 0, at), str_c(money[k])))
				at -= strlen(money[k]);
		size_t len = 0;
		if (at && (r->s.p[at - 1] == '-' || r->s.p[at - 1] == '+'))
			len = 1;
		else if (str_ends(str_sub(r->s, 0, at), STR("\xe2\x88\x92")))
			len = 3;
		if (!len)
			continue;
		/* "16-3": the sign is between two operands */
		size_t before = at - len;
		if (before && (word_byte((unsigned char)r->s.p[before - 1]) ||
			       r->s.p[before - 1] == ')' || r->s.p[before - 1] == '%'))
			return 0;
		*negative = r->s.p[at - len] != '+';
		return end - before;
	}
	return 0;
}

/* A number may begin at i: not inside a word or behind another number's point. */
static bool may_start(const struct reader *r, size_t i)
{
	if (!i)
		return true;
	unsigned char c = (unsigned char)r->s.p[i - 1];
	if (c == '.' && i >= 2 && r->s.p[i - 2] >= '0' && r->s.p[i - 2] <= '9')
		return false;
	return !word_byte(c);
}

/* Past a token that is no number. */
static size_t skip(const struct reader *r, size_t i)
{
	while (i < r->s.n && (word_byte((unsigned char)r->s.p[i]) ||
			      (r->s.p[i] == '.' && digit_at(r, i + 1))))
		i++;
	return i;
}

static bool read_number(struct reader *r, size_t i, struct textnum *out)
{
	r->at = i;
	if (r->s.p[i] == '\\')
		return (text_at(r, i, "\\frac{") || text_at(r, i, "\\dfrac{") ||
			text_at(r, i, "\\tfrac{")) &&
		       read_latex(r, out);
	if (!may_start(r, i) || !read_plain(r, out))
		return false;
	read_fraction(r, out);
	size_t sign = sign_before(r, i, &out->negative);
	out->from = i - sign;
	if (out->negative)
		out->value = -out->value;
	return true;
}

bool textnum_next(struct str s, size_t from, char decimal, struct textnum *out)
{
	struct reader r = { .s = s, .decimal = decimal, .group = decimal == '.' ? ',' : '.' };
	for (size_t i = from; i < s.n; ) {
		bool point = s.p[i] == decimal && digit_at(&r, i + 1);
		if (!digit_at(&r, i) && !point && s.p[i] != '\\') {
			i++;
			continue;
		}
		*out = (struct textnum){ .value = 0 };
		if (read_number(&r, i, out))
			return true;
		size_t next = skip(&r, i);
		i = next > i ? next : i + 1;
	}
	return false;
}

bool textnum_last(struct str s, char decimal, struct textnum *out)
{
	struct textnum t;
	bool any = false;
	for (size_t i = 0; textnum_next(s, i, decimal, &t); i = t.to) {
		*out = t;
		any = true;
	}
	return any;
}

bool textnum_same(const struct textnum *x, const struct textnum *y)
{
	if (!x->exact || !y->exact)
		return x->value == y->value;
	if (!x->n || !y->n)
		return x->n == y->n;
	return x->negative == y->negative && x->exponent == y->exponent && x->n == y->n &&
	       memcmp(x->digit, y->digit, x->n) == 0;
}
