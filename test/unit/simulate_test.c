/* False-pass simulation: the promise of docs/design/stats.md tried out.  The truth is put exactly
 * on the bar; a rule at 95 % may then pass in at most 5 % of runs, and fail in at most 5 %, give
 * or take three standard errors of the simulation.  Controls are rules known to be wrong: a
 * simulation that let them through would prove nothing.
 *   simulate_test          a short form, as TAP, for make check
 *   simulate_test --full   20,000 runs a row, as the table of docs/design/stats.md
 * Seeded: the same numbers every time.  Exit 1 where a promise is broken. */
#include "base/arena.h"
#include "base/compiler.h"
#include "base/rng.h"
#include "stat/betting.h"
#include "stat/cluster.h"
#include "stat/proportion.h"
#include "stat/quantile.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define ALPHA 0.05
enum { REPEATS = 5, CASES_MAX = 2000 };

/* What the world does: one answer whose population mean (for times: whose chance of being at
 * most the bar) is mu. */
typedef double (*draw_fn)(struct rng *r, double mu);

static double bernoulli(struct rng *r, double mu)
{
	return rng_unit(r) < mu;
}

/* Beta(a, 1) with mean a / (a + 1). */
static double beta(struct rng *r, double mu)
{
	return pow(rng_unit(r), (1 - mu) / mu);
}

static double likert(struct rng *r, double mu)
{
	double sum = 0;
	for (int i = 0; i < 4; i++)
		sum += bernoulli(r, mu) / 4;
	return sum;
}

/* Very good or very poor: 0.9 to 1, or 0 to 0.1. */
static double bimodal(struct rng *r, double mu)
{
	return 0.9 * bernoulli(r, (mu - 0.05) / 0.9) + 0.1 * rng_unit(r);
}

/* Times in seconds against the bar 1: exponential, log-logistic (heavy tail), and two modes. */
static double exponential(struct rng *r, double mu)
{
	return log(1 - rng_unit(r)) / log(1 - mu);
}

static double log_logistic(struct rng *r, double mu)
{
	double u = rng_unit(r);
	return u / (1 - u) * (1 - mu) / mu;
}

static double two_modes(struct rng *r, double mu)
{
	return bernoulli(r, mu) != 0 ? 0.2 + 0.8 * rng_unit(r) : 5 + rng_unit(r);
}

/* A sample as a rule sees it. */
struct sample {
	double *x; /* scored values first */
	size_t scored, unscored;
	double *repeat[REPEATS]; /* of each case, for clustered rules */
};

enum outcome { UNDECIDED, PASS, FAIL };

static enum outcome outcome_of(bool pass, bool fail)
{
	return pass ? PASS : fail ? FAIL : UNDECIDED;
}

typedef enum outcome (*rule_fn)(const struct sample *s, double bar, struct arena *a);

static int64_t ones(const struct sample *s)
{
	int64_t sum = 0;
	for (size_t i = 0; i < s->scored; i++)
		sum += s->x[i] > 0;
	return sum;
}

static enum outcome by_rate(const struct sample *s, double bar, struct arena *a)
{
	(void)a;
	int64_t n = (int64_t)(s->scored + s->unscored), x = ones(s),
		best = x + (int64_t)s->unscored;
	return outcome_of(cp_at_least(x, n, bar, ALPHA), cp_below(best, n, bar, ALPHA));
}

static enum outcome by_bets(const struct sample *s, double bar, struct arena *a)
{
	struct betting b;
	struct err e = ERR_INIT;
	if (betting_init(&b, a, s->x, s->scored, 0, 1, &e))
		abort();
	return outcome_of(betting_at_least(&b, s->unscored, bar, ALPHA, 1),
			  betting_at_most(&b, s->unscored, bar, ALPHA, 1));
}

static enum outcome by_clusters(const struct sample *s, double bar, struct arena *a)
{
	size_t n = s->scored + s->unscored;
	struct cluster_obs *o = arena_array(a, struct cluster_obs, n * REPEATS + 1);
	for (size_t i = 0; i < n * REPEATS; i++)
		o[i] = (struct cluster_obs){ i / REPEATS, s->repeat[i % REPEATS][i / REPEATS], 1,
					     true };
	struct cluster_means m = cluster_means(a, o, n * REPEATS, 0);
	struct sample means = { .x = (double *)m.mean, .scored = m.n };
	return by_bets(&means, bar, a);
}

/* Control: repeats counted as if they were cases. */
static enum outcome by_repeats_as_cases(const struct sample *s, double bar, struct arena *a)
{
	(void)a;
	int64_t n = (int64_t)s->scored, x = 0;
	for (size_t i = 0; i < s->scored; i++)
		for (int k = 0; k < REPEATS; k++)
			x += s->repeat[k][i] > 0;
	return outcome_of(cp_at_least(x, n * REPEATS, bar, ALPHA), false);
}

