/* The asking side of OpenAI's Responses API: a neutral call as a body.  Pure. */
#ifndef PROVIDER_RESPONSES_ENCODE_H
#define PROVIDER_RESPONSES_ENCODE_H

#include "base/err.h"
#include "call/call.h"

/* The body, in `a`. */
int responses_body(struct str *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;
/* Do its params fit?  -1 names the one that does not. */
int responses_check(const struct endpoint *e, struct err *err);

#endif
