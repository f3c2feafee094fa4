/* struct http_answer: the answer of an `http` target while it comes in: one JSON value, text, or a stream
 * of server-sent events, JSON lines or text; the response's Content-Type says which, the target's settings
 * say where things are.  Zeroed before begin; what it holds dies with the reply's arena. */
#ifndef PROVIDER_HTTP_ANSWER_H
#define PROVIDER_HTTP_ANSWER_H

#include "call/call.h"
#include "call/reply.h"
#include "provider/apppath.h"
#include "wire/sse.h"
#include "wire/wire.h"

enum http_body { HTTP_BODY_JSON, HTTP_BODY_TEXT, HTTP_BODY_SSE, HTTP_BODY_LINES, HTTP_BODY_CHUNKS, HTTP_BODY_ERROR };

/* The settings that say where things are; compiled. */
struct http_paths {
	struct apppath answer, contexts, tool_calls, trajectory, in, out, model, request_id, finish, blocked,
		refused, error;
	struct apppath delta, done_path;
	struct str done, done_event; /* absent: not said */
	const json_t *events;        /* names of events that carry the answer; NULL: all */
};

struct http_answer {
	enum http_body body;
	struct http_paths path;
	struct reply *reply;
	struct arena scratch; /* of one event */
	struct sse sse;
	struct buf text; /* a whole body, or the line that is coming in */
	unsigned events; /* FEED_…, of the piece that is being read */
	bool streams, said, spoken, done, contexts;
	const char *seen; /* the members of the first event where the path found nothing */
};

/* -1: *err, and *member names the setting at fault. */
int http_paths_read(struct http_paths *out, const json_t *config, struct arena *a, const char **member,
		    struct err *err) MUST_USE;

int http_answer_begin(void *state, struct reply *r, const struct wire_status *st, const struct call *c);
int http_answer_feed(void *state, struct reply *r, struct str piece, unsigned *events);
void http_answer_finish(void *state, struct reply *r);

#endif
