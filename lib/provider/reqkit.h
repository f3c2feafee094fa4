/* What the encoders of JSON over HTTP share: a body that grows under the ceiling of a request, a
 * target's params copied into it, addresses and headers.  All of it lives in the call's arena. */
#ifndef PROVIDER_REQKIT_H
#define PROVIDER_REQKIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/wire.h"

#include <jansson.h>

/* A body that dies with the arena. */
struct buf *reqkit_body(struct arena *a);
/* -1 when it has grown past REQUEST_BYTES_MAX. */
int reqkit_end(struct str *out, const struct buf *b, struct err *err) MUST_USE;
/* ,"key":"value" with the value escaped, and ,"key": with any JSON (nothing when it is NULL). */
void reqkit_text(struct buf *b, const char *key, struct str value);
void reqkit_json(struct buf *b, const char *key, const json_t *value);
/* Every member of params but those in `skip`, a list that NULL ends (may be NULL itself). */
void reqkit_params(struct buf *b, const json_t *params, const char *const *skip);
/* A tool call's arguments as a JSON object: written as they are, or read from their text.  NULL: no object. */
const json_t *reqkit_arguments(const json_t *arguments, struct arena *a);

/* base with `tail` put before its query, unless its path ends so already. */
struct str reqkit_url(struct str base, const char *tail, struct arena *a);
/* Nothing when the value is empty. */
void reqkit_header(struct wire_req *out, struct arena *a, const char *name, struct str value);

#endif
