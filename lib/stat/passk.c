#include "stat/passk.h"

#include <math.h>

/* C(c, k) / C(n, k). */
double passk_all(int64_t n, int64_t c, int64_t k)
{
	if (k < 1 || k > n || c < 0 || c > n)
		return NAN;
	if (c < k)
		return 0;
	double p = 1;
	for (int64_t i = 0; i < k; i++)
		p *= (double)(c - i) / (double)(n - i);
	return p;
}

double passk_any(int64_t n, int64_t c, int64_t k)
{
	return 1 - passk_all(n, n - c, k);
}
