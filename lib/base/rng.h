/* struct rng: a small counter-based generator.  Seeded from (run seed, subject, purpose), so
 * that a case gets the same numbers on any shard in any order.  SplitMix64 over a counter
 * (Steele, Lea, Flood 2014).  Not for secrets. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include "base/str.h"

#include <stdint.h>

struct rng {
	uint64_t key, counter;
};

struct rng rng_seed(uint64_t seed, struct str subject, const char *purpose);
uint64_t rng_u64(struct rng *r);
/* Uniform in [0, 1) with 53 bits. */
double rng_unit(struct rng *r);
/* Uniform in [0, n), unbiased; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);

#endif