/* Control: Student's t interval, which an all-equal sample makes a point. */
static enum outcome by_student(const struct sample *s, double bar, struct arena *a)
{
	(void)a;
	double n = (double)s->scored, mean = (double)ones(s) / n;
	return outcome_of(mean - 1.7 * sqrt(mean * (1 - mean) / n) >= bar, false);
}

/* Control: an unscored sample leaves the denominator. */
static enum outcome by_rate_of_scored(const struct sample *s, double bar, struct arena *a)
{
	struct sample scored = { .x = s->x, .scored = s->scored };
	return by_rate(&scored, bar, a);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static enum outcome by_order(const struct sample *s, double p, struct arena *a)
{
	(void)a;
	qsort(s->x, s->scored, sizeof(s->x[0]), by_value);
	struct bounds b = quantile_bounds(s->x, s->scored, s->unscored, p, ALPHA);
	return outcome_of(b.upper <= 1, b.lower > 1);
}

struct scenario {
	const char *rule, *world;
	rule_fn decide;
	draw_fn draw;
	size_t n;
	double bar;
	double unscored;      /* share of calls that fail */
	double unscored_poor; /* further share, of answers below the bar only: the worst kind */
	bool control;	      /* must break its promise */
	bool slow;	      /* left out of the short form */
};

#define CP "Clopper-Pearson"
#define BET "betting"
#define CLU "betting, clusters of 5"
#define P95 "rate test p95"
#define ROW(r, w, f, d, size, at, ...)                                                             \
	{                                                                                          \
		.rule = r, .world = w, .decide = f, .draw = d, .n = size, .bar = at, __VA_ARGS__   \
	}
#define RATE(size, at, ...) ROW(CP, "right or wrong", by_rate, bernoulli, size, at, __VA_ARGS__)
#define GRADED(d, size, at, ...) ROW(BET, #d, by_bets, d, size, at, __VA_ARGS__)
#define CLUSTERED(d, size, at, ...) ROW(CLU, #d, by_clusters, d, size, at, __VA_ARGS__)
#define TIMES(d, size, ...) ROW(P95, #d, by_order, d, size, 0.95, __VA_ARGS__)

static const struct scenario scenarios[] = {
	RATE(20, 0.5, ),
	RATE(50, 0.5, ),
	RATE(100, 0.5, ),
	RATE(500, 0.5, ),
	RATE(2000, 0.5, .slow = true),
	RATE(20, 0.9, ),
	RATE(50, 0.9, ),
	RATE(100, 0.9, ),
	RATE(500, 0.9, ),
	RATE(2000, 0.9, .slow = true),
	RATE(20, 0.99, ),
	RATE(50, 0.99, ),
	RATE(100, 0.99, ),
	RATE(500, 0.99, ),
	RATE(2000, 0.99, .slow = true),
	RATE(200, 0.9, .unscored = 0.02),
	RATE(200, 0.9, .unscored = 0.1),
	RATE(200, 0.9, .unscored_poor = 0.5),
	GRADED(bernoulli, 20, 0.9, ),
	GRADED(bernoulli, 100, 0.5, ),
	GRADED(bernoulli, 100, 0.9, ),
	GRADED(bernoulli, 500, 0.99, ),
	GRADED(bernoulli, 2000, 0.9, .slow = true),
	GRADED(beta, 20, 0.9, ),
	GRADED(beta, 100, 0.5, ),
	GRADED(beta, 100, 0.9, ),
	GRADED(beta, 500, 0.9, .slow = true),
	GRADED(likert, 20, 0.8, ),
	GRADED(likert, 100, 0.8, ),
	GRADED(likert, 500, 0.8, .slow = true),
	GRADED(bimodal, 20, 0.8, ),
	GRADED(bimodal, 100, 0.8, ),
	GRADED(bimodal, 500, 0.8, .slow = true),
	GRADED(likert, 200, 0.8, .unscored = 0.02),
	GRADED(likert, 200, 0.8, .unscored = 0.1),
	GRADED(bimodal, 200, 0.8, .unscored_poor = 0.5),
	CLUSTERED(bernoulli, 60, 0.9, ),
	CLUSTERED(beta, 60, 0.9, ),
	CLUSTERED(beta, 200, 0.9, .slow = true),
	TIMES(exponential, 59, ),
	TIMES(exponential, 200, ),
	TIMES(log_logistic, 59, ),
	TIMES(log_logistic, 200, ),
	TIMES(two_modes, 200, ),
	TIMES(two_modes, 500, .slow = true),
	TIMES(exponential, 200, .unscored = 0.02),
	TIMES(exponential, 500, .unscored = 0.1),
	ROW("control: repeats as cases", "bernoulli", by_repeats_as_cases, bernoulli, 60, 0.99,
	    .control = true),
	ROW("control: Student t", "bernoulli", by_student, bernoulli, 20, 0.99, .control = true),
	ROW("control: unscored dropped", "right or wrong", by_rate_of_scored, bernoulli, 200, 0.9,
	    .unscored_poor = 0.5, .control = true),
};

/* One run.  A clustered case has its own rate q drawn from the world; its repeats are coin tosses
 * at q, so that a world of zeros and ones repeats itself exactly. */
static void sample_fill(struct sample *s, const struct scenario *sc, double truth, struct rng *r)
{
	s->scored = s->unscored = 0;
	for (size_t i = 0; i < sc->n; i++) {
		double x = sc->draw(r, truth);
		bool poor = sc->decide == by_order ? x > 1 : x < sc->bar;
		for (int k = 0; k < REPEATS; k++)
			s->repeat[k][i] = rng_unit(r) < x;
		if (rng_unit(r) < sc->unscored + (poor ? sc->unscored_poor : 0))
			s->unscored++;
		else
			s->x[s->scored++] = x;
	}
}

struct tally {
	double pass, fail;
};

static struct tally play(const struct scenario *sc, double truth, int runs, struct sample *s,
			 struct arena *a)
{
	char name[200];
	int count[3] = { 0 };
	snprintf(name, sizeof(name), "%s/%s/%zu/%g/%g/%g/%g", sc->rule, sc->world, sc->n, sc->bar,
		 truth, sc->unscored, sc->unscored_poor);
	struct rng r = rng_seed(20261123, str_c(name), "simulate");
	for (int i = 0; i < runs; i++) {
		struct arena_mark mark = arena_mark(a);
		sample_fill(s, sc, truth, &r);
		count[sc->decide(s, sc->bar, a)]++;
		arena_rewind(a, mark);
	}
	return (struct tally){ (double)count[PASS] / runs, (double)count[FAIL] / runs };
}

static bool kept(const struct scenario *sc, struct tally t, double limit)
{
	bool ok = t.pass <= limit && t.fail <= limit;
	return sc->control ? !ok : ok;
}

static void unscored_text(const struct scenario *sc, char *out, size_t size)
{
	if (sc->unscored_poor > 0)
		snprintf(out, size, "%g %% of poor", 100 * sc->unscored_poor);
	else
		snprintf(out, size, "%g %%", 100 * sc->unscored);
}

static int table(int runs, struct sample *s, struct arena *a)
{
	double limit = ALPHA + 3 * sqrt(ALPHA * (1 - ALPHA) / runs);
	int broken = 0;
	printf("| rule | world | n | bar | unscored | P(pass) on the bar | P(fail) on the bar | "
	       "P(pass) at 1/4 | P(pass) at 1/2 |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		const struct scenario *sc = &scenarios[i];
		char un[40];
		unscored_text(sc, un, sizeof(un));
		struct tally on = play(sc, sc->bar, runs, s, a);
		double quarter = play(sc, sc->bar + (1 - sc->bar) / 4, runs / 4, s, a).pass;
		double half = play(sc, sc->bar + (1 - sc->bar) / 2, runs / 4, s, a).pass;
		bool ok = kept(sc, on, limit);
		broken += !ok;
		printf("| %s | %s | %zu | %g | %s | %.4f | %.4f | %.3f | %.3f |%s\n", sc->rule,
		       sc->world, sc->n, sc->bar, un, on.pass, on.fail, quarter, half,
		       ok ? "" : " BROKEN");
	}
	printf("\n%d runs a row; a promise is broken above %.4f.\n", runs, limit);
	return broken ? 1 : 0;
}

static int tap(int runs, struct sample *s, struct arena *a)
{
	double limit = ALPHA + 3 * sqrt(ALPHA * (1 - ALPHA) / runs);
	int broken = 0, row = 0;
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		const struct scenario *sc = &scenarios[i];
		if (sc->slow)
			continue;
		struct tally on = play(sc, sc->bar, runs, s, a);
		bool ok = kept(sc, on, limit);
		broken += !ok;
		printf("%sok %d - %s, %s, n %zu, bar %g: pass %.4f fail %.4f, %s %.4f\n",
		       ok ? "" : "not ", ++row, sc->rule, sc->world, sc->n, sc->bar, on.pass,
		       on.fail, sc->control ? "wrong as it must be, above" : "at most", limit);
	}
	printf("1..%d\n", row);
	return broken ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct arena a = ARENA_INIT;
	struct sample s = { .x = arena_array(&a, double, CASES_MAX) };
	for (int k = 0; k < REPEATS; k++)
		s.repeat[k] = arena_array(&a, double, CASES_MAX);
	bool full = argc > 1 && strcmp(argv[1], "--full") == 0;
	int status = full ? table(20000, &s, &a) : tap(1000, &s, &a);
	arena_release(&a);
	return status;
}
