#include "stat/blocks.h"

#include <stdint.h>

enum { WORD = 64 };

/* The series as bits, since a long spell asks for many lags: one of a hundred thousand for tens of
 * thousands. */
struct series {
	uint64_t *bit;
	uint32_t *upto; /* how many of the first i are slow */
	size_t n;
};

static struct series series_of(const bool *slow, size_t n, struct arena *scratch)
{
	struct series s = { .n = n };
	s.bit = arena_array(scratch, uint64_t, n / WORD + 2);
	s.upto = arena_array(scratch, uint32_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		s.bit[i / WORD] |= (uint64_t)slow[i] << i % WORD;
		s.upto[i + 1] = s.upto[i] + slow[i];
	}
	return s;
}

/* How many i are slow together with i + lag. */
static size_t together(const struct series *s, size_t lag)
{
	const uint64_t *far = s->bit + lag / WORD;
	unsigned shift = lag % WORD;
	size_t sum = 0;
	for (size_t i = 0; i * WORD + lag < s->n; i++) {
		uint64_t x = far[i] >> shift;
		if (shift)
			x |= far[i + 1] << (WORD - shift);
		sum += (size_t)__builtin_popcountll(x & s->bit[i]);
	}
	return sum;
}

static double correlation(const struct series *s, size_t lag)
{
	double n = (double)s->n, all = s->upto[s->n], mean = all / n;
	if (lag >= s->n)
		return 0;
	double head = s->upto[s->n - lag], tail = all - s->upto[lag];
	double sum = (double)together(s, lag) - mean * (head + tail) + (n - (double)lag) * mean * mean;
	return sum / (all * (n - all) / n);
}

double blocks_effective(const bool *slow, size_t n, struct arena *scratch)
{
	struct series s = series_of(slow, n, scratch);
	double sum = -1;
	if (!n || !s.upto[n] || s.upto[n] == n)
		return (double)n;
	for (size_t lag = 0; lag < n; lag += 2) {
		double pair = (lag ? correlation(&s, lag) : 1) + correlation(&s, lag + 1);
		if (!(pair > 0))
			break;
		sum += 2 * pair;
	}
	if (!(sum > 1))
		return (double)n;
	return sum < (double)n ? (double)n / sum : 1;
}
