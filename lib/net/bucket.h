/* struct bucket: a token bucket, for limits per minute that a team sets.  Pure: the clock comes
 * in.  A zeroed bucket has no limit. */
#ifndef NET_BUCKET_H
#define NET_BUCKET_H

#include <stdint.h>

struct bucket {
	double level, capacity, per_ns;
	int64_t at_ns;
};

/* `per_minute` tokens, of which a second's worth (at least one) may go at once; 0 = no limit. */
void bucket_init(struct bucket *b, double per_minute, int64_t now_ns);
/* Take n when they are there: 0.  Else nothing is taken, and the nanoseconds until they are. More
 * than fits at once is let through when the bucket is full and leaves it in debt. */
int64_t bucket_take(struct bucket *b, double n, int64_t now_ns);
/* The nanoseconds until n could be taken; 0: now. */
int64_t bucket_wait(struct bucket *b, double n, int64_t now_ns);
/* Correct an estimate afterwards: take more (positive) or give back (negative). */
void bucket_adjust(struct bucket *b, double n);

#endif
