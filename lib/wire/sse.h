/* struct sse: a push decoder of server-sent events (WHATWG HTML, "event stream
 * interpretation").  Bytes go in, in any split; each complete event comes out through the callback
 * with views that die when it returns.  An event unfinished at the end is dropped. */
#ifndef WIRE_SSE_H
#define WIRE_SSE_H

#include "base/buf.h"
#include "base/str.h"

struct sse_event {
	struct str event; /* absent when the server named none */
	struct str data;
	struct str id;    /* the last id seen; absent when none */
};

/* -1 stops the decoder. */
typedef int sse_fn(void *ctx, const struct sse_event *ev);

struct sse {
	struct buf line, data, event, id;
	sse_fn *fn;
	void *ctx;
	size_t max;
	unsigned char state; /* see sse.c */
	bool has_data, has_event, has_id, failed;
};

/* One event (its data lines together, and each line) may have at most `max` bytes. */
void sse_init(struct sse *s, size_t max, sse_fn *fn, void *ctx);
void sse_release(struct sse *s);
enum sse_result { SSE_OK = 0, SSE_STOPPED = -1, SSE_TOO_LARGE = -2 };
/* After anything but SSE_OK every further call returns the same. */
enum sse_result sse_feed(struct sse *s, struct str piece);

#endif
