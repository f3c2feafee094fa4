/* struct answering: an answer while it comes in over HTTP, the part that all codecs of this kind
 * share: is the body events, JSON or an error; text, thinking and tool calls grow piece by piece,
 * under their ceilings.  Owned by the codec's state, zeroed before answering_begin; what it holds dies with
 * the reply's arena.  It knows no provider's words. */
#ifndef PROVIDER_ANSWERING_H
#define PROVIDER_ANSWERING_H

#include "call/call.h"
#include "call/reply.h"
#include "provider/contentfilter.h"
#include "wire/sse.h"
#include "wire/wire.h"

enum answer_body { ANSWER_JSON, ANSWER_SSE, ANSWER_ERROR };

struct answer_tool {
	size_t index;
	bool served; /* the server ran it itself: a step on the way, no call that waits for a result */
	struct buf id, name, arguments;
};

struct answering {
	enum answer_body body;
	struct reply *reply;
	struct sse sse;
	struct buf text; /* of a body that is JSON or an error */
	VEC(struct answer_tool *) tool;
	unsigned events; /* FEED_…, of the piece that is being read */
	bool token;      /* something was said */
};

/* Status and headers are known; `fn` gets the events of a stream. */
void answering_begin(struct answering *a, struct reply *r, const struct wire_status *st,
		     const struct call *c, sse_fn *fn, void *ctx);
/* -1: stop reading, the reply has failed. */
int answering_feed(struct answering *a, struct reply *r, struct str piece, unsigned *events);
/* The body that is no stream, parsed, in `scratch`.  NULL: it is none, and unless it is an error's the
 * reply has failed. */
const json_t *answering_json(struct answering *a, struct arena *scratch);
/* An event's data, parsed, in `scratch`.  NULL: it is no JSON, and the reply has failed. */
const json_t *answering_event(struct answering *a, struct str data, struct arena *scratch);
/* The body of an error status: the reply fails with what it says.  True instead when it says that
 * the provider's filter blocked it, which is an answer; *filter (or NULL) gets what it found. */
bool answering_blocked(struct answering *a, struct contentfilter *filter);

void answering_text(struct answering *a, struct str text);
void answering_thought(struct answering *a, struct str text);
/* A token was read by other ways. */
void answering_said(struct answering *a, bool visible);
/* Has text or thinking grown past its ceiling?  -1: then the reply has failed. */
int answering_ceiling(struct answering *a);

/* The latest tool call with that index, a new one unless it is there; NULL when there are too many. */
struct answer_tool *answering_tool(struct answering *a, size_t index);
/* The same; NULL when it is not there. */
struct answer_tool *answering_tool_find(const struct answering *a, size_t index);
/* A new one, whatever is there. */
struct answer_tool *answering_tool_add(struct answering *a, size_t index);
/* A part of a call was read: -1 when t is NULL or has grown past its ceiling. */
int answering_tool_said(struct answering *a, const struct answer_tool *t);
/* Put the calls into the reply: arguments that are a JSON object become one, others stay text. */
void answering_tools_end(struct answering *a);

/* The model as served and the answer's id: the first word stays. */
void answering_served(struct answering *a, struct str model, struct str id);
/* The service tier as served. */
void answering_tier(struct answering *a, struct str tier);
/* A member that counts something; -1 when it is absent or no count. */
int64_t answering_count(const json_t *o, const char *key);
/* The provider's word for how it finished. */
void answering_finish(struct answering *a, enum finish finish, struct str word);

#endif
