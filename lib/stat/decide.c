#include "stat/decide.h"

#include <math.h>

/* A yes-or-no question about a number of cases. */
typedef bool (*enough_fn)(const void *arg, int64_t n);

/* The smallest n in lo+1..max with a yes, for a question that stays yes; lo is a no. */
static int64_t first_yes(enough_fn enough, const void *arg, int64_t lo, int64_t max)
{
	int64_t hi = lo + 1;
	while (hi < max && !enough(arg, hi)) {
		lo = hi;
		hi = hi <= max / 2 ? hi * 2 : max;
	}
	if (hi > max || !enough(arg, hi))
		return DECIDE_NEVER;
	while (hi - lo > 1) {
		int64_t n = lo + (hi - lo) / 2;
		if (enough(arg, n))
			hi = n;
		else
			lo = n;
	}
	return hi;
}

/* The smallest n whose yes also holds at the next `near` numbers and at steps of about 6 % up to
 * 2n: for questions that are yes in the long run but waver at first. */
static int64_t lasting_yes(enough_fn enough, const void *arg, int64_t lo, int64_t max, int near)
{
	for (int round = 0; round < 64; round++) {
		int64_t n = first_yes(enough, arg, lo, max), last_no = -1;
		if (n == DECIDE_NEVER)
			return n;
		for (int64_t i = 1; i <= near && n + i <= max; i++)
			if (!enough(arg, n + i))
				last_no = n + i;
		for (int64_t i = 1; i <= 16; i++)
			if (n + i * n / 16 <= max && !enough(arg, n + i * n / 16))
				last_no = n + i * n / 16;
		if (last_no < 0)
			return n;
		lo = last_no;
	}
	return DECIDE_NEVER;
}

/* A rate whose good answers have been seen `good` times in n, against a bar below it.  With N
 * cases round(N good / n) of them are good.  As N grows one case at a time the bound climbs and
 * falls like a saw: a run is a stretch of N over which the count of the rarer kind stays put, and
 * within a run the bound moves one way only, so a run is judged at its worst end. */
struct held {
	int64_t good, n;
	double bar, alpha;
	bool strict;   /* shown to lie above the bar, not only at it: the rule fails */
	int64_t wrong; /* decide_rate_with */
};

static bool held_proves(const struct held *h, int64_t good, int64_t n)
{
	return h->strict ? cp_above(good, n, h->bar, h->alpha)
			 : cp_at_least(good, n, h->bar, h->alpha);
}

static int64_t held_good(const struct held *h, int64_t n)
{
	int64_t x = h->strict ? h->n - h->good : h->good;
	int64_t held = (int64_t)floor((double)n * (double)x / (double)h->n + 0.5);
	return h->strict ? n - held : held;
}

static bool held_bad_is_rare(const struct held *h)
{
	return h->good > h->n - h->good;
}

static int64_t held_rare(const struct held *h, int64_t n)
{
	return held_bad_is_rare(h) ? n - held_good(h, n) : held_good(h, n);
}

/* The first number of cases with at least `rare` of the rarer kind. */
static int64_t run_start(const struct held *h, int64_t rare)
{
	double share = (double)(held_bad_is_rare(h) ? h->n - h->good : h->good) / (double)h->n;
	int64_t n = (int64_t)fmax(((double)rare - 0.5) / share, 1);
	while (n > 1 && held_rare(h, n - 1) >= rare)
		n--;
	while (held_rare(h, n) < rare)
		n++;
	return n;
}

static bool run_decides(const void *arg, int64_t rare)
{
	const struct held *h = arg;
	int64_t n = held_bad_is_rare(h) ? run_start(h, rare) : run_start(h, rare + 1) - 1;
	return held_proves(h, held_good(h, n), n);
}

static bool cases_decide(const void *arg, int64_t n)
{
	const struct held *h = arg;
	return held_proves(h, held_good(h, n), n);
}

static int64_t held_decides(const struct held *h)
{
	int64_t max = held_rare(h, DECIDE_CASES_MAX) - 1;
	if (max < 1) /* none of the rarer kind as far as we look: no saw */
		return first_yes(cases_decide, h, 0, DECIDE_CASES_MAX);
	int64_t run = lasting_yes(run_decides, h, 0, max, 64);
	if (run == DECIDE_NEVER)
		return run;
	int64_t n = run_start(h, run);
	if (!held_bad_is_rare(h) || run == 0)
		return n;
	/* The run before is good at its end, if at all. */
	int64_t lo = run > 1 ? run_start(h, run - 1) - 1 : 0;
	while (n - lo > 1) {
		int64_t mid = lo + (n - lo) / 2;
		if (cases_decide(h, mid))
			n = mid;
		else
			lo = mid;
	}
	return n;
}

int64_t decide_rate(int64_t x, int64_t n, double bar, double alpha)
{
	if (n <= 0 || x < 0 || x > n)
		return DECIDE_NEVER;
	if (bar <= 0)
		return 1;
	double rate = (double)x / (double)n;
	struct held pass = { .good = x, .n = n, .bar = bar, .alpha = alpha };
	struct held fail = {
		.good = n - x, .n = n, .bar = 1 - bar, .alpha = alpha, .strict = true
	};
	if (rate == bar)
		return DECIDE_NEVER;
	return held_decides(rate > bar ? &pass : &fail);
}

static bool with_wrong(const void *arg, int64_t n)
{
	const struct held *h = arg;
	return n > h->wrong && held_proves(h, n - h->wrong, n);
}

int64_t decide_rate_with(int64_t wrong, double bar, double alpha)
{
	struct held h = { .wrong = wrong, .bar = bar, .alpha = alpha };
	if (wrong < 0)
		return DECIDE_NEVER;
	return first_yes(with_wrong, &h, 0, DECIDE_CASES_MAX);
}

int64_t decide_least_rate(double bar, double alpha)
{
	return decide_rate_with(0, bar, alpha);
}

struct ahead {
	const struct betting *b;
	bool at_least;
	double bar, alpha;
};

static bool ahead_decides(const void *arg, int64_t n)
{
	const struct ahead *w = arg;
	double scale = (double)n / (double)w->b->n;
	return w->at_least ? betting_at_least(w->b, 0, w->bar, w->alpha, scale)
			   : betting_at_most(w->b, 0, w->bar, w->alpha, scale);
}

int64_t decide_graded(const struct betting *b, double bar, double alpha)
{
	if (b->n == 0 || b->mean == bar)
		return DECIDE_NEVER;
	struct ahead w = { b, b->mean > bar, bar, alpha };
	return lasting_yes(ahead_decides, &w, 0, DECIDE_CASES_MAX, 0);
}

static struct betting all_perfect(size_t n, const double *one, const size_t *times)
{
	return (struct betting){
		.lo = 0, .hi = 1, .n = n, .distinct = 1, .x = one, .times = times, .mean = 1
	};
}

int64_t decide_least_graded(double bar, double alpha)
{
	const double one = 1;
	const size_t times = 1;
	struct betting b = all_perfect(1, &one, &times);
	struct ahead w = { &b, true, bar, alpha };
	return first_yes(ahead_decides, &w, 0, DECIDE_CASES_MAX);
}

double decide_top_rate(int64_t n, double alpha)
{
	return n > 0 ? cp_lower(n, n, alpha) : 0;
}

double decide_top_graded(int64_t n, double alpha)
{
	const double one = 1;
	const size_t times = n > 0 ? (size_t)n : 0;
	struct betting b = all_perfect(times, &one, &times);
	return n > 0 ? betting_lower(&b, 0, alpha) : 0;
}
