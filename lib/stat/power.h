/* Power of a mean of paired differences, for plans: how many cases show a difference, and the smallest
 * difference that so many cases show.  A case's difference varies for two reasons: cases differ
 * (between), and one case played again answers differently (each candidate's within, which repeats
 * average out).  Normal approximation: shown beside a plan, never decided on; what a rule can prove at
 * all is decide.h, what a margin of rates needs is margin.h.
 * Pure numbers; arguments that make no sense give NaN.  Source: Miller (2024), arXiv 2411.00640. */
#ifndef STAT_POWER_H
#define STAT_POWER_H

struct power_spread {
	double between;		       /* variance over cases of the difference of their means */
	double within_new, within_old; /* variance of one answer around its case's mean */
	double repeats;		       /* answers a case, at least 1 */
};

/* Cases, not rounded.  alpha is the risk of both sides together: for one side hand in twice that. */
double power_cases(struct power_spread s, double difference, double alpha, double power);
/* The smallest difference that `cases` show. */
double power_difference(struct power_spread s, double cases, double alpha, double power);

#endif
