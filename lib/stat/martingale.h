/* struct martingale: evidence that may be looked at while it comes in.  Someone who holds "the mean is at
 * most m" is offered three fixed bets on every score; if that is true the capital
 *     sum_j w_j prod_i (1 + l_j (x_i - m))
 * never has expectation above 1, at whatever look, so the chance that it ever reaches 1/alpha is at
 * most alpha (Ville 1939).  The bets are made for a run of n scores that lies two to three half-widths
 * of its interval from the bar:
 *     l_j = min(0.99 / m, c_j / sqrt(n m (1 - m))),   c = 3.8, 8, 2.2,   w = 0.7, 0.2, 0.1
 * Scores are independent, in [0, 1], and come in an order that was fixed beforehand.  For "at least m"
 * feed 1 - x against 1 - m.  Pure numbers; a value that is none, or outside [0, 1], stops it for good:
 * it then never reaches anything. */
#ifndef STAT_MARTINGALE_H
#define STAT_MARTINGALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MARTINGALE_BETS = 3 };

struct martingale {
	double m, need; /* need: ln(1/alpha) */
	double bet[MARTINGALE_BETS], gain[MARTINGALE_BETS]; /* gain: ln of w_j times the product */
	bool spoilt;
};

void martingale_init(struct martingale *g, double m, int64_t planned, double alpha);
/* The same for differences d of pairs as (1 + d) / 2.  Most pairs agree, so these lie closer together than
 * single scores do: the bets are made for one pair in ten that differs, variance 1/40 in place of m (1 - m). */
void martingale_init_pairs(struct martingale *g, double m, int64_t planned, double alpha);
void martingale_feed(struct martingale *g, double x);
/* ln of the capital. */
double martingale_capital(const struct martingale *g);
bool martingale_reached(const struct martingale *g);

/* The looks: after this many scores, ascending, of a run of `planned`; the last is `planned`.  How many
 * there are: at most EARLY_LOOKS. */
enum { EARLY_LOOKS = 40 };
size_t early_looks(int64_t planned, int64_t out[EARLY_LOOKS]);

#endif
