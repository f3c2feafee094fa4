/* struct err: one failed operation.  Last parameter of every function that can fail; such a
 * function returns 0 or -1 and leaves *err and its out parameters untouched on success.  `kind` is
 * decided where the error is born and maps to the exit code in one switch (gate/exit.h). A
 * wrong artifact with several mistakes is a list of diags (diag.h); a poor answer is a score. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"
#include "base/pos.h"

enum err_kind {
	ERR_NONE,
	ERR_USAGE,    /* the command line or environment is wrong: 2 */
	ERR_ARTIFACT, /* a committed file is wrong: 2 */
	ERR_REMOTE,   /* a service failed or could not be reached: 3 */
	ERR_SYSTEM,   /* this machine failed (disk, memory map, sockets): 2 before calls, 3 after */
	ERR_TRUST,    /* policy, signature or evidence does not hold: 4 */
	ERR_BUG,      /* gate is wrong: 70 */
};

struct err {
	enum err_kind kind;
	struct pos at;
	char msg[480];
};

#define ERR_INIT { .kind = ERR_NONE }

/* Fill *err and return -1.  The text is one line, no capital, no full stop, names the thing
 * in 'ticks', says what was expected and found.  Too long a text is cut at a code point. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same as ERR_ARTIFACT with a place. */
int err_at(struct err *err, struct pos at, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Put "context: " in front of what err says; returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
