/* struct bedrock_stream: the answering side that all kinds of Bedrock share: struct answering with AWS's event
 * stream in place of server-sent events, and AWS's errors.  A kind gives a reader of its events and bodies.  An
 * exception inside of a stream of status 200 is a failure, and may be tried again only while nothing had been
 * said.  Owned by the kind's state, zeroed before it begins; what it holds dies with the reply's arena. */
#ifndef PROVIDER_BEDROCK_STREAM_H
#define PROVIDER_BEDROCK_STREAM_H

#include "call/call.h"
#include "call/reply.h"
#include "provider/answering.h"
#include "wire/eventstream.h"
#include "wire/wire.h"

struct bedrock_stream;

struct bedrock_reader {
	/* One event: its :event-type and payload.  -1: stop, the reply has failed. */
	int (*event)(struct bedrock_stream *s, struct str type, struct str payload);
	/* Optional, in place of `event`: the payload as the JSON object that it must be. */
	int (*object)(struct bedrock_stream *s, struct str type, const json_t *root);
	/* The whole body of an answer that is no stream. */
	void (*whole)(struct bedrock_stream *s, const json_t *root);
	/* The stream ended after a whole message: was it all?  Fails the reply when not. */
	void (*end)(struct bedrock_stream *s);
	/* Optional, in place of `whole`: the body may be other than a JSON object. */
	void (*text)(struct bedrock_stream *s, struct str body);
};

struct bedrock_stream {
	struct answering in; /* in.reply, in.token; in.events: raise FEED_TERMINAL here */
	const struct bedrock_reader *reader;
	void *state; /* the kind's own */
	bool framed; /* events come in; else a body or an error */
	struct eventstream frames;
	struct str error_type;
};

void bedrock_stream_begin(struct bedrock_stream *s, const struct bedrock_reader *reader, void *state, struct reply *r,
			  const struct wire_status *st, const struct call *c);
int bedrock_stream_feed(struct bedrock_stream *s, struct reply *r, struct str piece, unsigned *events);
void bedrock_stream_finish(struct bedrock_stream *s, struct reply *r);

/* For readers: the payload as a JSON object in `scratch`; NULL when it is none, and the reply has failed. */
const json_t *bedrock_stream_json(struct bedrock_stream *s, struct str payload, struct arena *scratch);

#endif
