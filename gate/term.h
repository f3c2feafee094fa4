/* struct term: what one output stream can show.  NO_COLOR and TERM=dumb are honoured; outside a
 * terminal there is no colour, no width and no moving line. */
#ifndef GATE_TERM_H
#define GATE_TERM_H

#include "repo/policyref.h"

#include <stdbool.h>

struct term {
	int fd;
	bool tty, color, utf8;
	unsigned width; /* 0 when it is no terminal */
};

/* `when`: "auto" (or NULL), "always", "never". */
struct term term_of(int fd, const char *when, env_fn *env, void *ctx);
/* Do both go to one and the same screen? */
bool term_same(const struct term *a, const struct term *b);

#endif
