/* What kind of number a metric is: shared by scorers, which declare it, and records, which keep
 * it. */
#ifndef CALL_METRIC_H
#define CALL_METRIC_H

enum metric_kind {
	METRIC_BINARY, /* 0 or 1 by declaration */
	METRIC_GRADED, /* in [0,1] */
	METRIC_VALUE,  /* a number with a unit */
};
enum direction { HIGHER_IS_BETTER, LOWER_IS_BETTER, NO_DIRECTION };

#endif
