/* struct eventstream: a push decoder of application/vnd.amazon.eventstream, AWS's framing of
 * streamed answers.  Bytes go in, in any split; each whole message whose checksums hold comes out
 * through the callback with views that die when it returns.  It does not know what a message
 * means: an exception or error in one is the caller's to see.  After the last byte eventstream_pending
 * tells a stream that was cut inside a message. */
#ifndef WIRE_EVENTSTREAM_H
#define WIRE_EVENTSTREAM_H

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

#include <stdint.h>

enum eventstream_type {
	EVENTSTREAM_TRUE = 0,
	EVENTSTREAM_FALSE = 1,
	EVENTSTREAM_I8 = 2,
	EVENTSTREAM_I16 = 3,
	EVENTSTREAM_I32 = 4,
	EVENTSTREAM_I64 = 5,
	EVENTSTREAM_BYTES = 6,
	EVENTSTREAM_STRING = 7,
	EVENTSTREAM_TIME = 8, /* milliseconds since 1970 */
	EVENTSTREAM_UUID = 9, /* 16 bytes */
};

struct eventstream_header {
	struct str name;
	enum eventstream_type type;
	struct str value; /* BYTES, STRING, UUID; else absent */
	int64_t number;   /* I8 to I64, TIME, and 1 or 0 for TRUE and FALSE; else 0 */
};

struct eventstream_message {
	const struct eventstream_header *header;
	size_t nheader;
	struct str payload;
	/* Headers of type STRING by their names; absent when there is none. */
	struct str message_type;   /* ":message-type": "event", "exception" or "error" */
	struct str event_type;     /* ":event-type" */
	struct str exception_type; /* ":exception-type" */
	struct str content_type;   /* ":content-type" */
	struct str error_code;     /* ":error-code" */
	struct str error_message;  /* ":error-message" */
};

/* -1 stops the decoder. */
typedef int eventstream_fn(void *ctx, const struct eventstream_message *m);

enum eventstream_result {
	EVENTSTREAM_OK = 0,
	EVENTSTREAM_STOPPED = -1,
	EVENTSTREAM_TOO_LARGE = -2, /* a message over `max`, or its headers over their ceilings */
	EVENTSTREAM_CORRUPT = -3,   /* a checksum, a length, a header's type, a name given twice */
};

struct eventstream {
	struct buf message; /* the bytes of the message under way */
	eventstream_fn *fn;
	void *ctx;
	size_t max;
	enum eventstream_result failed;
	struct eventstream_header header[EVENTSTREAM_HEADERS_MAX];
};

/* One message may have at most `max` bytes in all. */
void eventstream_init(struct eventstream *s, size_t max, eventstream_fn *fn, void *ctx);
void eventstream_release(struct eventstream *s);
/* After anything but EVENTSTREAM_OK every further call returns the same. */
enum eventstream_result eventstream_feed(struct eventstream *s, struct str piece);
/* Is a message begun and not complete? */
bool eventstream_pending(const struct eventstream *s);

#endif
