#include "stat/ppi.h"

#include "stat/special.h"

#include <math.h>

struct moments {
	double mean, variance; /* of the population */
};

/* b NULL: of a; else of a - b. */
static struct moments moments_of(const double *a, const double *b, size_t n)
{
	struct moments m = { 0, 0 };
	for (size_t i = 0; i < n; i++)
		m.mean += (a[i] - (b ? b[i] : 0)) / (double)n;
	for (size_t i = 0; i < n; i++) {
		double off = a[i] - (b ? b[i] : 0) - m.mean;
		m.variance += off * off / (double)n;
	}
	return m;
}

struct bounds ppi_mean(const double *judged, size_t n, const double *of_judge, const double *of_human, size_t m,
		       double alpha)
{
	if (!n || !m || !(alpha > 0 && alpha < 1))
		return (struct bounds){ NAN, NAN, NAN };
	struct moments all = moments_of(judged, NULL, n), off = moments_of(of_judge, of_human, m);
	double estimate = all.mean - off.mean;
	double half = normal_quantile(1 - alpha / 2) * sqrt(all.variance / (double)n + off.variance / (double)m);
	return (struct bounds){ estimate, estimate - half, estimate + half };
}
