/* What every call of Amazon Bedrock has in common: its URL, how it is authenticated, and what an
 * error of AWS means.  Pure: credentials are net's, places are the endpoint's. */
#ifndef PROVIDER_BEDROCK_COMMON_H
#define PROVIDER_BEDROCK_COMMON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "call/call.h"
#include "call/reply.h"
#include "wire/awshost.h"
#include "wire/wire.h"

/* Begin a request of that service: method, URL with `path` ("/model/…", encoded), signing scope, and
 * Content-Type application/json where it has a body.  -1: the endpoint has no region. */
int bedrock_request(struct wire_req *out, const struct endpoint *e, enum aws_service service, const char *method,
		    struct str path, struct arena *a, struct err *err) MUST_USE;
/* One part of a path, encoded as it goes out; signing encodes it once more. */
void bedrock_path_add(struct buf *path, struct str label);
void bedrock_header(struct wire_req *out, struct arena *a, const char *name, struct str value);
/* out->body from b; -1 when it went over its ceiling. */
int bedrock_body(struct wire_req *out, const struct buf *b, struct err *err) MUST_USE;
/* A buffer for a request's body that dies with the arena. */
struct buf *bedrock_body_new(struct arena *a);

/* Fail r by what AWS said.  `type` is the name of the error: x-amzn-ErrorType, __type, :exception-type,
 * with what AWS hangs on it; absent: taken from the body.  status 0: an error inside of an answer.  It is
 * retryable when its kind is and nothing had been said (`begun`). */
void bedrock_fail(struct reply *r, int status, struct str type, const json_t *body, bool begun);

/* A word of AWS's as gate writes words: lower case, '-' for '_', 64 bytes at most. */
struct str bedrock_word(struct arena *a, struct str s);
#endif
