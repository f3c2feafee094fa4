/* struct conn: one client of the test server: reads requests, plays plans.  struct server owns
 * everything; a connection frees itself when its client goes, or at the end of the server. */
#ifndef SERVER_CONN_H
#define SERVER_CONN_H

#include "net/loop.h"
#include "serve_plan.h"
#include "serve_script.h"

/* When a request was there, and when the first and the last byte of its answer had been sent, on the
 * server's own clock; 0: not (yet). */
struct served {
	const char *user; /* its last user message */
	int status;
	int64_t here_ns, first_ns, last_ns;
};

struct server {
	struct loop *loop;
	struct conn *conns; /* those that are open */
	struct script script;
	struct arena arena;
	int64_t latency_ms; /* for every answer, beside the rules' own */
	uint64_t requests, connections, authorized;
	unsigned open, live, most_live;
	struct map paths;    /* path → uint64_t * */
	struct map statuses; /* code as text → uint64_t * */
	bool times;          /* keep them */
	VEC(struct served) served;
	struct buf last;     /* the last request but those for /_…, as received */
};

/* Take a connected, non-blocking socket. */
void conn_accept(struct server *s, int fd);

/* Hang up on every client. */
void conn_end_all(struct server *s);

#endif
