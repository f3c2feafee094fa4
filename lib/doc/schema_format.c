#include "doc/schema_impl.h"

static bool digits(struct str s, size_t from, size_t n, int low, int high)
{
	int x = 0;
	if (from + n > s.n)
		return false;
	for (size_t i = from; i < from + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		x = x * 10 + (s.p[i] - '0');
	}
	return x >= low && x <= high;
}

static bool at(struct str s, size_t i, const char *any)
{
	return i < s.n && s.p[i] && strchr(any, s.p[i]);
}

static int two(struct str s, size_t i)
{
	return (s.p[i] - '0') * 10 + (s.p[i + 1] - '0');
}

static bool is_date(struct str s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (s.n != 10 || !digits(s, 0, 4, 0, 9999) || !at(s, 4, "-") || !digits(s, 5, 2, 1, 12) ||
	    !at(s, 7, "-"))
		return false;
	int year = two(s, 0) * 100 + two(s, 2), month = two(s, 5);
	bool leap = (year % 4 == 0 && year % 100) || year % 400 == 0;
	return digits(s, 8, 2, 1, days[month - 1] + (month == 2 && leap));
}

static bool is_time(struct str s)
{
	int offset = 0;
	if (!digits(s, 0, 2, 0, 23) || !at(s, 2, ":") || !digits(s, 3, 2, 0, 59) || !at(s, 5, ":") ||
	    !digits(s, 6, 2, 0, 60))
		return false;
	size_t i = 8;
	if (at(s, i, "."))
		for (i++; at(s, i, "0123456789"); i++)
			;
	if (i < s.n && s.p[i - 1] == '.')
		return false;
	if (at(s, i, "zZ")) {
		i++;
	} else {
		if (!at(s, i, "+-") || !digits(s, i + 1, 2, 0, 23) || !at(s, i + 3, ":") ||
		    !digits(s, i + 4, 2, 0, 59))
			return false;
		offset = (two(s, i + 1) * 60 + two(s, i + 4)) * (s.p[i] == '+' ? 1 : -1);
		i += 6;
	}
	/* A leap second ends a day in UTC only. */
	int utc = two(s, 0) * 60 + two(s, 3) - offset;
	return i == s.n && (two(s, 6) < 60 || (utc + 2880) % 1440 == 1439);
}

static bool is_date_time(struct str s)
{
	return s.n > 11 && is_date(str_sub(s, 0, 10)) && at(s, 10, "tT") && is_time(str_sub(s, 11, s.n));
}

static bool is_ipv4(struct str s)
{
	struct str part;
	int n = 0;
	if (!s.n || s.p[s.n - 1] == '.')
		return false;
	for (; str_cut(&s, '.', &part); n++)
		if (!part.n || part.n > 3 || (part.n > 1 && part.p[0] == '0') ||
		    !digits(part, 0, part.n, 0, 255))
			return false;
	return n == 4;
}

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!at(s, i, "0123456789abcdefABCDEF"))
			return false;
	return s.n > 0;
}

static bool is_ipv6(struct str s)
{
	int groups = 0;
	bool gap = false;
	size_t i = 0;
	if (at(s, 0, ":") && !at(s, 1, ":"))
		return false;
	while (i < s.n) {
		if (at(s, i, ":") && at(s, i + 1, ":")) {
			if (gap)
				return false;
			gap = true;
			i += 2;
			continue;
		}
		ptrdiff_t end = str_chr(s, ':', i);
		struct str part = str_sub(s, i, end < 0 ? s.n : (size_t)end);
		if (end < 0 && is_ipv4(part))
			groups++;
		else if (part.n > 4 || !is_hex(part))
			return false;
		groups++;
		i += part.n;
		if (at(s, i, ":") && !at(s, i + 1, ":") && ++i == s.n)
			return false;
	}
	return gap ? groups < 8 : groups == 8;
}

static bool is_uuid(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : !is_hex(str_sub(s, i, i + 1)))
			return false;
	}
	return s.n == 36;
}

