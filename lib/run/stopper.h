/* struct stopper: early stop in a run under way.  It gives the order in which a suite is played, looks at the
 * verdict at that order's fixed prefixes, and says when a suite need not be played on.  Looks come in the
 * order of the suites, each when everything before it is there, so what is decided never depends on -j. */
#ifndef RUN_STOPPER_H
#define RUN_STOPPER_H

#include "run/run.h"
#include "verdict/verdict_early.h"

struct stopper {
	struct run *r;
	bool on;
	struct early early;
	struct early_look look;
	size_t *seen;   /* by plain suite: looks that were taken … */
	size_t *ahead;  /* … and how far its order has come */
	bool *done;     /* … and it need not be played on */
	bool any;       /* some suite was stopped */
	const size_t *left; /* by suite: samples that have not come */
};

/* `left` is the engine's own count. */
void stopper_init(struct stopper *s, struct run *r, const size_t *left);
/* The sample that stands at this place of the suite's order. */
size_t stopper_place(const struct stopper *s, size_t suite, size_t at);
/* Nothing more of it is to begin. */
bool stopper_done(const struct stopper *s, size_t suite);
/* Samples have come: take the looks that are due. */
int stopper_look(struct stopper *s, struct err *err) MUST_USE;
/* How many samples of the suite's order count; the others are surplus. */
size_t stopper_reach(const struct stopper *s, size_t suite);

#endif
