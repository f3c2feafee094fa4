#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id, int64_t per_second)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * per_second + t.tv_nsec / (1000000000 / per_second);
}

static int64_t system_mono(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_MONOTONIC, 1000000000);
}

static int64_t system_wall(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME, 1000);
}

struct clock clock_system(void)
{
	return (struct clock){ .mono_ns = system_mono, .wall_ms = system_wall };
}

const char *clock_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT])
{
	time_t s = (time_t)(wall_ms / 1000);
	int ms = (int)(wall_ms % 1000);
	if (ms < 0) {
		ms += 1000;
		s--;
	}
	struct tm t;
	gmtime_r(&s, &t);
	size_t n = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &t);
	snprintf(out + n, CLOCK_TEXT - n, ".%03dZ", ms);
	return out;
}

/* Exactly `digits` decimal digits at *at, which moves past them. */
static bool field(struct str s, size_t *at, int digits, int *out)
{
	int x = 0;
	for (int i = 0; i < digits; i++, (*at)++) {
		if (*at >= s.n || s.p[*at] < '0' || s.p[*at] > '9')
			return false;
		x = x * 10 + (s.p[*at] - '0');
	}
	*out = x;
	return true;
}

static bool skip(struct str s, size_t *at, char c)
{
	if (*at >= s.n || s.p[*at] != c)
		return false;
	(*at)++;
	return true;
}

static bool parse_offset(struct str s, size_t *at, int *minutes)
{
	*minutes = 0;
	if (skip(s, at, 'Z') || skip(s, at, 'z'))
		return true;
	int sign = skip(s, at, '-') ? -1 : skip(s, at, '+') ? 1 : 0, h, m;
	if (!sign || !field(s, at, 2, &h) || !skip(s, at, ':') || !field(s, at, 2, &m) || h > 23 ||
	    m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

bool clock_parse(struct str s, int64_t *wall_ms)
{
	struct tm t = { .tm_mday = 1 };
	size_t at = 0;
	int year, month, ms = 0, offset = 0;
	if (!field(s, &at, 4, &year) || !skip(s, &at, '-') || !field(s, &at, 2, &month) ||
	    !skip(s, &at, '-') || !field(s, &at, 2, &t.tm_mday))
		return false;
	if (at < s.n) {
		if (!skip(s, &at, 'T') && !skip(s, &at, 't') && !skip(s, &at, ' '))
			return false;
		if (!field(s, &at, 2, &t.tm_hour) || !skip(s, &at, ':') ||
		    !field(s, &at, 2, &t.tm_min) || !skip(s, &at, ':') ||
		    !field(s, &at, 2, &t.tm_sec))
			return false;
		if (skip(s, &at, '.')) {
			int digit, weight = 100;
			while (field(s, &at, 1, &digit)) {
				ms += digit * weight;
				weight /= 10;
			}
		}
		if (!parse_offset(s, &at, &offset))
			return false;
	}
	int day = t.tm_mday;
	t.tm_year = year - 1900;
	t.tm_mon = month - 1;
	if (at != s.n || month < 1 || month > 12 || day < 1 || t.tm_hour > 23 || t.tm_min > 59 ||
	    t.tm_sec > 60)
		return false;
	time_t seconds = timegm(&t);
	if (t.tm_mday != day || t.tm_mon != month - 1)
		return false; /* 31 February */
	*wall_ms = ((int64_t)seconds - offset * 60) * 1000 + ms;
	return true;
}
