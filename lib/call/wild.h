/* Patterns with `*` for any run of characters, none included: model ids and ARNs in price tables and
 * limits.  Nothing else is special, and case counts.  Pure. */
#ifndef CALL_WILD_H
#define CALL_WILD_H

#include "base/arena.h"
#include "base/str.h"

/* Does the pattern fit the whole of s? */
bool wild_match(struct str pattern, struct str s);
/* Is there a text that both fit? */
bool wild_meet(struct str a, struct str b, struct arena *scratch);
/* How particular it is: 0 for a lone star, more with every character, most without a star. */
size_t wild_rank(struct str pattern);

#endif
