/* How many independent ones a series in time is as good as: slow calls come in spells, and a thousand calls
 * within three spells are three observations of slowness, not a thousand.
 *	effective n = n / (1 + 2 (r_1 + … + r_K)), within [1, n]
 * where r_k is the autocorrelation at lag k of "this one was slow" in the order of the calls' starts: the sum of
 * (s_i - m)(s_(i+k) - m) over i = 1 … n-k, divided by that of (s_i - m)^2 over all i, m the mean.  K by the
 * initial positive sequence: pairs (r_0 + r_1), (r_2 + r_3) … are added until one is not positive.
 * A series that is all slow or all not says nothing of spells: its n stands.
 * Pure numbers; shown beside a verdict, never decided on.
 * Source: Geyer (1992), Practical Markov chain Monte Carlo, Statistical Science 7(4), §3.3. */
#ifndef STAT_BLOCKS_H
#define STAT_BLOCKS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* 0 without any. */
double blocks_effective(const bool *slow, size_t n, struct arena *scratch);

#endif