static bool is_hostname(struct str s)
{
	struct str label;
	if (!s.n || s.n > 253 || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &label)) {
		if (!label.n || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!at(label, i, "-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
				return false;
	}
	return true;
}

static bool is_pointer(struct str s)
{
	if (s.n && s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '~' && !at(s, i + 1, "01"))
			return false;
	return true;
}

static bool matches(const char *pattern, struct str s)
{
	struct arena a = ARENA_INIT;
	struct err err;
	struct regex *re;
	bool ok = !regex_compile(&re, str_c(pattern), 0, &a, &err) && regex_search(re, s, NULL, &err) > 0;
	arena_release(&a);
	return ok;
}

static bool is_email(struct str s)
{
	size_t at_sign = s.n;
	while (at_sign && s.p[at_sign - 1] != '@')
		at_sign--;
	if (!at_sign)
		return false;
	struct str host = str_sub(s, at_sign, s.n);
	bool literal = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	struct str inner = str_sub(host, 1, host.n - (host.n > 0));
	bool ok = literal ? is_ipv4(inner) || (str_starts(inner, STR("IPv6:")) &&
					       is_ipv6(str_sub(inner, 5, inner.n))) :
			    is_hostname(host);
	return ok && matches("^([\\w!#$%&'*+/=?^`{|}~-]+(\\.[\\w!#$%&'*+/=?^`{|}~-]+)*"
			     "|\"([ !#-\\[\\]-~]|\\\\[ -~])*\")$",
			     str_sub(s, 0, at_sign - 1));
}

static bool is_duration(struct str s)
{
	return matches("^P(\\d+W|(?=.)(\\d+Y(\\d+M(\\d+D)?)?|\\d+M(\\d+D)?|\\d+D)?"
		       "(T(?=\\d)(\\d+H(\\d+M(\\d+S)?)?|\\d+M(\\d+S)?|\\d+S)?)?)$", s);
}

#define URI_CHAR "([\\w.~!$&'()*+,;=:@/-]|%[0-9a-fA-F]{2})"
#define URI_REST "(//([\\w.~!$&'()*+,;=:-]|%[0-9a-fA-F]{2})*(@?(\\[[0-9a-fA-F:.]+\\]|" \
	"([\\w.~!$&'()*+,;=-]|%[0-9a-fA-F]{2})*)(:\\d*)?)?(?=[/?#]|$))?" URI_CHAR "*(\\?(" URI_CHAR \
	"|\\?)*)?(#(" URI_CHAR "|\\?)*)?$"

static bool is_uri(struct str s)
{
	return matches("^[A-Za-z][A-Za-z0-9+.-]*:" URI_REST, s);
}

static bool is_uri_reference(struct str s)
{
	return is_uri(s) || matches("^(?![^/?#]*:)" URI_REST, s);
}

static bool is_regex(struct str s)
{
	struct arena a = ARENA_INIT;
	struct err err;
	struct regex *re;
	bool ok = !regex_compile(&re, s, 0, &a, &err);
	arena_release(&a);
	return ok;
}

static bool is_relative_pointer(struct str s)
{
	size_t i = 0;
	while (at(s, i, "0123456789"))
		i++;
	if (!i || (i > 1 && s.p[0] == '0'))
		return false;
	return str_eqc(str_sub(s, i, s.n), "#") || is_pointer(str_sub(s, i, s.n));
}

static const struct {
	const char *name;
	bool (*ok)(struct str s);
} formats[] = {
	{ "date", is_date },
	{ "time", is_time },
	{ "date-time", is_date_time },
	{ "duration", is_duration },
	{ "email", is_email },
	{ "hostname", is_hostname },
	{ "ipv4", is_ipv4 },
	{ "ipv6", is_ipv6 },
	{ "uuid", is_uuid },
	{ "uri", is_uri },
	{ "uri-reference", is_uri_reference },
	{ "json-pointer", is_pointer },
	{ "relative-json-pointer", is_relative_pointer },
	{ "regex", is_regex },
};

int schema_format_id(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_eqc(name, formats[i].name))
			return (int)i;
	return -1;
}

bool schema_format_ok(int format, struct str text)
{
	return format < 0 || formats[format].ok(text);
}
