/* struct clock: time comes in by parameter.  Monotonic nanoseconds for durations, wall
 * milliseconds since 1970 UTC for stamps.  Tests give their own. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct clock {
	int64_t (*mono_ns)(void *ctx);
	int64_t (*wall_ms)(void *ctx);
	void *ctx;
};

struct clock clock_system(void);

enum { CLOCK_TEXT = 32 };
/* RFC 3339 in UTC with milliseconds: 2026-11-23T07:00:00.000Z */
const char *clock_rfc3339(int64_t wall_ms, char out[CLOCK_TEXT]);
/* A date (2026-11-23, midnight UTC) or a date-time with offset or Z. */
bool clock_parse(struct str s, int64_t *wall_ms);

#endif
