/* struct caller: plays calls.  It queues jobs behind an adaptive window per endpoint, shapes
 * them into bytes with their provider, runs attempts over net, retries transport causes, and
 * gives each job exactly one reply.  Target and judge calls share it; a local provider answers
 * through it without a socket.  Stored replies, scoring and budgets are the engine's.  Jobs and
 * their calls are owned by the engine and must live until done. */
#ifndef RUN_CALLER_H
#define RUN_CALLER_H

#include "base/arena.h"
#include "base/secret.h"
#include "call/call.h"
#include "call/reply.h"
#include "net/child.h"
#include "net/http.h"
#include "net/loop.h"

struct caller;
struct caller_flight;
struct policy_limit;

/* What programs get of the outside, by the policy's word; docs/providers/exec.md. */
struct caller_programs {
	struct child *child;
	const char *const *env; /* "NAME=value", NULL-terminated */
	const char *path;       /* where a plain name is looked for */
	const char *dir;        /* NULL = "/" */
	unsigned max;           /* of one target at once; 0 = as the caller's */
};

struct caller_opts {
	struct loop *loop;
	struct http *http;      /* NULL: local providers only */
	const struct caller_programs *programs; /* NULL: none may run */
	struct clock clock;     /* wall time for Retry-After dates */
	uint64_t seed;          /* jitter */
	unsigned max;           /* -j: calls in flight; 0 = CALLER_MAX_DEFAULT */
	int64_t deadline_ms;    /* of one call with its retries; 0 = 120 s */
	unsigned attempts;      /* at most; 0 = 4 */
	const struct redactor *redactor;
	struct arena *arena;    /* the run's */
	const struct policy_limit *limit; /* what a team sets, beside what servers tell */
	size_t nlimit;
};
enum { CALLER_MAX_DEFAULT = 32 };

struct caller_job {
	const struct call *call;
	struct arena *arena;    /* the reply's memory; the job itself must live as long */
	struct reply reply;     /* initialised by caller_start */
	/* Called from the loop, once, never from inside caller_start or caller_stop.  It may start
	 * other jobs and free this one. */
	void (*done)(struct caller_job *job);
	void *ctx;
	/* The caller's own. */
	struct caller_job *next, *prev;
	struct caller_flight *flight;
};

struct caller_stats {
	uint64_t started, answered, failed; /* jobs */
	uint64_t attempts, retries, throttles;
	unsigned in_flight, queued, waiting; /* now: on a socket; not yet; backing off */
	unsigned window;                     /* sum over endpoints in use, at most max */
};

struct caller *caller_new(const struct caller_opts *o);
/* Cancels everything without calling back. */
void caller_free(struct caller *c);

/* The run began so long ago: what its answers' times.begun_ms counts from, else caller_new. */
void caller_age(struct caller *c, int64_t ms);
/* Queue a job.  FIFO per endpoint. */
void caller_start(struct caller *c, struct caller_job *job);
/* The store has an answer of this endpoint: what it refuses now is about the request and no reason to stop. */
void caller_known(struct caller *c, const struct endpoint *e);
/* How many more jobs it can use now: start that many, then wait for a done. */
unsigned caller_capacity(const struct caller *c);
/* End every job in flight, backing off or queued, and every later one, with this failure: done comes
 * from the next turn on. */
void caller_stop(struct caller *c, enum fail why, const char *text);
/* NULL while calls go on.  After five identical refusals from the start of an endpoint (401,
 * 403, 404, 400 …, or no connection at all) the caller stops by itself and says why here; what was on
 * the wire may still answer.  Also after caller_stop. */
const char *caller_stopped_reason(const struct caller *c);
struct caller_stats caller_stats(const struct caller *c);

#endif
