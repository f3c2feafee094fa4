#include "doc/doc_scalar.h"

#include "base/num.h"
#include "doc/jsonx.h"

static bool one_of(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_eqc(s, *names))
			return true;
	return false;
}

static bool is_special(struct str s)
{
	static const char *const inf[] = { ".inf", ".Inf", ".INF", NULL };
	static const char *const nan[] = { ".nan", ".NaN", ".NAN", NULL };
	bool sign = s.n && (s.p[0] == '-' || s.p[0] == '+');
	return one_of(s, nan) || one_of(sign ? str_sub(s, 1, s.n) : s, inf);
}

/* 0o17 and 0xff: 1 a number in *out, 0 none, -1 too large. */
static int based(struct str s, int64_t *out)
{
	int base = str_starts(s, STR("0o")) ? 8 : str_starts(s, STR("0x")) ? 16 : 0;
	int64_t x = 0;
	bool over = false;
	if (!base || s.n < 3)
		return 0;
	for (size_t i = 2; i < s.n; i++) {
		char c = s.p[i];
		int d = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : 99;
		if (d >= base)
			return 0;
		over = over || __builtin_mul_overflow(x, base, &x) || __builtin_add_overflow(x, d, &x);
	}
	*out = x;
	return over ? -1 : 1;
}

static bool is_integer(struct str s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	if (i == s.n)
		return false;
	for (; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Does it have the form of a decimal number, of whatever size? */
static bool is_decimal(struct str s)
{
	size_t e = 0;
	while (e < s.n && s.p[e] != 'e' && s.p[e] != 'E')
		e++;
	double x;
	return e < s.n && e < 400 && num_parse(str_sub(s, 0, e), &x) &&
	       is_integer(str_sub(s, e + 1, s.n));
}

static json_t *number(struct str s, enum scalar_problem *why)
{
	int64_t n;
	double x;
	int rc = based(s, &n);
	if (rc > 0 || num_parse_i64(s, &n))
		return json_integer(n);
	if (rc < 0 || is_integer(s)) {
		*why = SCALAR_TOO_LARGE;
		return NULL;
	}
	if (num_parse(s, &x))
		return json_real(x);
	if (is_special(s))
		*why = SCALAR_NOT_FINITE;
	else if (is_decimal(s))
		*why = SCALAR_TOO_LARGE;
	return NULL;
}

json_t *scalar_resolve(struct str s, enum scalar_problem *why)
{
	static const char *const null[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const yes[] = { "true", "True", "TRUE", NULL };
	static const char *const no[] = { "false", "False", "FALSE", NULL };
	*why = SCALAR_OK;
	if (one_of(s, null))
		return json_null();
	if (one_of(s, yes))
		return json_true();
	if (one_of(s, no))
		return json_false();
	json_t *j = number(s, why);
	return j || *why ? j : json_from_str(s);
}
