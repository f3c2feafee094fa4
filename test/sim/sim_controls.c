/* Rules known to be wrong: a simulation that let one through would prove nothing. */
#include "sim.h"
#include "stat/martingale.h"
#include "stat/paired.h"
#include "stat/proportion.h"

#include <math.h>

static struct sim_run repeats_as_cases(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	int64_t n = (int64_t)row->n * 5, x = 0;
	for (size_t i = 0; i < row->n; i++)
		x += sim_bernoulli(&s->r, sim_truth(row, at)) != 0 ? 5 : 0;
	return sim_decided(cp_at_least(x, n, row->bar, SIM_ALPHA), false);
}

/* Student's interval, which a sample that is all alike makes a point. */
static struct sim_run student(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	double n = (double)row->n, mean = 0;
	for (size_t i = 0; i < row->n; i++)
		mean += sim_bernoulli(&s->r, sim_truth(row, at)) / n;
	return sim_decided(mean - 1.7 * sqrt(fmax(0, mean * (1 - mean)) / n) >= row->bar, false);
}

static struct sim_run unscored_dropped(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	int64_t n = 0, x = 0;
	for (size_t i = 0; i < row->n; i++) {
		bool one = sim_bernoulli(&s->r, sim_truth(row, at)) != 0;
		bool lost = sim_is_lost(s, at, !one);
		n += !lost;
		x += one && !lost;
	}
	return sim_decided(cp_at_least(x, n, row->bar, SIM_ALPHA), false);
}

/* The fixed rule asked again and again. */
static struct sim_run looks_for_free(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	int64_t look[EARLY_LOOKS], x = 0, n = (int64_t)row->n;
	bool pass = false;
	for (size_t i = 0, k = 0, looks = early_looks(n, look); k < looks; k++) {
		for (; i < (size_t)look[k]; i++)
			x += sim_bernoulli(&s->r, sim_truth(row, at)) != 0;
		pass = pass || cp_at_least(x, (int64_t)i, row->bar, SIM_ALPHA);
	}
	return sim_decided(pass, false);
}

/* Tango's statistic with the normal distribution's 1.645. */
static struct sim_run tango_alone(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	struct pairs p = { .n = (int64_t)row->n };
	(void)at;
	for (size_t i = 0; i < row->n; i++)
		p.lost += rng_unit(&s->r) < -row->bar;
	return sim_decided(tango_z(p, row->bar) >= SIM_Z, false);
}

static struct sim_run judge_believed(const struct sim_row *row, struct sim_at at, struct sim *s)
{
	int64_t x = 0;
	for (size_t i = 0; i < row->n; i++)
		x += sim_bernoulli(&s->r, sim_truth(row, at)) != 0 || rng_unit(&s->r) < 0.4;
	return sim_decided(cp_at_least(x, (int64_t)row->n, row->bar, SIM_ALPHA), false);
}

#define CONTROL(rule, world, f, size, at)                                                          \
	{                                                                                          \
		"control: " rule, world, .play = f, .n = size, .bar = at, .cost = 1,               \
					 .want = SIM_CONTROL, .brief = (size) != 11                \
	}

static const struct sim_row rows[] = {
	CONTROL("repeats as cases", "all alike", repeats_as_cases, 60, 0.99),
	CONTROL("Student t", "right or wrong", student, 20, 0.99),
	CONTROL("unscored dropped", "right or wrong", unscored_dropped, 200, 0.9),
	CONTROL("looks for free", "right or wrong", looks_for_free, 500, 0.8),
	CONTROL("Tango alone", "losses only", tango_alone, 11, -0.2),
	CONTROL("judge believed", "1.0 / 0.6", judge_believed, 200, 0.9),
};

const struct sim_family sim_controls = { "Controls",
					 "Rules known to be wrong: each must break its promise.",
					 rows, ARRAY_LEN(rows) };
