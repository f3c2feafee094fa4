#include "sim.h"

#include <math.h>

double sim_bernoulli(struct rng *r, double mu)
{
	return rng_unit(r) < mu;
}

/* Beta(a, 1) with mean a / (a + 1). */
double sim_beta(struct rng *r, double mu)
{
	return pow(rng_unit(r), (1 - mu) / mu);
}

/* Five points. */
double sim_likert(struct rng *r, double mu)
{
	double sum = 0;
	for (int i = 0; i < 4; i++)
		sum += sim_bernoulli(r, mu) / 4;
	return sum;
}

/* Very good or very poor: 0.9 to 1, or 0 to 0.1.  For means up to 0.95. */
double sim_bimodal(struct rng *r, double mu)
{
	return 0.9 * sim_bernoulli(r, (mu - 0.05) / 0.9) + 0.1 * rng_unit(r);
}

/* Times: exponential, log-logistic (a heavy tail), and two modes. */
double sim_exponential(struct rng *r, double mu)
{
	return log(1 - rng_unit(r)) / log(1 - mu);
}

double sim_log_logistic(struct rng *r, double mu)
{
	double u = rng_unit(r);
	return u / (1 - u) * (1 - mu) / mu;
}

double sim_two_modes(struct rng *r, double mu)
{
	return sim_bernoulli(r, mu) != 0 ? 0.2 + 0.8 * rng_unit(r) : 5 + rng_unit(r);
}

double sim_truth(const struct sim_row *row, struct sim_at at)
{
	return row->bar + (1 - row->bar) * at.way;
}

bool sim_is_lost(struct sim *s, struct sim_at at, bool poor)
{
	return rng_unit(&s->r) < at.unscored + (poor ? at.unscored_poor : 0);
}

struct sim_run sim_decided(bool pass, bool fail)
{
	return (struct sim_run){ .decided = pass   ? SIM_PASS
					    : fail ? SIM_FAIL
						   : SIM_UNDECIDED,
				 .used = 1 };
}
