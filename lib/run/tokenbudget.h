/* struct token_budget: the stage's `budget: {tokens: N}` while a run is under way.  What was paid
 * counts as reported (where a server reports nothing, by its bytes); a sample that is being played
 * holds a reservation for what it may cost.  A sample begins only when paid, reserved and
 * its own estimate fit; while they do not, it waits for others to end, and when none is left the run
 * stops.  What the store answers costs nothing. */
#ifndef RUN_TOKENBUDGET_H
#define RUN_TOKENBUDGET_H

#include "call/call.h"
#include "call/reply.h"
#include "run/run.h"

struct token_budget {
	double limit;    /* negative: none */
	double spent, reserved;
	double seen_out, seen_judged; /* the most an answer, and the judging of a sample, has taken */
	double seen_extra; /* the most that was read beyond a prompt's own bytes: tools, a server's words */
	bool learned;      /* some call has come back; until then one sample is played alone */
};

void token_budget_init(struct token_budget *b, const struct run *r);
/* What playing a sample may cost: its calls, by three bytes a token, answers by max_tokens. */
double token_budget_estimate(const struct token_budget *b, const struct suite_plan *s,
			     const struct message *message, size_t n);
/* Reserve that much; false when it does not fit now, or when nothing is known and others are live. */
bool token_budget_reserve(struct token_budget *b, double tokens, bool alone);
void token_budget_release(struct token_budget *b, double tokens);
/* A call has come back: what it took. */
double token_budget_pay(struct token_budget *b, const struct call *c, const struct reply *r);
/* One line: why nothing more is called. */
const char *token_budget_text(const struct token_budget *b, double next, struct arena *a);

#endif
