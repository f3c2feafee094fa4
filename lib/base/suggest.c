#include "base/suggest.h"

enum { NAME_MAX_BYTES = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

static char fold(char c)
{
	if (c == '_')
		return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

unsigned suggest_distance(struct str a, struct str b)
{
	if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
		return ~0u;
	unsigned row[3][NAME_MAX_BYTES + 1];
	unsigned *before = row[0], *above = row[1], *here = row[2];
	for (size_t j = 0; j <= b.n; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		here[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = fold(a.p[i - 1]), y = fold(b.p[j - 1]);
			here[j] = min3(above[j] + 1, here[j - 1] + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == fold(b.p[j - 2]) && fold(a.p[i - 2]) == y &&
			    before[j - 2] + 1 < here[j])
				here[j] = before[j - 2] + 1;
		}
		unsigned *spare = before;
		before = above;
		above = here;
		here = spare;
	}
	return above[b.n];
}

void suggest_offer(struct suggest *s, struct str name)
{
	unsigned d = suggest_distance(s->word, name);
	if (d < s->distance) {
		s->distance = d;
		s->best = name;
	}
}

struct str suggest_best(const struct suggest *s)
{
	size_t longer = s->best.n > s->word.n ? s->best.n : s->word.n;
	if (!s->best.p || s->distance > (longer + 2) / 3 || s->distance >= longer)
		return (struct str){ .p = NULL };
	return s->best;
}
