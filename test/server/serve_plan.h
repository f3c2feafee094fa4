/* struct plan: one response as a list of bytes with pauses between them and a way to end.  Wires
 * and faults write it, the connection plays it.  Nothing here touches a socket. */
#ifndef SERVER_PLAN_H
#define SERVER_PLAN_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum plan_tail {
	TAIL_KEEP,  /* the response is whole; the connection stays */
	TAIL_CLOSE,
	TAIL_RESET, /* RST */
	TAIL_HANG,  /* nothing more, for ever */
	TAIL_DRIP,  /* `drip` again and again, for ever */
};

struct plan_step {
	size_t end;       /* bytes up to here go out … */
	int64_t delay_ms; /* … after this pause */
};

struct plan {
	struct arena *arena; /* the connection's, for the steps; cleared per request */
	struct buf bytes;
	VEC(struct plan_step) step;
	enum plan_tail tail;
	const char *drip;
	int64_t drip_ms;
	bool chunked;
};

void plan_init(struct plan *p, struct arena *a);
void plan_release(struct plan *p);
void plan_clear(struct plan *p);
/* Close the step so far; what follows is sent `ms` later. */
void plan_pause(struct plan *p, int64_t ms);

/* Status line and headers.  length -1 = chunked.  `headers` are whole lines with CRLF, or "". */
void plan_head(struct plan *p, int status, const char *type, const char *headers, int64_t length);
/* Body bytes, as a chunk when the head said so. */
void plan_body(struct plan *p, struct str bytes);
/* The last chunk. */
void plan_end(struct plan *p);
/* Drop what would be sent from byte `at` on, pauses included. */
void plan_cut(struct plan *p, size_t at);

#endif
