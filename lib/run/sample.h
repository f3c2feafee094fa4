/* struct sample: one sample being played: a small state machine with its own arena.
 *
 *   begin -> (target asks, calls, target steps)* -> (scorer asks, calls, steps)* -> finished
 *
 * It is stepped only by the engine's turn; a call that lands puts it on the ready queue.  All
 * memory of a sample goes when it is finished. */
#ifndef RUN_SAMPLE_H
#define RUN_SAMPLE_H

#include "call/ask.h"
#include "net/loop.h"
#include "run/caller.h"
#include "run/replies.h"
#include "run/purse.h"
#include "run/run.h"
#include "verdict/failures.h"

struct engine;
struct flight;
struct target_ops;

struct sample {
	struct engine *e;
	struct arena arena;
	struct arena_mark base;
	struct sample *next;     /* in the ready queue, or in the pool */
	const struct suite_plan *suite;
	struct tcase c;
	struct outcome out;
	struct message *message;
	size_t nmessage;
	const json_t *given;     /* what a call needs of the case */
	struct ask ask;          /* of the machine that is being stepped */
	struct reply **reply;    /* to the latest ask, in order */
	size_t nreply, outstanding;
	bool open;               /* some call of it was not made: another day may */
	bool asked;              /* reply[] answers the ask of the current step */
	const struct target_ops *target;
	void *target_state, *scorer_state;
	struct reply *answer;    /* set when the target is done */
	const json_t *config;    /* of the metric that is being scored, rendered */
	const void *prepared;
	size_t metric;           /* which one that is */
	size_t nscore;           /* metrics that are scored: all but the built-ins */
	struct toll toll;        /* reserved of the stage's budget, less what its calls hold */
	struct toll judged;      /* the most that judging it may have taken */
	struct toll *held;       /* of that, by the calls of the current ask */
	int64_t cost, judge_cost; /* pico-dollars of its calls; -1: some has no price */
	const char *cost_why;    /* … for this reason, or priced in this way; or NULL */
	struct cell *cell;
	json_t *detail;
};

/* Pico-dollars paid; `open`: something has no price. */
struct money {
	int64_t target, judge;
	bool target_open, judge_open;
	size_t rejudged; /* replies of judges that an earlier run had */
	bool aged; /* its target can change without a word, and answered before this run */
};

struct engine {
	struct run *r;
	struct loop *loop;
	struct caller *caller;
	struct replies replies;
	struct failures *failures;
	struct purse purse;
	struct money *money;     /* by suite: what this run paid */
	const char *over_budget; /* why calls were no longer made, or NULL */
	struct sample *ready, **ready_end, *pool;
	size_t live, done;
	struct flight *flying[256]; /* calls in the air, by their digest */
	struct buf line;
	struct arena scratch;
	struct err fatal;        /* the store cannot be written: nothing sensible can go on */
};

/* Load the case and render its prompt; s->toll is what playing it may cost.  False after
 * engine_give_up. */
bool sample_begin(struct sample *s, size_t suite, size_t at, unsigned repeat);
/* Start its target: the calls go out now, before what landed is scored. */
void sample_admit(struct sample *s);
/* Go on as far as there is no call to wait for. */
void sample_step(struct sample *s);
/* A sample of this run that an earlier process finished: what it paid counts, as far as its outcome tells. */
void sample_kept(struct engine *e, const struct outcome *o);
/* One more of this status. */
void sample_count(struct suite_head *h, enum sample_status status);
/* Its line into the store, without anything secret. */
int sample_keep(struct engine *e, const struct outcome *o, bool settled, struct err *err) MUST_USE;
/* What was paid so far, into the head. */
void sample_spent(struct engine *e);
/* Something that ends the whole run. */
void engine_give_up(struct engine *e, const struct err *err);

/* What a call of the suite's target holds of the case's variables (provider_given), or NULL. */
/* Does the prompt end with a user message? */
bool sample_asks(const struct message *m, size_t n);
const json_t *sample_given(const struct suite_conf *s, const struct tcase *c, struct arena *a);

#endif
