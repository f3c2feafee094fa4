/* What a server's rate limit headers say is left, in the spellings in use.  Pure. */
#ifndef NET_QUOTA_H
#define NET_QUOTA_H

#include "net/aimd.h"
#include "wire/wire.h"

/* The scarcest of the kinds that are said (requests, tokens, input and output tokens); -1s when none is.
 * wall_ms is the time of the answer, for those that say when and not how long. */
struct aimd_quota quota_read(const struct wire_status *st, int64_t wall_ms);

#endif
