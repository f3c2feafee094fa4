/* Helpers of the statistics tests: open a file of ../shared/vectors/stats, compare numbers.  A
 * missing file skips the test visibly.  Included by *_test.c only. */
#ifndef TEST_STATVEC_H
#define TEST_STATVEC_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#define VECTORS "../shared/vectors/stats/"

static inline json_t *vectors(const char *path)
{
	json_t *v = json_load_file(path, 0, NULL);
	if (!v) {
		print_message("%s is absent: skipped\n", path);
		skip();
	}
	return v;
}

static inline double at(const json_t *a, size_t i)
{
	json_t *v = json_array_get(a, i);
	assert_true(json_is_number(v));
	return json_number_value(v);
}

static inline double num(const json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	assert_true(json_is_number(v));
	return json_number_value(v);
}

/* Absolute below 1, relative above. */
static inline void near(double got, double want, double tolerance)
{
	if (got == want || fabs(got - want) <= tolerance * fmax(1, fabs(want)))
		return;
	fail_msg("got %.17g, want %.17g", got, want);
}

/* Relative at any size. */
static inline void close_to(double got, double want, double tolerance)
{
	if (got == want || fabs(got - want) <= tolerance * fabs(want))
		return;
	fail_msg("got %.17g, want %.17g", got, want);
}

#endif
