#include "stat/special.h"

#include <math.h>

#define PI 3.14159265358979323846

double log_gamma(double x)
{
	int sign;
	return x > 0 ? lgamma_r(x, &sign) : NAN;
}

/* ln x! minus Stirling's formula: the part that stays small, so that large factorials cancel
 * without loss (Loader 2000). */
static double stirling_rest(double x)
{
	if (x <= 15)
		return log_gamma(x + 1) - (x + 0.5) * log(x) + x - 0.5 * log(2 * PI);
	double s = 1 / (x * x);
	return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - s / 1188) * s) * s) * s) / x;
}

/* x ln(x/m) + m - x, also where x is near m (Loader's bd0). */
static double deviance(double x, double m)
{
	if (fabs(x - m) >= 0.1 * (x + m))
		return x * log(x / m) + m - x;
	double v = (x - m) / (x + m);
	double sum = (x - m) * v, term = 2 * x * v, before;
	int i = 1;
	do {
		before = sum;
		term *= v * v;
		sum += term / (2 * i++ + 1);
	} while (sum != before);
	return sum;
}

/* Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)) x^a y^b for real a, b > 0. */
static double binomial_weight(double a, double b, double x, double y)
{
	double n = a + b;
	double e = stirling_rest(n) - stirling_rest(a) - stirling_rest(b);
	return sqrt(n / (2 * PI * a * b)) * exp(e - deviance(a, n * x) - deviance(b, n * y));
}

/* x^a y^b / B(a, b). */
static double beta_weight(double a, double b, double x, double y)
{
	return binomial_weight(a, b, x, y) * a * b / (a + b);
}

static double away_from_zero(double v)
{
	return fabs(v) < 1e-300 ? 1e-300 : v;
}

/* The continued fraction of I_x(a, b); quick where x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;
	for (int m = 1; m < 200000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / away_from_zero(1 + even * d);
		c = away_from_zero(1 + even / c);
		h *= d * c;
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / away_from_zero(1 + odd * d);
		c = away_from_zero(1 + odd / c);
		h *= d * c;
		if (fabs(d * c - 1) < 1e-15)
			return h;
	}
	return NAN;
}

/* I_x(a, b) where y = 1 - x is known at least as well as x. */
static double beta_lower(double x, double y, double a, double b)
{
	if (!(a > 0) || !(b > 0) || !(x >= 0) || !(y >= 0))
		return NAN;
	if (x == 0 || y == 0)
		return x == 0 ? 0 : 1;
	if (x < (a + 1) / (a + b + 2))
		return beta_weight(a, b, x, y) * beta_fraction(a, b, x) / a;
	return 1 - beta_weight(b, a, y, x) * beta_fraction(b, a, y) / b;
}

static double beta_upper(double x, double y, double a, double b)
{
	return beta_lower(y, x, b, a);
}

double beta_cdf(double x, double a, double b)
{
	return beta_lower(x, 1 - x, a, b);
}

double beta_sf(double x, double a, double b)
{
	return beta_upper(x, 1 - x, a, b);
}

/* Newton's step inside a bracket that only shrinks; bisection where it would leave it.  The
 * side that is known smaller is compared, so tiny p and p near 1 both keep their digits. */
double beta_quantile(double p, double a, double b)
{
	if (!(p >= 0 && p <= 1) || !(a > 0) || !(b > 0))
		return NAN;
	if (p == 0 || p == 1)
		return p;
	double lo = 0, hi = 1, x = a / (a + b);
	for (int i = 0; i < 1100; i++) {
		double off = p <= 0.5 ? beta_lower(x, 1 - x, a, b) - p
				      : (1 - p) - beta_upper(x, 1 - x, a, b);
		if (off == 0)
			return x;
		if (off < 0)
			lo = x;
		else
			hi = x;
		double slope = beta_weight(a, b, x, 1 - x) / (x * (1 - x));
		double next = x - off / slope;
		if (!(next > lo && next < hi) || i > 60)
			next = lo + (hi - lo) / 2;
		if (fabs(next - x) <= 1e-15 * x || !(next > lo && next < hi))
			return next;
		x = next;
	}
	return x;
}

