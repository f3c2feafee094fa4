/* One entry of a stage's `thresholds:`, short text or long form, to a struct threshold with every
 * part's place.  For policy.c, and for later checks that point into a threshold. */
#ifndef VERDICT_POLICY_THRESHOLD_H
#define VERDICT_POLICY_THRESHOLD_H

#include "base/diag.h"
#include "doc/doc.h"
#include "verdict/threshold.h"

/* list[index]; 0, or -1 with an error in *d. */
int policy_threshold(struct threshold *out, const struct doc *doc, const json_t *list, size_t index,
		     struct arena *a, struct diags *d) MUST_USE;
/* The place of byte `offset` of t->text in the document. */
struct pos policy_threshold_pos(const struct threshold *t, const struct doc *doc, size_t offset);

#endif
