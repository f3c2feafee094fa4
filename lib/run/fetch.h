/* struct fetch: one small answer of JSON, outside of the calls that are measured: facts of targets, token counts.
 * It turns the loop until it has it, tries again what may pass, and gives up at its own deadline or when the
 * caller was stopped.  Nothing of it is in any latency or count of calls. */
#ifndef RUN_FETCH_H
#define RUN_FETCH_H

#include "base/secret.h"
#include "net/http.h"
#include "net/loop.h"
#include "run/caller.h"

#include <jansson.h>

struct fetch {
	struct loop *loop;
	struct http *http;
	const struct caller *caller;      /* stops it, too; may be NULL */
	const struct redactor *redactor;  /* for what a server says */
	int64_t deadline_ns;              /* of all fetches together, on the loop's clock */
};

/* 0 with *out; -1 with why in *err (ERR_REMOTE), in words for a note. */
int fetch_json(const json_t **out, const struct fetch *f, const struct wire_req *req, struct arena *a,
	       struct err *err) MUST_USE;

#endif
