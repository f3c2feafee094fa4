/* How many independent blocks of time a row on times stands on: told in its note, beside the verdict and never
 * part of it.  For verdict.c only. */
#ifndef VERDICT_VERDICT_BLOCKS_H
#define VERDICT_VERDICT_BLOCKS_H

#include "verdict/verdict_take.h"

/* Fills f->blocks, and gives the caveat of the row's note.  `slice` is the value of worst{key} that decided,
 * or NULL.  Where no call's start is known f->blocks is 0. */
const char *verdict_blocks(struct finding *f, const struct row *r, const struct verdict_table *t, const char *slice,
			   struct arena *a, struct arena *scratch);

#endif
