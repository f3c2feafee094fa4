#include "call/wild.h"

#include <stdint.h>

/* More than any pattern has characters. */
#define RANK_EXACT ((size_t)1 << 32)

bool wild_match(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;
	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n && pattern.p[p] == s.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

/* meets[k]: do a's rest and b's rest from k on meet?  Filled from the ends to the fronts. */
bool wild_meet(struct str a, struct str b, struct arena *scratch)
{
	struct arena_mark m = arena_mark(scratch);
	bool *below = arena_array(scratch, bool, b.n + 1), *here = arena_array(scratch, bool, b.n + 1);
	for (size_t i = a.n + 1; i-- > 0;) {
		for (size_t k = b.n + 1; k-- > 0;) {
			bool end_a = i == a.n, end_b = k == b.n;
			bool star_a = !end_a && a.p[i] == '*', star_b = !end_b && b.p[k] == '*';
			if (end_a && end_b)
				here[k] = true;
			else if (star_a || star_b)
				here[k] = (!end_a && (star_a || star_b) && below[k]) ||
					  (!end_b && here[k + 1]);
			else
				here[k] = !end_a && !end_b && a.p[i] == b.p[k] && below[k + 1];
		}
		bool *other = below;
		below = here;
		here = other;
	}
	bool meet = below[0];
	arena_rewind(scratch, m);
	return meet;
}

size_t wild_rank(struct str pattern)
{
	size_t stars = 0;
	for (size_t i = 0; i < pattern.n; i++)
		stars += pattern.p[i] == '*';
	return stars ? pattern.n - stars : RANK_EXACT;
}
