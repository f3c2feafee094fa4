/* struct purse: the stage's `budget: {usd: N, tokens: N}` while a run is under way.  A sample that is being
 * played holds a reservation for what it may cost, each of its calls a part of it; what a call took
 * is paid as reported when it is back.  A sample begins, and a call goes out, only when paid, reserved and
 * its own most fit; a sample that does not fit waits for others to end, and when none is left the run
 * stops.  What the store answers costs nothing. */
#ifndef RUN_PURSE_H
#define RUN_PURSE_H

#include "call/call.h"
#include "call/reply.h"
#include "run/run.h"

/* What something takes, or may take. */
struct toll {
	double tokens;
	int64_t pico; /* pico-dollars, call/price.h */
};

struct purse {
	const struct run *r;
	bool limited;         /* some ceiling holds */
	double tokens;        /* the ceilings; negative: none */
	int64_t pico;
	struct toll spent, reserved;
	double seen_out;      /* the most an answer has taken */
	double seen_extra;    /* the most that was read beyond what was sent: a server's own words */
	struct toll seen_judged; /* the most that the judging of a sample might have taken */
	bool learned;         /* some call has come back; until then one sample is played alone */
	const char *blind;    /* why dollars can no longer be counted; or NULL */
};

void purse_init(struct purse *p, const struct run *r);
/* The most that one call may take: a token a byte, the answer by max_tokens. */
struct toll purse_call(const struct purse *p, const struct call *c);
/* What playing a sample with this prompt, of so many calls, may take, judges included. */
struct toll purse_sample(const struct purse *p, const struct suite_plan *s, const struct message *message,
			 size_t n, unsigned calls);
/* Reserve; false when it does not fit now, or when nothing is known and others are live. */
bool purse_reserve(struct purse *p, struct toll t, bool alone);
void purse_release(struct purse *p, struct toll t);
/* A part of `from` for a call that may take t, more reserved where it is too small; *part is what was taken
 * out.  False when it does not fit. */
bool purse_part(struct purse *p, struct toll *from, struct toll t, struct toll *part);
/* A call has come back that held `held`; pico: what its answer cost (negative: unknown). */
void purse_pay(struct purse *p, struct toll held, const struct call *c, const struct reply *r,
	       int64_t pico, const char *why);
/* The calls that judged a sample held so much. */
void purse_saw_judging(struct purse *p, struct toll t);
/* Micro-dollars that were paid, rounded up. */
int64_t purse_paid_micro(const struct purse *p);
/* Nothing more is called: no ceiling is needed. */
void purse_close(struct purse *p);
/* Was the call perhaps billed?  One that broke off may have been; one that was refused was not. */
bool purse_may_be_billed(const struct reply *r);
/* One line: why nothing more is called. */
const char *purse_text(const struct purse *p, struct toll next, struct arena *a);

#endif
