/* When to try again.  Pure: status, headers, the time left and a random number come in, a wait
 * comes out.  Only transport causes are retried, never an answer; attempts are bounded and never
 * pass the deadline; what the server asks for by Retry-After is waited, never less, and where many wait
 * they do not come back in one moment. */
#ifndef NET_RETRY_H
#define NET_RETRY_H

#include "base/rng.h"
#include "wire/wire.h"

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds by retry-after-ms or Retry-After (seconds or an HTTP date against wall_ms); -1:
 * the server did not say. */
int64_t retry_after_ms(const struct wire_status *st, int64_t wall_ms);
/* The server's own Date in wall milliseconds; 0 when it says none. */
int64_t retry_date_ms(const struct wire_status *st);
/* x-should-retry: 1 yes, 0 no, -1 not said. */
int retry_advice(const struct wire_status *st);

struct retry_in {
	unsigned attempt;  /* which has just failed, from 1 */
	unsigned attempts; /* allowed */
	bool retryable;    /* the codec's or transport's word */
	int advice;        /* retry_advice */
	int64_t after_ms;  /* retry_after_ms */
	int64_t left_ms;   /* to the deadline */
	unsigned waiting;  /* calls that back off already: the more, the wider they are spread */
};

enum retry_verdict { RETRY_AGAIN, RETRY_USELESS, RETRY_SPENT, RETRY_TOO_LATE };
/* RETRY_AGAIN with *wait_ms; useless: the cause will not go away; spent: attempts used up; too
 * late: the wait would pass the deadline. */
enum retry_verdict retry_next(const struct retry_in *in, struct rng *rng, int64_t *wait_ms);

/* A Go-like duration as rate limit headers have it ("12ms", "1s", "6m0s", "1h2m3.5s"), or plain seconds;
 * -1 when it is none. */
int64_t retry_duration_ms(struct str s);

#endif