double binomial_pmf(int64_t k, int64_t n, double p)
{
	if (n < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (k < 0 || k > n)
		return 0;
	if (p == 0 || p == 1)
		return k == (p == 0 ? 0 : n);
	if (k == 0)
		return exp((double)n * log1p(-p));
	if (k == n)
		return exp((double)n * log(p));
	return binomial_weight((double)k, (double)(n - k), p, 1 - p);
}

double binomial_cdf(int64_t k, int64_t n, double p)
{
	if (n < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (k < 0 || k >= n)
		return k >= n;
	return beta_upper(p, 1 - p, (double)k + 1, (double)(n - k));
}

double binomial_sf(int64_t k, int64_t n, double p)
{
	if (n < 0 || !(p >= 0 && p <= 1))
		return NAN;
	if (k < 0 || k >= n)
		return k < 0;
	return beta_lower(p, 1 - p, (double)k + 1, (double)(n - k));
}

/* Three binomial weights at one rate (Loader 2000); the others follow by their ratio. */
double hypergeometric_sf(int64_t k, int64_t n, int64_t marked, int64_t all)
{
	if (n < 0 || marked < 0 || n > all || marked > all)
		return NAN;
	int64_t most = n < marked ? n : marked, least = n + marked - all;
	if (k >= most || k < (least > 0 ? least : 0))
		return k < most;
	double rate = (double)n / (double)all, x = (double)k + 1;
	double term = binomial_pmf(k + 1, marked, rate) *
		      binomial_pmf(n - k - 1, all - marked, rate) / binomial_pmf(n, all, rate);
	double sum = term;
	for (; (int64_t)x < most && term > sum * 1e-17; x++) {
		term *= ((double)marked - x) * ((double)n - x) /
			((x + 1) * ((double)(all - marked - n) + x + 1));
		sum += term;
	}
	return fmin(1, sum);
}

double normal_cdf(double z)
{
	return 0.5 * erfc(-z / sqrt(2));
}

double normal_quantile(double p)
{
	if (!(p >= 0 && p <= 1))
		return NAN;
	if (p == 0 || p == 1)
		return p == 0 ? -INFINITY : INFINITY;
	if (p > 0.5)
		return -normal_quantile(1 - p);
	if (p == 0.5)
		return 0;
	double t = sqrt(-2 * log(p));
	double z = (2.515517 + t * (0.802853 + t * 0.010328)) /
			   (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
		   t;
	for (int i = 0; i < 4; i++) {
		double u = (normal_cdf(z) - p) * sqrt(2 * PI) * exp(z * z / 2);
		z -= u / (1 + z * u / 2);
	}
	return z;
}

double student_cdf(double t, double df)
{
	if (!(df > 0) || isnan(t))
		return NAN;
	double whole = df + t * t;
	double tail = isinf(t) ? 0 : beta_lower(df / whole, t * t / whole, df / 2, 0.5) / 2;
	return t > 0 ? 1 - tail : tail;
}

/* The beta quantile of t^2 / (df + t^2) or of its complement, whichever is smaller, then two
 * Newton steps on t itself, whose density is x^(df/2) y^(1/2) / (B(df/2, 1/2) |t|). */
double student_quantile(double p, double df)
{
	if (!(p >= 0 && p <= 1) || !(df > 0))
		return NAN;
	if (p > 0.5)
		return -student_quantile(1 - p, df);
	if (p == 0.5 || p == 0)
		return p == 0 ? -INFINITY : 0;
	double y = beta_quantile(1 - 2 * p, 0.5, df / 2);
	double x = y < 0.5 ? 1 - y : beta_quantile(2 * p, df / 2, 0.5);
	double t = y < 0.5 ? -sqrt(df * y / x) : -sqrt(df * (1 - x) / x);
	for (int i = 0; i < 2; i++) {
		double whole = df + t * t;
		t += (student_cdf(t, df) - p) * t /
		     beta_weight(df / 2, 0.5, df / whole, t * t / whole);
	}
	return t;
}
