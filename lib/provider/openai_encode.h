/* The asking side of provider openai's chat completions: a neutral call as a body.  Pure. */
#ifndef PROVIDER_OPENAI_ENCODE_H
#define PROVIDER_OPENAI_ENCODE_H

#include "base/err.h"
#include "call/call.h"

/* The body, in `a`. */
int openai_body(struct str *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;
/* Do its params fit?  -1 names the one that does not. */
int openai_check(const struct endpoint *e, struct err *err);

#endif
