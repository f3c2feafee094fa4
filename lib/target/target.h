/* struct target_ops: how one sample is played.  A target is a step machine like a scorer: it
 * asks for calls, is called again with their replies in the order asked, and is done with an
 * answer.  A plain model call is the machine with one step.  It never calls anything itself.
 * Adding one: a file target_<name>.c and a line in targets.def. */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include "base/err.h"
#include "call/ask.h"
#include "call/talk.h"

struct target_input {
	const struct endpoint *endpoint;
	const struct message *message; /* rendered for this case */
	size_t nmessage;
	const struct talk *talk;       /* the case's conversation, or NULL */
	const json_t *given;           /* what the call needs of the case's variables, or NULL */
	const json_t *response_schema; /* or NULL */
	unsigned sample;
	struct reply *const *reply;    /* of the last ask, in its order */
	size_t nreply;
};

struct target_ops {
	const char *name, *help;
	/* Is a sample of this kind played by this machine?  NULL: any is. */
	bool (*plays)(const struct target_input *in);
	size_t state_size; /* zeroed before the first step */
	/* STEP_ASK: *ask holds calls.  STEP_DONE: *answer is the sample's answer, one of the replies
	 * given or one of its own (a failed reply is an answer that is unscored).  -1: *err. */
	int (*step)(void *state, const struct target_input *in, struct ask *ask, struct reply **answer,
		    struct err *err);
};

/* The machine that plays this sample; never NULL. */
const struct target_ops *target_for(const struct target_input *in);

/* The call of these messages at the input's endpoint. */
struct call target_call(const struct target_input *in, const struct message *message, size_t n);

#endif
