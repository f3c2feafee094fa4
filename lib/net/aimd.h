/* struct aimd: how many calls may be in flight, learnt from how they end.  Slow start doubles the
 * window each round until the first throttle; each throttling episode cuts it once by a fifth and opens a
 * cooldown, in which further throttles change nothing; after it the window grows 5 % per clean
 * round.  Server errors and timeouts pause growth and cut nothing.  Pure: the clock comes in. */
#ifndef NET_AIMD_H
#define NET_AIMD_H

#include <stdbool.h>
#include <stdint.h>

struct aimd {
	double window;
	unsigned max;
	bool slow_start;
	double clean;           /* good calls since the last growth or trouble */
	int64_t cooldown_ns;    /* until then throttles belong to the same episode */
	int64_t no_growth_ns;   /* until then the window stays */
	int64_t hold_ns;        /* until then nothing new starts */
};

/* Rate limit headers in numbers; -1 = not said. */
struct aimd_quota {
	int64_t limit, remaining, reset_ms;
};

void aimd_init(struct aimd *a, unsigned start, unsigned max);
/* At least 1. */
unsigned aimd_window(const struct aimd *a);
/* When the next call may start: now_ns or later. */
int64_t aimd_start_ns(const struct aimd *a, int64_t now_ns);
/* A call ended well; in_flight counts it: a window that is not used is not made larger. */
void aimd_good(struct aimd *a, int64_t now_ns, unsigned in_flight);
/* 429 or its like.  True when it opened an episode (and cut).  after_ms < 0: not said. */
bool aimd_throttled(struct aimd *a, int64_t now_ns, int64_t after_ms);
/* 5xx, timeout, broken connection.  after_ms as above: nothing new starts until then. */
void aimd_trouble(struct aimd *a, int64_t now_ns, int64_t after_ms);
/* What the headers of any answer say about what is left. */
void aimd_quota_seen(struct aimd *a, int64_t now_ns, struct aimd_quota q, unsigned in_flight);

#endif
