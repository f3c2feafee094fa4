/* The asking side of provider anthropic: a neutral call as a body of the Messages API.  Pure. */
#ifndef PROVIDER_ANTHROPIC_ENCODE_H
#define PROVIDER_ANTHROPIC_ENCODE_H

#include "base/err.h"
#include "call/call.h"

/* The body, in `a`.  -1: the messages cannot be said in this API. */
int anthropic_body(struct str *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;

/* The settings that this body is made of, checked once at load: -1 names the mistake, and *member the
 * key of the target where it stands. */
int anthropic_check(const struct endpoint *e, const char **member, struct err *err);

#endif
