#include "stat/multiple.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
	double p;
	size_t at;
};

static int by_p(const void *x, const void *y)
{
	const struct ranked *a = x, *b = y;
	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static double factor(enum multiple how, size_t rank, size_t n)
{
	switch (how) {
	case MULTIPLE_BONFERRONI:
		return (double)n;
	case MULTIPLE_BH:
		return (double)n / (double)(rank + 1);
	case MULTIPLE_HOLM:
	case MULTIPLE_HOCHBERG:
		break;
	}
	return (double)(n - rank);
}

/* Step-down methods carry the largest so far upwards, step-up methods the smallest downwards. */
const double *multiple_adjust(enum multiple how, const double *p, size_t n, struct arena *a)
{
	struct ranked *r = arena_array(a, struct ranked, n);
	double *out = arena_array(a, double, n), carried = how == MULTIPLE_HOLM ? 0 : 1;
	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ isnan(p[i]) ? 1 : p[i], i };
	if (n)
		qsort(r, n, sizeof(*r), by_p);
	for (size_t k = 0; k < n; k++) {
		size_t rank = how == MULTIPLE_HOLM ? k : n - 1 - k;
		double x = fmin(1, r[rank].p * factor(how, rank, n));
		if (how == MULTIPLE_HOLM)
			carried = fmax(carried, x);
		else if (how != MULTIPLE_BONFERRONI)
			carried = fmin(carried, x);
		out[r[rank].at] = how == MULTIPLE_BONFERRONI ? x : carried;
	}
	return out;
}
