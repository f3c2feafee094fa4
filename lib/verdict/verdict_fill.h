/* A ruling written into a row of the record: one way for what was decided and for what was planned.
 * For verdict.c and verdict_plan.c. */
#ifndef VERDICT_VERDICT_FILL_H
#define VERDICT_VERDICT_FILL_H

#include "verdict/verdict_rule.h"

/* `slice` is the value of worst{key} that decides, or NULL. */
void verdict_fill(struct finding *f, const struct ruling *r, const char *slice,
		  const struct row *row, struct arena *a);

#endif
