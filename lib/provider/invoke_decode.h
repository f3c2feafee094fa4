/* struct invoke_decode: what InvokeModel and its stream answer.  A stream's events carry pieces of the model
 * family's own answer in base64; Claude's and Nova's are read by the decoders of the wires they are taken from.
 * Owned by the caller, zeroed before it begins; what it holds dies with the reply's arena. */
#ifndef PROVIDER_INVOKE_DECODE_H
#define PROVIDER_INVOKE_DECODE_H

#include "provider/anthropic_decode.h"
#include "provider/bedrock_stream.h"
#include "provider/converse_decode.h"
#include "provider/invoke_encode.h"

struct invoke_decode {
	struct bedrock_stream stream;
	enum invoke_family family;
	union {
		struct anthropic_decode anthropic;
		struct converse_decode converse;
	} inner;
	int64_t in, out, latency_ms; /* by AWS's own count; -1 */
	json_t *trace;               /* amazon-bedrock-trace's guardrail, in the reply's arena */
	bool guarded, intervened;
	bool stopped;                /* the plain families: a stop_reason was seen */
};

int invoke_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int invoke_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void invoke_finish(void *state, struct reply *r);

#endif
