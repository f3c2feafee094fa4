/* struct responses_decode: the answering side of OpenAI's Responses API: a response as one JSON
 * body or as a stream of events turns into a reply, in any split.  Owned by the caller, zeroed before
 * responses_begin; its buffers die with the reply's arena. */
#ifndef PROVIDER_RESPONSES_DECODE_H
#define PROVIDER_RESPONSES_DECODE_H

#include "provider/answering.h"

struct responses_decode {
	struct answering in;
	json_t *contexts; /* passages that a file search found */
	bool done;        /* a terminal event, or a whole response */
	bool refused, called;
};

int responses_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int responses_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void responses_finish(void *state, struct reply *r);

#endif
