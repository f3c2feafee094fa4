#include "base/num.h"

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

const char *num_fmt(double x, char out[NUM_TEXT])
{
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
