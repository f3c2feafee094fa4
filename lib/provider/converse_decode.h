/* struct converse_decode: what Converse and ConverseStream answer, as a reply.  Owned by the caller, zeroed
 * before converse_begin; what it holds dies with the reply's arena. */
#ifndef PROVIDER_CONVERSE_DECODE_H
#define PROVIDER_CONVERSE_DECODE_H

#include "provider/bedrock_stream.h"

/* What a tool said that the service itself ran. */
struct converse_result {
	size_t index; /* of its block */
	struct str id;
	struct buf text;
};

/* A block of reasoning: Claude wants its own back, signed, when its tools' results are. */
struct converse_thought {
	size_t index;
	struct buf text, signature, redacted;
};

struct converse_decode {
	struct bedrock_stream stream;
	VEC(struct converse_thought *) thought;
	VEC(struct converse_result *) result;
	json_t *contexts;             /* passages cited; or NULL */
	json_t *trace;                /* trace.guardrail */
	json_t *additional;           /* additionalModelResponseFields */
	int64_t latency_ms;           /* the service's own clock; -1 */
	int64_t other;                /* blocks that are no text: images and what is new */
	bool guarded;                 /* the target has a guardrail */
	bool stopped;                 /* a stopReason was seen */
};

int converse_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int converse_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void converse_finish(void *state, struct reply *r);

/* For those that wrap Converse's shapes: one event, one whole body, the end of a stream. */
int converse_event(struct bedrock_stream *s, struct str type, struct str payload);
void converse_whole(struct bedrock_stream *s, const json_t *root);
void converse_end(struct bedrock_stream *s);

#endif
