#include "net/aimd.h"

#define MS_NS ((int64_t)1000000)
/* One episode: a server that says 429 keeps saying it to what is already on its way. */
#define COOLDOWN_NS (15000 * MS_NS)
#define TROUBLE_NS (5000 * MS_NS)
/* The longest that rate limit headers alone (without Retry-After) hold new calls. */
#define QUOTA_HOLD_MS 10000

static void later(int64_t *at, int64_t ns)
{
	if (*at < ns)
		*at = ns;
}

void aimd_init(struct aimd *a, unsigned start, unsigned max)
{
	if (!max)
		max = 1;
	if (!start)
		start = 1;
	*a = (struct aimd){ .window = start < max ? start : max, .max = max, .slow_start = true };
}

unsigned aimd_window(const struct aimd *a)
{
	return a->window < 1 ? 1 : (unsigned)a->window;
}

int64_t aimd_start_ns(const struct aimd *a, int64_t now_ns)
{
	return a->hold_ns > now_ns ? a->hold_ns : now_ns;
}

static void grow(struct aimd *a, double by)
{
	a->window += by;
	if (a->window > a->max)
		a->window = a->max;
}

void aimd_good(struct aimd *a, int64_t now_ns, unsigned in_flight)
{
	if (now_ns < a->no_growth_ns || now_ns < a->cooldown_ns || 2 * in_flight < aimd_window(a))
		return;
	if (a->slow_start) {
		grow(a, 1); /* one for each good call: twice as many after a round */
		return;
	}
	if (++a->clean < aimd_window(a))
		return;
	a->clean = 0;
	/* 5 %, or half a place where 5 % would take for ever. */
	grow(a, a->window > 10 ? a->window * 0.05 : 0.5);
}

bool aimd_throttled(struct aimd *a, int64_t now_ns, int64_t after_ms)
{
	bool opens = now_ns >= a->cooldown_ns;
	a->slow_start = false;
	a->clean = 0;
	if (opens) {
		a->window *= 0.8;
		if (a->window < 1)
			a->window = 1;
		later(&a->cooldown_ns, now_ns + COOLDOWN_NS);
	}
	if (after_ms > 0) {
		later(&a->cooldown_ns, now_ns + after_ms * MS_NS);
		later(&a->hold_ns, now_ns + after_ms * MS_NS);
	}
	return opens;
}

void aimd_trouble(struct aimd *a, int64_t now_ns, int64_t after_ms)
{
	a->clean = 0;
	later(&a->no_growth_ns, now_ns + TROUBLE_NS);
	if (after_ms > 0)
		later(&a->hold_ns, now_ns + after_ms * MS_NS);
}

void aimd_quota_seen(struct aimd *a, int64_t now_ns, struct aimd_quota q, unsigned in_flight)
{
	if (q.remaining < 0 || q.limit <= 0)
		return; /* some servers send -1 */
	if (q.remaining * 10 >= q.limit)
		return;
	a->slow_start = false;
	a->clean = 0;
	later(&a->no_growth_ns, now_ns + 1000 * MS_NS);
	/* Never more on the way than what is left of the quota. */
	double most = (double)in_flight + (double)q.remaining;
	if (a->window > most && most >= 1)
		a->window = most;
	if (q.remaining > 0 || q.reset_ms <= 0)
		return;
	/* reset is when the whole quota is back; one call's share of it comes earlier. */
	int64_t share = q.reset_ms / q.limit + 1;
	later(&a->hold_ns, now_ns + (share < QUOTA_HOLD_MS ? share : QUOTA_HOLD_MS) * MS_NS);
}
