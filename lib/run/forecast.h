/* struct forecast: what a run would take before it is begun, from its prompts, max_tokens and the price
 * table: a rough range, not a bound.  Nothing is reused in it.  Pure. */
#ifndef RUN_FORECAST_H
#define RUN_FORECAST_H

#include "run/run.h"

struct forecast {
	double calls, in, out;  /* of the target; tokens, out at most (NaN: no max_tokens) */
	double low, high;       /* dollars, judges included; NaN: not known */
};

void forecast_suite(struct forecast *f, const struct run *r, const struct suite_plan *s);
/* All suites together. */
struct forecast forecast_run(const struct run *r);
/* "$0.12 … $0.83", "at least $0.12"; NULL when nothing of it is known. */
const char *forecast_usd(const struct forecast *f, struct arena *a);
/* The limit that takes the run longest, and how long, in seconds, by requests and the tokens that are likely;
 * NULL: no limit holds. */
const struct policy_limit *forecast_limit(const struct run *r, double *seconds);
/* A warning when the stage's budget in dollars is less than even the low end. */
void forecast_check(const struct run *r, struct diags *d);

#endif
