/* What a provider says when it does not answer: the JSON error bodies in use, and the one place
 * that turns an HTTP status into a kind of failure.  Pure. */
#ifndef PROVIDER_ERRORBODY_H
#define PROVIDER_ERRORBODY_H

#include "base/str.h"
#include "call/reply.h"

#include <jansson.h>

struct error_body {
	struct str message, type, code;
	bool content_filter; /* the provider's filter blocked it: an answer */
	const json_t *filter_results; /* what it found, by category, where it says so */
	bool quota;          /* no credit is left: another attempt is no use */
};

/* From the object that holds "error" (or is the error itself); json may be NULL. */
struct error_body error_body_of(const json_t *json);

/* Fail r by status with what the body says; status 0 is an error inside a 200. */
void error_body_fail(struct reply *r, int status, const struct error_body *e, bool retryable);

#endif
