/* struct rate: one limit that a team sets (the policy's `limits`) while a run is under way: requests and
 * tokens a minute, calls in flight.  Every endpoint that the rule fits draws from the same buckets.
 * Tokens are counted as Amazon Bedrock's quotas are: input and max_tokens when a call begins; when it has
 * ended, input but for what a cache gave, and output times a burndown rate. */
#ifndef RUN_RATE_H
#define RUN_RATE_H

#include "call/call.h"
#include "call/reply.h"
#include "net/bucket.h"
#include "verdict/policy.h"

struct rate {
	struct rate *next;
	const struct policy_limit *rule;
	struct bucket requests, tokens;
	unsigned in_flight;
};

/* The rules of a policy, as live limits. */
struct rate *rate_new(const struct policy_limit *rule, size_t n, int64_t now_ns, struct arena *a);
/* Is the rule for this endpoint? */
bool rate_fits(const struct policy_limit *rule, struct str provider, struct str model);
/* What an output token counts: the rule's word; else 5 for Claude 3.7 and later on Bedrock, 1 for all
 * others. */
double rate_burndown(const struct policy_limit *rule, struct str provider, struct str model);

/* What a call counts when it begins: `seen_out` stands for max_tokens where none is named. */
double rate_ahead(const struct call *c, double seen_out);
/* What it counts once it has ended; what was throttled or refused counts nothing. */
double rate_taken(const struct reply *r, double burndown, double ahead);

#endif
