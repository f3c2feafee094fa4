/* struct openai_decode: the answering side of provider openai, kept apart from its encoder:
 * a body of JSON, of server-sent events or of an error turns into a reply, in any split.  Owned by
 * the caller, zeroed before openai_begin; its buffers die with the reply's arena. */
#ifndef PROVIDER_OPENAI_DECODE_H
#define PROVIDER_OPENAI_DECODE_H

#include "provider/answering.h"
#include "provider/contentfilter.h"

struct openai_decode {
	struct answering in;
	bool done;     /* [DONE] */
	bool finished; /* a finish_reason */
	bool choice;   /* any choice at all */
	bool refused;
	bool intervened; /* a guardrail of Bedrock */
	struct contentfilter filter;
};

int openai_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int openai_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void openai_finish(void *state, struct reply *r);

#endif
