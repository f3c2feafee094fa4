/* The special functions under every bound: incomplete beta and its inverse, and the binomial,
 * normal and Student distributions that follow from them.  Pure numbers in, numbers out; no
 * state, no allocation, no rounding mode games.  Relative accuracy about 1e-12.  Arguments
 * outside a function's domain give a NaN, which every comparison of a caller treats as "no".
 * Sources: continued fraction DLMF 8.17.22 by the modified Lentz method (Thompson, Barnett
 * 1986); binomial weights by the saddle-point expansion of Loader (2000); normal quantile from
 * Abramowitz and Stegun 26.2.23 polished by Halley steps on erfc. */
#ifndef STAT_SPECIAL_H
#define STAT_SPECIAL_H

#include <stdint.h>

/* ln Gamma(x), x > 0. */
double log_gamma(double x);

/* Regularised incomplete beta I_x(a, b), a, b > 0, and its complement. */
double beta_cdf(double x, double a, double b);
double beta_sf(double x, double a, double b);
/* The x with I_x(a, b) = p. */
double beta_quantile(double p, double a, double b);

/* P(X = k), P(X <= k) and P(X > k) for X of n trials at rate p; k may be -1. */
double binomial_pmf(int64_t k, int64_t n, double p);
double binomial_cdf(int64_t k, int64_t n, double p);
double binomial_sf(int64_t k, int64_t n, double p);

/* P(X > k) for X marked ones among n drawn without putting back from `all`, of which `marked` are
 * marked: the chance that a part of n holds so many by luck. */
double hypergeometric_sf(int64_t k, int64_t n, int64_t marked, int64_t all);

double normal_cdf(double z);
/* -INFINITY at 0, INFINITY at 1. */
double normal_quantile(double p);

/* Student's t with df > 0 degrees of freedom. */
double student_cdf(double t, double df);
double student_quantile(double p, double df);

#endif
