#include "score/editdist.h"

#include "base/limits.h"

#include <stdlib.h>

static int by_value(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	return a < b ? -1 : a > b;
}

/* The pattern's alphabet and, for each of its letters, a bit for every place it stands. */
struct peq {
	uint32_t *letter;
	size_t n, blocks;
	uint64_t *bits; /* n + 1 rows; the last one, all zero, is for letters it has not */
};

static const uint64_t *peq_row(const struct peq *p, uint32_t c)
{
	const uint32_t *hit = bsearch(&c, p->letter, p->n, sizeof(c), by_value);
	return p->bits + (hit ? (size_t)(hit - p->letter) : p->n) * p->blocks;
}

static struct peq peq_make(const uint32_t *s, size_t n, struct arena *a)
{
	struct peq p = { .letter = arena_array(a, uint32_t, n), .blocks = (n + 63) / 64 };
	memcpy(p.letter, s, n * sizeof(*s));
	qsort(p.letter, n, sizeof(*s), by_value);
	for (size_t i = 0; i < n; i++)
		if (!p.n || p.letter[p.n - 1] != p.letter[i])
			p.letter[p.n++] = p.letter[i];
	p.bits = arena_array(a, uint64_t, (p.n + 1) * p.blocks);
	for (size_t i = 0; i < n; i++) {
		const uint32_t *hit = bsearch(&s[i], p.letter, p.n, sizeof(*s), by_value);
		p.bits[(size_t)(hit - p.letter) * p.blocks + i / 64] |= (uint64_t)1 << (i % 64);
	}
	return p;
}

struct column {
	uint64_t vp, vn; /* vertical differences +1, -1 */
};

/* Advance one block by one text letter.  hin and the result are the horizontal differences at
 * its upper and lower edge; `top` is the bit of its last row. */
static int advance(struct column *c, uint64_t eq, int hin, uint64_t top)
{
	uint64_t xv = eq | c->vn;
	eq |= hin < 0;
	uint64_t xh = (((eq & c->vp) + c->vp) ^ c->vp) | eq;
	uint64_t hp = c->vn | ~(xh | c->vp), hn = c->vp & xh;
	int hout = (hp & top) ? 1 : (hn & top) ? -1 : 0;
	hp = hp << 1 | (hin > 0);
	hn = hn << 1 | (hin < 0);
	c->vp = hn | ~(xv | hp);
	c->vn = hp & xv;
	return hout;
}

size_t editdist(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, struct arena *scratch)
{
	while (na && nb && a[na - 1] == b[nb - 1]) {
		na--;
		nb--;
	}
	while (na && nb && *a == *b) {
		a++;
		b++;
		na--;
		nb--;
	}
	if (na > nb) { /* the shorter is the pattern */
		const uint32_t *s = a;
		size_t n = na;
		a = b;
		na = nb;
		b = s;
		nb = n;
	}
	if (!na)
		return nb;
	if (nb > EDIT_CELLS_MAX / na || na > EDIT_PATTERN_MAX)
		return SIZE_MAX;
	struct arena_mark mark = arena_mark(scratch);
	struct peq p = peq_make(a, na, scratch);
	struct column *col = arena_array(scratch, struct column, p.blocks);
	uint64_t last = (uint64_t)1 << ((na - 1) % 64);
	size_t distance = na;
	for (size_t k = 0; k < p.blocks; k++)
		col[k].vp = ~(uint64_t)0;
	for (size_t i = 0; i < nb; i++) {
		const uint64_t *row = peq_row(&p, b[i]);
		int h = 1;
		for (size_t k = 0; k < p.blocks; k++)
			h = advance(&col[k], row[k], h,
				    k + 1 == p.blocks ? last : (uint64_t)1 << 63);
		distance = h > 0 ? distance + 1 : h < 0 ? distance - 1 : distance;
	}
	arena_rewind(scratch, mark);
	return distance;
}
