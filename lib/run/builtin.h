/* The measurements that exist in every suite, in the order of the record's columns: from the
 * transport, the usage and how the answer ended.  They cover target calls only. */
#ifndef RUN_BUILTIN_H
#define RUN_BUILTIN_H

#include "call/call.h"
#include "record/record.h"

enum builtin {
	BUILTIN_TTFT,
	BUILTIN_TTLT,
	BUILTIN_TPOT,
	BUILTIN_LATENCY,
	BUILTIN_TPS,
	BUILTIN_TOKENS_IN,
	BUILTIN_TOKENS_OUT,
	BUILTIN_COST,
	BUILTIN_TRUNCATED,
	BUILTIN_REFUSED,
	BUILTIN_BLOCKED,
	BUILTIN_UNSCORED,
	BUILTIN_COUNT
};

/* The heads of all built-ins; the deadline of a call bounds the times of a sample, which takes at
 * most that many calls; cost_hi_usd (NaN: nothing does) its cost. */
void builtin_heads(struct metric_head out[BUILTIN_COUNT], int64_t deadline_ms, unsigned calls,
		   double cost_hi_usd);
bool builtin_is_name(struct str name);
/* Their cells for one answered or failed sample of `e`.  A local provider has no transport, so no times
 * at all; an answer that was to be streamed and was not has no first token: unscored, not absent.
 * cost_why: why there is no cost, or how one was found. */
void builtin_cells(struct cell out[BUILTIN_COUNT], const struct reply *r, const struct endpoint *e,
		   double cost_usd, const char *cost_why, bool unscored);

#endif
