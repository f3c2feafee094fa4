/* struct anthropic_decode: the answering side of provider anthropic: a message as one JSON body
 * or as a stream of events turns into a reply, in any split.  Owned by the caller, zeroed before
 * anthropic_begin; its buffers die with the reply's arena. */
#ifndef PROVIDER_ANTHROPIC_DECODE_H
#define PROVIDER_ANTHROPIC_DECODE_H

#include "provider/answering.h"

struct anthropic_decode {
	struct answering in;
	int64_t fresh;  /* input tokens that neither came from the cache nor went into it; -1 */
	bool message;   /* message_start, or a whole message */
	bool finished;  /* a stop_reason */
	bool done;      /* message_stop */
};

int anthropic_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int anthropic_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void anthropic_finish(void *state, struct reply *r);

#endif
