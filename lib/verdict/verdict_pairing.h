/* A comparison with the baseline as the record shows it: both sides, the difference, the cases that flipped.
 * For verdict.c only. */
#ifndef VERDICT_VERDICT_PAIRING_H
#define VERDICT_VERDICT_PAIRING_H

#include "verdict/verdict_rule.h"

/* finding.paired, in `a`. */
const json_t *verdict_pairing_json(const struct pairing *p, const struct row *r, const struct verdict_table *t,
				   struct arena *a);

#endif
