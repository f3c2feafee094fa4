/* Levenshtein distance over code points, bit-parallel: Myers 1999 in Hyyrö's blockwise form, 64
 * cells a step.  Equal ends are cut off first.  Memory is the arena's; the work is bounded by
 * EDIT_CELLS_MAX. */
#ifndef SCORE_EDITDIST_H
#define SCORE_EDITDIST_H

#include "base/arena.h"

#include <stdint.h>

/* The distance, or SIZE_MAX when a × b is past EDIT_CELLS_MAX. */
size_t editdist(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, struct arena *scratch);

#endif
