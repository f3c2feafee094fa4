/* What the calls of a run cost: the policy's price table, read from where the policy is read, and
 * endpoints matched with it.  Pricing itself is call/price.h. */
#ifndef RUN_COST_H
#define RUN_COST_H

#include "call/price.h"
#include "run/run.h"

/* The table that the policy names, into r->prices and r->head.prices; none is no error.  Mistakes go to
 * *d; -1 only for what is no artifact's fault. */
int cost_load(struct run *r, struct diags *d, struct err *err) MUST_USE;

/* What is known of an endpoint before it answers. */
struct cost_terms {
	struct price_ask ask;
	struct price_rates dearest;
	int64_t request;
	bool priced;        /* some row is for it */
	double max_tokens;  /* of an answer; NaN when it names none */
	double extra;       /* tokens beside the messages at most, as far as gate.yaml tells: tools, parameters */
};
struct cost_terms cost_terms(const struct run *r, const struct endpoint *e);
/* Once the targets are bound: the terms of each are kept, and what is worth saying of them before anything
 * is spent is said: a stage that counts dollars must not call what has no price. */
void cost_bind(struct run *r, struct diags *d);
/* The prompts of every suite, rendered and measured: what bounds a sample's cost.  Only where there are
 * prices or limits. */
int cost_measure(struct run *r, struct err *err) MUST_USE;
/* No tokenizer makes more tokens than there are bytes. */
double cost_tokens_at_most(const struct message *message, size_t n);

/* What an answer cost. */
struct price cost_reply(const struct run *r, const struct endpoint *e, const struct reply *reply,
			struct arena *a);
/* [0, *hi] holds every sample's cost in this suite: the longest prompt and max_tokens at the dearest row.
 * False when nothing bounds it.  Unpriced targets have the widest range there is: all of their
 * samples are unscored. */
bool cost_range(double *hi, const struct run *r, const struct suite_plan *s);

#endif
