/* What goes out to Converse and ConverseStream: the request of a neutral call, and what of a target's settings
 * no schema can say.  Pure. */
#ifndef PROVIDER_CONVERSE_ENCODE_H
#define PROVIDER_CONVERSE_ENCODE_H

#include "base/arena.h"
#include "base/err.h"
#include "call/call.h"
#include "doc/jsonw.h"
#include "wire/wire.h"

#include <stdbool.h>

int converse_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;
int converse_check(const struct endpoint *e, const char **member, struct err *err) MUST_USE;

/* Is the model a prompt of Bedrock's Prompt management, by its ARN? */
bool converse_prompted(const struct endpoint *e);

/* The time to live of the cache point there ("system", "tools", "messages"), any value where AWS's own is meant;
 * NULL: no point. */
const json_t *converse_cache(const struct endpoint *e, const char *where);

/* Parts of the body that others who speak its shapes send too. */
void converse_messages(struct jsonw *w, const struct call *c, bool cache);
void converse_system(struct jsonw *w, const struct call *c, bool cache);
void converse_tools(struct jsonw *w, const struct endpoint *e);
/* The member of params under any of its names ("top_p" for topP), or NULL. */
const json_t *converse_param(const json_t *params, const char *name);

#endif
