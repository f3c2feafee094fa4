/* What a planned run would cost: calls, tokens, and how much of it the store already has. */
#ifndef RUN_ESTIMATE_H
#define RUN_ESTIMATE_H

#include "run/run.h"

struct estimate {
	size_t calls;        /* target calls planned */
	size_t reused;       /* of them, already in the store */
	size_t judge_calls;  /* at least: one for each judged metric and sample */
	double tokens_in;    /* of the target calls, by four bytes a token, or as counted */
	size_t counted;      /* cases whose tokens the provider counted; 0: none */
	double tokens_out_max; /* what max_tokens allows; NaN when some target names none */
};

/* One per suite, into out[r->nsuite].  Opens the store read-only in spirit: nothing is written to it
 * besides its own schema (unless r->store is one already); without one nothing is reused. */
int estimate_suites(struct estimate *out, struct run *r, struct err *err) MUST_USE;

/* What `max_tokens` (under any of its names) allows an answer of this endpoint; NaN when it names none. */
double estimate_max_tokens(const struct endpoint *e);

#endif
