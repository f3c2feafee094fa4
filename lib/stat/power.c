#include "stat/power.h"

#include "stat/special.h"

#include <math.h>
#include <stdbool.h>

/* Variance of one case's difference. */
static double variance_of(struct power_spread s)
{
	bool sense = s.between >= 0 && s.within_new >= 0 && s.within_old >= 0 && s.repeats >= 1;
	return sense ? s.between + (s.within_new + s.within_old) / s.repeats : NAN;
}

static double reach(double alpha, double power)
{
	bool sense = alpha > 0 && alpha < 1 && power > 0 && power < 1;
	return sense ? normal_quantile(1 - alpha / 2) + normal_quantile(power) : NAN;
}

double power_cases(struct power_spread s, double difference, double alpha, double power)
{
	double z = reach(alpha, power) / difference;
	return difference > 0 ? z * z * variance_of(s) : NAN;
}

double power_difference(struct power_spread s, double cases, double alpha, double power)
{
	return cases > 0 ? reach(alpha, power) * sqrt(variance_of(s) / cases) : NAN;
}
