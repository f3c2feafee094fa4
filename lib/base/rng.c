#include "base/rng.h"

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t absorb(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = mix(h + 0x9e3779b97f4a7c15u + (unsigned char)s.p[i]);
	return mix(h + s.n);
}

struct rng rng_seed(uint64_t seed, struct str subject, const char *purpose)
{
	return (struct rng){ .key = absorb(absorb(mix(seed), subject), str_c(purpose)) };
}

uint64_t rng_u64(struct rng *r)
{
	return mix(r->key + 0x9e3779b97f4a7c15u * ++r->counter);
}

double rng_unit(struct rng *r)
{
	return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % n, x;
	do
		x = rng_u64(r);
	while (x >= limit);
	return x % n;
}
