/* struct child: every program that gate runs, in one loop.  A program gets its bytes on stdin, an
 * environment of exactly what is given, limits, and a process group of its own that ends with it: at its
 * end, at the deadline and when it is cancelled (SIGTERM, after a grace SIGKILL) nothing of the group is
 * left.  One child_xfer is one program; it is owned by whoever starts it and lives until its done (or
 * child_cancel).  No shell is involved.  Callbacks come from the loop, never from child_start. */
#ifndef NET_CHILD_H
#define NET_CHILD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "net/loop.h"

#include <sys/types.h>

struct child;
struct child_slot;

struct child_opts {
	struct loop *loop;
	const struct redactor *redactor; /* what the program says on stderr goes through it; may be NULL */
	int64_t grace_ms;                /* between SIGTERM and SIGKILL; 0 = 1 s */
	unsigned parallel;               /* programs at once, for the limit of processes; 0 = 32 */
};

/* Of each process of the program, as the kernel counts; 0 = as gate has it itself. */
struct child_limits {
	int64_t memory_bytes; /* private writable memory */
	int64_t files;        /* open descriptors */
	int64_t processes;    /* that this user may start beyond those it has; root is not held to it */
	int64_t cpu_s;
};

enum child_end {
	CHILD_EXITED,    /* by itself: `status` */
	CHILD_SIGNALLED, /* by a signal that is not ours: `signal` */
	CHILD_TOO_LARGE, /* out_max was passed */
	CHILD_STOPPED,   /* on_out returned -1 */
	CHILD_DEADLINE,  /* deadline_ns passed */
};

struct child_xfer {
	/* In. */
	const char *path;         /* absolute */
	const char *const *argv;  /* argv[0] is what the program is told it is called; NULL-terminated */
	const char *const *env;   /* "NAME=value", NULL-terminated: all there is */
	const char *dir;          /* where it runs; NULL = "/" */
	struct str input;
	struct child_limits limits;
	struct arena *arena;      /* for texts */
	size_t out_max;
	int64_t deadline_ns;      /* on the loop's clock; 0 = none */
	/* A piece of stdout.  -1 stops. */
	int (*on_out)(struct child_xfer *x, struct str piece);
	void (*on_done)(struct child_xfer *x);
	void *ctx;
	/* Out. */
	enum child_end end;
	int status, signal;
	const char *why;          /* one line, redacted; NULL when it exited with 0 */
	struct str said;          /* the end of what it wrote to stderr, redacted */
	int64_t start_ns, end_ns;
	struct child_slot *slot;  /* child's */
};

struct child *child_new(const struct child_opts *o);
/* Ends what runs without calling back; waits for it at most the grace and a little more. */
void child_free(struct child *c);
/* Fails only before the program runs: *err says why, on_done is not called. */
int child_start(struct child *c, struct child_xfer *x, struct err *err) MUST_USE;
/* Forget x: no callback comes any more, and the program is told to end.  Not from on_out: return -1. */
void child_cancel(struct child *c, struct child_xfer *x);

/* The absolute path of the program: itself when it is one, else found in `path` (a PATH, whose relative
 * folders are passed over).  A relative path with a slash is refused. */
int child_find(const char **out, const char *program, const char *path, struct arena *a,
	       struct err *err) MUST_USE;

#endif
