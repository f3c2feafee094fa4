#include "net/retry.h"

#include "base/num.h"

#include <curl/curl.h>

/* First back-off's ceiling, the largest one, and the longest wait that is taken at its word. */
enum { BACKOFF_FIRST_MS = 500, BACKOFF_MAX_MS = 8000 };
/* For each call that waits already: some fifty come back in a second. */
enum { CROWD_MS = 20 };
#define WAIT_MAX_MS (24.0 * 3600 * 1000)

static int64_t whole_ms(double ms)
{
	if (!(ms >= 0))
		return -1;
	if (ms > WAIT_MAX_MS)
		ms = WAIT_MAX_MS;
	int64_t whole = (int64_t)ms;
	return whole + ((double)whole < ms); /* never earlier than asked */
}

/* Seconds since 1970; -1 when it is no date. */
static int64_t date_s(struct str s)
{
	char text[64];
	if (!s.n || s.n >= sizeof(text))
		return -1;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return (int64_t)curl_getdate(text, NULL);
}

static int64_t date_ms(struct str s, int64_t wall_ms)
{
	int64_t at = date_s(s);
	if (at < 0)
		return -1;
	double ms = (double)at * 1000 - (double)wall_ms;
	return ms < 0 ? 0 : whole_ms(ms);
}

int64_t retry_date_ms(const struct wire_status *st)
{
	int64_t at = date_s(str_trim(wire_header_get(st, "date")));
	return at > 0 ? at * 1000 : 0;
}

int64_t retry_after_ms(const struct wire_status *st, int64_t wall_ms)
{
	double x;
	struct str ms = str_trim(wire_header_get(st, "retry-after-ms"));
	if (!ms.n)
		ms = str_trim(wire_header_get(st, "x-amz-retry-after"));
	if (ms.n && num_parse(ms, &x) && x >= 0)
		return whole_ms(x);
	struct str s = str_trim(wire_header_get(st, "retry-after"));
	if (!s.n)
		return -1;
	return num_parse(s, &x) ? whole_ms(x * 1000) : date_ms(s, wall_ms);
}

int retry_advice(const struct wire_status *st)
{
	struct str s = str_trim(wire_header_get(st, "x-should-retry"));
	return str_ieq(s, STR("true")) ? 1 : str_ieq(s, STR("false")) ? 0 : -1;
}

enum retry_verdict retry_next(const struct retry_in *in, struct rng *rng, int64_t *wait_ms)
{
	if (in->advice == 0 || (in->advice < 0 && !in->retryable))
		return RETRY_USELESS;
	if (in->attempt >= in->attempts)
		return RETRY_SPENT;
	int64_t wait = in->after_ms, crowd = (int64_t)in->waiting * CROWD_MS;
	if (crowd > BACKOFF_MAX_MS)
		crowd = BACKOFF_MAX_MS;
	if (wait >= 0) {
		int64_t spread = (int64_t)(rng_unit(rng) * (double)crowd);
		wait += wait + spread < in->left_ms ? spread : 0;
	} else {
		int64_t ceiling = BACKOFF_FIRST_MS;
		for (unsigned i = 1; i < in->attempt && ceiling < BACKOFF_MAX_MS; i++)
			ceiling *= 2;
		if (ceiling > BACKOFF_MAX_MS)
			ceiling = BACKOFF_MAX_MS;
		if (ceiling < crowd)
			ceiling = crowd;
		wait = (int64_t)(rng_unit(rng) * (double)ceiling); /* full jitter */
	}
	if (wait >= in->left_ms)
		return RETRY_TOO_LATE;
	*wait_ms = wait;
	return RETRY_AGAIN;
}

/* One number and its unit off the front of *s, in milliseconds. */
static bool duration_part(struct str *s, double *ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = { { "ns", 1e-6 }, { "us", 1e-3 }, { "ms", 1 },
		      { "h", 3600e3 }, { "m", 60e3 },  { "s", 1e3 } };
	size_t n = 0;
	double x;
	while (n < s->n && ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == '.'))
		n++;
	if (!num_parse(str_sub(*s, 0, n), &x))
		return false;
	struct str rest = str_sub(*s, n, s->n);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!str_starts(rest, str_c(units[i].unit)))
			continue;
		*ms += x * units[i].ms;
		*s = str_sub(rest, strlen(units[i].unit), rest.n);
		return true;
	}
	return false;
}

int64_t retry_duration_ms(struct str s)
{
	double ms = 0;
	s = str_trim(s);
	if (!s.n)
		return -1;
	if (num_parse(s, &ms))
		return whole_ms(ms * 1000);
	ms = 0;
	while (s.n)
		if (!duration_part(&s, &ms))
			return -1;
	return whole_ms(ms);
}
