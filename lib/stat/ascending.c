#include "stat/ascending.h"

#include <stdint.h>
#include <string.h>

/* Digits of 11 bits: six make a double, and one's counts fit into the first cache. */
enum { DIGIT = 11, DIGITS = 6, KINDS = 1 << DIGIT, FEW = 64 };

static void insert_all(double *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double x = v[i];
		size_t k = i;
		for (; k > 0 && v[k - 1] > x; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* A number whose unsigned order is that of the doubles. */
static uint64_t key_of(double x)
{
	uint64_t u;
	x += 0.0; /* -0 is 0 */
	memcpy(&u, &x, sizeof(u));
	return u >> 63 ? ~u : u | (uint64_t)1 << 63;
}

static unsigned digit_of(double x, int digit)
{
	return (unsigned)(key_of(x) >> (digit * DIGIT)) & (KINDS - 1);
}

static bool is_ascending(const double *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i - 1] > v[i])
			return false;
	return true;
}

/* One pass over one digit; false when all have the same one. */
static bool pass(double *to, const double *from, size_t n, int digit, size_t *at)
{
	memset(at, 0, KINDS * sizeof(*at));
	for (size_t i = 0; i < n; i++)
		at[digit_of(from[i], digit)]++;
	if (at[digit_of(from[0], digit)] == n)
		return false;
	size_t sum = 0;
	for (size_t k = 0; k < KINDS; k++) {
		size_t count = at[k];
		at[k] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[digit_of(from[i], digit)]++] = from[i];
	return true;
}

void ascending(double *v, size_t n, struct arena *scratch)
{
	if (n <= FEW) {
		insert_all(v, n);
		return;
	}
	if (is_ascending(v, n))
		return;
	struct arena_mark mark = arena_mark(scratch);
	double *from = v, *to = arena_array(scratch, double, n);
	size_t *at = arena_array(scratch, size_t, KINDS);
	for (int digit = 0; digit < DIGITS; digit++) {
		if (!pass(to, from, n, digit, at))
			continue;
		double *was = from;
		from = to;
		to = was;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
	arena_rewind(scratch, mark);
}
