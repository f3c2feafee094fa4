/* A row of a dataset made into a struct tcase: ids, variables, assertions, quarantine.  Pure:
 * one parsed row in, one case or one located error out; everything made lives in the arena
 * given.  Private to lib/suite. */
#ifndef SUITE_TCASE_H
#define SUITE_TCASE_H

#include "suite/suite.h"

struct tcase_opts {
	const char *cluster; /* the suite's `cluster:` variable or NULL */
	unsigned max_steps;  /* the suite's; 0 = the usual */
	bool labelled;       /* a calibration's row */
};

/* `row` is borrowed; `at` is its place.  *derived: the id comes from the content. */
int tcase_build(struct tcase *out, const json_t *row, struct pos at, const struct tcase_opts *o,
		bool *derived, struct arena *a, struct err *err) MUST_USE;

#endif
