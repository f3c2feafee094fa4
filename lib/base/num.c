#include "base/num.h"

#include "base/compiler.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* [-+]? digits [. digits]? ([eE] [-+]? digits)?   or   [-+]? . digits … */
static bool is_decimal(struct str s)
{
	size_t i = 0, digits = 0;
	if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
		i++;
	for (; i < s.n && digit(s.p[i]); i++)
		digits++;
	if (i < s.n && s.p[i] == '.')
		for (i++; i < s.n && digit(s.p[i]); i++)
			digits++;
	if (!digits)
		return false;
	if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
		i++;
		if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
			i++;
		if (i == s.n)
			return false;
		while (i < s.n && digit(s.p[i]))
			i++;
	}
	return i == s.n;
}

bool num_parse(struct str s, double *out)
{
	char text[512];
	if (s.n >= sizeof(text) || !is_decimal(s))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	double x = strtod(text, NULL);
	if (!isfinite(x))
		return false;
	*out = x;
	return true;
}

bool num_parse_i64(struct str s, int64_t *out)
{
	bool negative = s.n && s.p[0] == '-';
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	if (i == s.n)
		return false;
	int64_t x = 0;
	for (; i < s.n; i++) {
		if (!digit(s.p[i]))
			return false;
		int d = s.p[i] - '0';
		if (__builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, negative ? -d : d, &x))
			return false;
	}
	*out = x;
	return true;
}

bool num_scaled(struct str s, const char *const *unit, const double *factor, size_t n, int64_t *out)
{
	for (size_t i = 0; i < n; i++) {
		double x;
		struct str u = str_c(unit[i]);
		if (!str_ends(s, u) || !num_parse(str_sub(s, 0, s.n - u.n), &x))
			continue;
		x = round(x * factor[i]);
		if (!(x >= 0 && x < 9e15))
			return false;
		*out = (int64_t)x;
		return true;
	}
	return false;
}

bool num_duration(struct str s, int64_t *ms)
{
	static const char *const unit[] = { "ms", "s", "m", "h", "d" };
	static const double factor[] = { 1, 1e3, 60e3, 3600e3, 86400e3 };
	return num_scaled(s, unit, factor, ARRAY_LEN(unit), ms);
}

/* x as an integer of thousandths, when it is one: at most 15 digits read back exactly, so this is
 * its shortest form.  Measured times are such numbers, and there are many. */
static bool fmt_thousandths(double x, char out[NUM_TEXT])
{
	double scaled = x * 1000;
	if (!(scaled > -1e12 && scaled < 1e12) || (x != 0 && fabs(x) < 1e-3))
		return false;
	int64_t k = llround(scaled);
	if ((double)k / 1000 != x)
		return false;
	uint64_t u = k < 0 ? (uint64_t)-k : (uint64_t)k;
	char *p = out + NUM_TEXT - 1;
	unsigned fraction = (unsigned)(u % 1000);
	*p = '\0';
	if (fraction) {
		int digits = 3;
		for (; fraction % 10 == 0; fraction /= 10)
			digits--;
		for (; digits; digits--, fraction /= 10)
			*--p = (char)('0' + fraction % 10);
		*--p = '.';
	}
	uint64_t whole = u / 1000;
	do
		*--p = (char)('0' + whole % 10);
	while (whole /= 10);
	if (k < 0)
		*--p = '-';
	memmove(out, p, (size_t)(out + NUM_TEXT - p));
	return true;
}

const char *num_fmt(double x, char out[NUM_TEXT])
{
	if (fmt_thousandths(x, out))
		return out;
	if (x == floor(x) && fabs(x) < 1e15) {
		snprintf(out, NUM_TEXT, "%.0f", x == 0 ? 0.0 : x);
		return out;
	}
	for (int precision = 6; precision <= 17; precision++) {
		snprintf(out, NUM_TEXT, "%.*g", precision, x);
		if (strtod(out, NULL) == x)
			break;
	}
	return out;
}

const char *num_s(uint64_t n)
{
	return n == 1 ? "" : "s";
}
