#include "stat/martingale.h"

#include <math.h>

/* Tuned by simulation: at three half-widths from the bar these stop after about a third of the scores,
 * at two after about three quarters (docs/design/stats.md). */
static const double strength[MARTINGALE_BETS] = { 3.8, 8, 2.2 };
static const double share[MARTINGALE_BETS] = { 0.7, 0.2, 0.1 };

/* The first look comes after a twentieth of the run: before that hardly anything can be told. */
enum { LOOK_FIRST_PART = 20 };

static const double pair_variance = 1.0 / 40;

static void init(struct martingale *g, double m, double variance, int64_t planned, double alpha)
{
	*g = (struct martingale){ .m = m, .need = -log(alpha) };
	g->spoilt = !(m >= 0 && m < 1) || !(alpha > 0 && alpha < 1) || planned <= 0;
	double spread = sqrt((double)planned * variance);
	for (int j = 0; j < MARTINGALE_BETS; j++) {
		g->bet[j] = m > 0 ? fmin(0.99 / m, strength[j] / spread) : 1;
		g->gain[j] = log(share[j]);
	}
}

void martingale_init(struct martingale *g, double m, int64_t planned, double alpha)
{
	init(g, m, m * (1 - m), planned, alpha);
}

void martingale_init_pairs(struct martingale *g, double m, int64_t planned, double alpha)
{
	init(g, m, fmin(m * (1 - m), pair_variance), planned, alpha);
}

void martingale_feed(struct martingale *g, double x)
{
	g->spoilt = g->spoilt || !(x >= 0 && x <= 1);
	for (int j = 0; j < MARTINGALE_BETS; j++)
		g->gain[j] += log1p(g->bet[j] * (x - g->m));
}

double martingale_capital(const struct martingale *g)
{
	double top = g->gain[0], sum = 0;
	for (int j = 1; j < MARTINGALE_BETS; j++)
		top = fmax(top, g->gain[j]);
	for (int j = 0; j < MARTINGALE_BETS; j++)
		sum += exp(g->gain[j] - top);
	return g->spoilt ? -INFINITY : top + log(sum);
}

bool martingale_reached(const struct martingale *g)
{
	return martingale_capital(g) >= g->need;
}

size_t early_looks(int64_t planned, int64_t out[EARLY_LOOKS])
{
	size_t n = 0;
	for (int k = 1; k <= EARLY_LOOKS; k++) {
		int64_t at = (planned * k + EARLY_LOOKS - 1) / EARLY_LOOKS;
		if (at * LOOK_FIRST_PART >= planned && at > 0 && (!n || at > out[n - 1]))
			out[n++] = at;
	}
	return n;
}
