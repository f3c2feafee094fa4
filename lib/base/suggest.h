/* "Did you mean": the closest of a list of names. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include "base/str.h"

/* Edit distance with transpositions of neighbours (optimal string alignment), over bytes,
 * letters folded; names longer than 63 bytes are never close. */
unsigned suggest_distance(struct str a, struct str b);

/* Keep the best of the names offered one by one.  Start with SUGGEST_INIT(word). */
struct suggest {
	struct str word, best;
	unsigned distance;
};
#define SUGGEST_INIT(w) { .word = (w), .best = { .p = NULL }, .distance = ~0u }

void suggest_offer(struct suggest *s, struct str name);
/* The best name when it is near enough to be a slip (at most a third of its length), else
 * the absent string. */
struct str suggest_best(const struct suggest *s);

#endif
