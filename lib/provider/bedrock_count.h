/* CountTokens of Bedrock: how many tokens a call would read, as it would be billed.  Pure. */
#ifndef PROVIDER_BEDROCK_COUNT_H
#define PROVIDER_BEDROCK_COUNT_H

#include "base/arena.h"
#include "base/err.h"
#include "call/call.h"
#include "wire/wire.h"

/* `body`: what InvokeModel would be sent; absent: Converse's. */
int bedrock_count_encode(struct wire_req *out, const struct call *c, struct str body, struct arena *a,
			 struct err *err) MUST_USE;
int64_t bedrock_count_take(const json_t *answer);

#endif
