/* What goes out and what comes back, as bytes: the neutral HTTP request a provider encodes and the
 * status line and headers a response begins with.  No socket is seen here. */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

struct wire_header {
	struct str name, value;
};

/* How net authenticates each attempt.  The credential itself is never here: net finds it by
 * host through its credential source. */
enum wire_auth { WIRE_AUTH_NONE, WIRE_AUTH_BEARER, WIRE_AUTH_HEADER, WIRE_AUTH_SIGV4 };

/* A program to run in place of an exchange; the request's body is its stdin.  Limits are of each of its
 * processes; 0 = none but gate's own. */
struct wire_exec {
	const char *const *argv; /* argv[0]: an absolute path or the name of a program; NULL-terminated */
	int64_t timeout_ms;
	int64_t memory_bytes, files, processes, cpu_s;
};

struct wire_req {
	const struct wire_exec *exec; /* NULL: HTTP */
	const char *method;
	struct str url; /* absolute, already percent-encoded */
	VEC(struct wire_header) header;
	struct str body;
	enum wire_auth auth;
	const char *auth_header;  /* WIRE_AUTH_HEADER: its name, e.g. "x-api-key" */
	const char *auth_env;     /* the provider's usual variable, e.g. "OPENAI_API_KEY" */
	bool auth_optional;       /* a local server needs no key */
	const char *service, *region; /* WIRE_AUTH_SIGV4 */
};

struct wire_status {
	int code;
	const struct wire_header *header;
	size_t nheader;
};

/* Value of the first header of that name (case ignored), or the absent string. */
struct str wire_header_get(const struct wire_status *st, const char *name);
/* May the same request succeed when it is sent again?  408, 409, 429 and 5xx, but not 501 and 505,
 * which say that it never will. */
bool wire_code_retryable(int code);

#endif
