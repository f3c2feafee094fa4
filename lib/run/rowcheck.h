/* rowcheck: what a case makes of a metric's settings, judged before anything is spent: the settings
 * rendered for every case against their scorer's schema, and every case's own assertions compiled.
 * Walks the chosen cases once, and only where a suite has such settings or assertions. */
#ifndef RUN_ROWCHECK_H
#define RUN_ROWCHECK_H

#include "run/run.h"

/* Mistakes land in *d, alike ones once with the first case.  -1: a row cannot be read again. */
int rowcheck(const struct run *r, struct diags *d, struct err *err) MUST_USE;
/* The settings of the metric `assert` for this case. */
const json_t *rowcheck_assert_config(const struct tcase *c, struct arena *a);

#endif
