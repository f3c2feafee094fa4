/* How a pure module gets something from the outside: a target or scorer's step() fills an ask
 * and is called again with the replies, in order. */
#ifndef CALL_ASK_H
#define CALL_ASK_H

#include "call/call.h"
#include "call/reply.h"

enum step { STEP_DONE, STEP_ASK };

enum ask_kind { ASK_CALL };

struct ask_item {
	enum ask_kind kind;
	struct call call;
};

struct ask {
	struct arena *arena; /* the sample's: lives until the sample is done */
	VEC(struct ask_item) item;
};

#endif
