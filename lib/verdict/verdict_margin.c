#include "verdict/verdict_margin.h"

#include "base/limits.h"
#include "stat/betting.h"
#include "stat/margin.h"
#include "stat/power.h"
#include "stat/special.h"

#include <math.h>

static bool is_mean(const struct row *r)
{
	return !row_is_observed(r) && r->t->agg != AGG_QUANTILE && r->t->bound.change != '*';
}

bool margin_demands_change(const struct row *r)
{
	const struct threshold *t = r->t;
	bool compares = t->op != OP_NOT_BELOW && t->op != OP_NOT_ABOVE;
	return t->bound.baseline && compares && !row_is_observed(r) &&
	       (!t->bound.change || (t->bound.change == '*' ? t->bound.value == 1 : t->bound.value == 0));
}

/* In the direction that lets the candidate be worse. */
static double slack_of(const struct threshold *t)
{
	double x = t->bound.change == '-' ? t->bound.value : t->bound.change == '+' ? -t->bound.value : 0;
	return threshold_wants_high(t) ? x : -x;
}

/* The bound on n differences that are all 0, as a share of the range. */
static double graded_shows(int64_t n, double alpha, struct arena *scratch)
{
	struct arena_mark mark = arena_mark(scratch);
	struct err err = ERR_INIT;
	struct betting b;
	double *zero = arena_array(scratch, double, (size_t)n + 1);
	double out = NAN;
	if (!betting_init(&b, scratch, zero, (size_t)n, -1, 1, &err))
		out = -betting_lower(&b, 0, alpha);
	arena_rewind(scratch, mark);
	return out;
}

static double shows(bool exact, int64_t n, double alpha, struct arena *scratch)
{
	if (n < 1)
		return NAN;
	return exact ? -expm1(log(alpha) / (double)n) : graded_shows(n, alpha, scratch);
}

/* More than this many cases are not looked at for graded rows. */
enum { GRADED_MAX = 1 << 17 };

static int64_t least_cases(bool exact, double margin, double alpha, struct arena *scratch)
{
	int64_t lo = 1, hi = 2;
	if (!(margin > 0 && margin < 1))
		return -1;
	if (exact)
		return (int64_t)ceil(log(alpha) / log1p(-margin) - 1e-9);
	while (!(shows(false, hi, alpha, scratch) <= margin)) {
		lo = hi;
		hi *= 2;
		if (hi > GRADED_MAX)
			return -1;
	}
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (shows(false, mid, alpha, scratch) <= margin)
			hi = mid;
		else
			lo = mid + 1;
	}
	return hi;
}

/* The betting bound asks sqrt(2 ln(4 / alpha)) where a normal one asks its quantile.  An answer that changes
 * does so from end to end of the range, as often up as down: the spread is then the share of them. */
static int64_t graded_powered(double margin, double discordant, double alpha)
{
	struct power_spread s = { .between = discordant, .repeats = 1 };
	double risk = 2 * normal_cdf(-sqrt(2 * log(4 / alpha)));
	double n = ceil(power_cases(s, margin, risk, MARGIN_POWER));
	return n >= 1 && n <= (double)DECIDE_CASES_MAX ? (int64_t)n : -1;
}

struct margin_plan margin_plan(const struct row *r, const struct ruling *best, double discordant,
			       struct arena *scratch)
{
	double scale = row_is_score(r) ? 1 : r->hi - r->lo;
	struct margin_plan m = { .margin = slack_of(r->t), .shows = NAN, .least = -1, .powered = -1 };
	m.exact = !strcmp(best->method, "margin-exact") || !strcmp(best->method, "mcnemar");
	if (!is_mean(r))
		return m;
	m.shows = scale * shows(m.exact, (int64_t)best->clusters, r->alpha, scratch);
	if (!(m.margin > 0))
		return m;
	m.least = least_cases(m.exact, m.margin / scale, r->alpha, scratch);
	m.powered = m.exact ? margin_pairs_needed(m.margin, discordant, r->alpha, MARGIN_POWER)
			    : graded_powered(m.margin / scale, discordant, r->alpha);
	return m;
}
