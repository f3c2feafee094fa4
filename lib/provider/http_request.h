/* http_request: the settings of an `http` target as the request of one call, and what can be said of them
 * before there is a case.  Pure. */
#ifndef PROVIDER_HTTP_REQUEST_H
#define PROVIDER_HTTP_REQUEST_H

#include "base/err.h"
#include "call/call.h"
#include "wire/wire.h"

int http_request_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err) MUST_USE;
/* -1: *err, and *member names the setting at fault. */
int http_request_check(const struct endpoint *e, const char **member, struct err *err) MUST_USE;

#endif
