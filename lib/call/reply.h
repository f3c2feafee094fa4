/* The neutral answer.  Either an answer (fail == FAIL_NONE): text, tool calls, usage, how it
 * finished, when what came; or a failure with its cause.  What a provider declares blocked or
 * refused is an answer.  Text is appended while it streams; everything lives in the reply's arena. */
#ifndef CALL_REPLY_H
#define CALL_REPLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/secret.h"
#include "base/str.h"

#include <jansson.h>
#include <stdint.h>

enum finish {
	FINISH_NONE,    /* not finished, or the provider does not say */
	FINISH_STOP,
	FINISH_LENGTH,  /* cut at max_tokens */
	FINISH_TOOL,    /* wants a tool's result */
	FINISH_BLOCKED, /* guardrail or content filter */
	FINISH_REFUSED, /* the provider's own refusal channel */
	FINISH_OTHER,
};
/* "stop" "length" "tool-calls" "blocked" "refused" "other"; "" for none. */
const char *finish_name(enum finish f);
/* -1 when unknown. */
int finish_parse(struct str name);

/* Why there is no answer.  The name is what records and reports show. */
enum fail {
	FAIL_NONE,
	FAIL_AUTH,            /* 401, 403 */
	FAIL_NOT_FOUND,       /* 404 */
	FAIL_REQUEST_REFUSED, /* other 4xx: deterministic, never retried */
	FAIL_RATE_LIMITED,    /* 429 to the end of the retries */
	FAIL_SERVER,          /* 5xx to the end of the retries */
	FAIL_NETWORK,         /* name, connect, TLS, reset */
	FAIL_DEADLINE,        /* the call's deadline passed */
	FAIL_CUT,             /* body or stream ended before its end */
	FAIL_MALFORMED,       /* the body is not what the wire promises */
	FAIL_TOO_LARGE,       /* past REPLY_BYTES_MAX */
	FAIL_DENIED,          /* host not on the policy's list, or no credentials */
	FAIL_NOT_CALLED,      /* run stopped, budget or time spent, interrupted */
	FAIL_NO_ANSWER,       /* recorded: the case has no answer */
	FAIL_PROGRAM,         /* exec: it could not run, ended badly, or said that it failed */
	FAIL_COUNT
};
const char *fail_name(enum fail f); /* "auth", "not-found", "request-refused", … */
int fail_parse(struct str name);

struct usage {
	/* Tokens; -1 = not said.  `in` is all that was read: cache_read and cache_write are parts of it,
	 * and cache_write_1h (kept for an hour rather than five minutes) a part of cache_write.
	 * `reasoning` is a part of `out`.  A codec whose wire counts otherwise adds up. */
	int64_t in, out, cache_read, cache_write, cache_write_1h, reasoning;
};
#define USAGE_UNKNOWN                                                                              \
	{ .in = -1, .out = -1, .cache_read = -1, .cache_write = -1, .cache_write_1h = -1, .reasoning = -1 }

/* Nanoseconds from "request written on a ready connection" of the answering attempt;
 * -1 = not measured (not streamed, replayed, recorded). */
struct times {
	int64_t ttft, ttfv;  /* first token of any kind; first visible text */
	int64_t latency;     /* the terminal event */
	int64_t decode;      /* of a conversation: from first token to end, of all calls; else -1 */
	int64_t connect;     /* name, TCP and TLS of that attempt, apart */
	int64_t wait;        /* earlier attempts and back-off, apart */
	int64_t begun_ms;    /* which millisecond of the run that attempt began in, from 1; 0 = not of this run */
};
#define TIMES_UNKNOWN { .ttft = -1, .ttfv = -1, .latency = -1, .decode = -1, .connect = -1, .wait = -1 }

/* What CALL_EMBED is answered with: n vectors of dim numbers each, one after the other. */
struct vectors {
	float *v;
	size_t n, dim;
};

struct reply {
	struct arena *arena;
	struct buf text;         /* visible answer; released with the arena */
	struct buf reasoning;    /* shown thinking, never scored as answer */
	/* The provider's own blocks of thinking, which it wants back with this answer in a conversation; or NULL. */
	const json_t *thinking;
	const json_t *tool_calls; /* array of {id, name, arguments (object or string)} or NULL */
	/* Passages that were retrieved for the answer: array of {text, source?, score?, id?}, or NULL. */
	const json_t *contexts;
	/* What was done on the way to the answer, in order: array of {kind: "tool" | "retrieval" |
	 * "model" | "user" | "agent" | "guardrail" | other, name?, arguments?, result?, text?}.  NULL:
	 * nobody says; an empty one: nothing was done. */
	const json_t *trajectory;
	/* {action: "none" | "intervened", reason?, policies?: array of {policy, name?, action?, score? …}}; never
	 * the text that matched, which may be personal.  NULL: none was asked for. */
	const json_t *guardrail;
	struct vectors vectors;  /* n is 0 but for embeddings; never copied into an outcome */
	const json_t *detail;    /* a small object of the provider's own facts worth keeping, or NULL */
	enum finish finish;
	struct str finish_raw;   /* the provider's own word */
	struct usage usage;
	struct times time;
	struct str model;        /* as served */
	struct str tier, speed;  /* service tier and performance mode as served; absent: not said */
	struct str request_id;
	int http_status;
	unsigned attempts;
	unsigned calls;          /* of a conversation; 0: the one call */
	bool streamed;
	bool reused;             /* came from the store, with the times measured when it was called */
	bool scrubbed;           /* the answer held a secret of ours, struck out by reply_scrub */
	enum fail fail;
	struct str fail_text;    /* one line for people: cause and remedy, already redacted */
	bool retryable;          /* set with fail by a codec: transport causes only */
	int64_t retry_after_ms;  /* what the server asked for, -1 */
};

enum { FAIL_TEXT_MAX = 8192 };

/* Room for n vectors, all zero; -1 past VECTORS_MAX or VECTOR_DIM_MAX, or when there is none. */
int vectors_init(struct vectors *out, size_t n, size_t dim, struct arena *a) MUST_USE;
/* The i-th from an array of dim finite numbers; -1 when it is another. */
int vectors_set(struct vectors *x, size_t i, const json_t *row) MUST_USE;

/* An empty reply whose buffers die with `a`; *r itself must live as long. */
void reply_init(struct reply *r, struct arena *a);
/* Empty again for another attempt; memory is kept. */
void reply_reset(struct reply *r);
/* Record a failure; the first one stays.  Text becomes one line of at
 * most FAIL_TEXT_MAX bytes. */
void reply_fail(struct reply *r, enum fail why, bool retryable, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Strike every secret out of all that the server said, before anything reads or keeps it. */
void reply_scrub(struct reply *r, const struct redactor *redactor);
/* To and from JSON, for the store and --record DIR.  The times are those of the call that was made:
 * looking a reply up is never timed. */
void reply_write(struct buf *out, const struct reply *r);
int reply_from_json(struct reply *r, const json_t *j, struct arena *a);

#endif
