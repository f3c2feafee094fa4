#include "verdict/failure_shared.h"

#include "stat/multiple.h"
#include "stat/special.h"

#include <math.h>
#include <stdlib.h>

/* Samples, and cases with at least one of them. */
struct tally {
	size_t samples, cases, last;
};

static void count(struct tally *t, size_t tcase)
{
	t->samples++;
	t->cases += t->last != tcase + 1;
	t->last = tcase + 1;
}

/* What is known of one value: everywhere and in the group. */
struct cell_tally {
	struct tally of, in;
};

struct looked {
	struct slice slice;
	struct cell_tally t;
};

struct look {
	VEC(struct looked) v;
	struct tally of, in;
};

/* The chance that so many of the group's cases lie in the slice by luck. */
static double by_luck(const struct cell_tally *t, size_t in, size_t of)
{
	return hypergeometric_sf((int64_t)t->in.cases - 1, (int64_t)in, (int64_t)t->of.cases,
				 (int64_t)of);
}

static void look_at(struct look *out, const struct failure_columns *c, size_t key,
		    const unsigned char *side, struct arena *a)
{
	const struct column_key *k = &c->key.v[key];
	struct cell_tally t[COLUMN_VALUES + 1] = { 0 };
	for (size_t i = 0; i < c->n; i++) {
		size_t id = k->id[i];
		if (!c->seen[i] || !id)
			continue;
		count(&t[id].of, i / c->repeats);
		if (side[i] == SIDE_GROUP)
			count(&t[id].in, i / c->repeats);
	}
	for (size_t id = 1; id <= k->n; id++) {
		if (t[id].of.cases == out->of.cases)
			continue;
		*vec_push(&out->v, a) = (struct looked){
			.slice = { .key = k->key,
				   .value = k->value[id - 1],
				   .at = key,
				   .id = id,
				   .count = t[id].in.samples,
				   .of = t[id].of.samples },
			.t = t[id],
		};
	}
}

static void look_at_all(struct look *out, const struct failure_columns *c,
			const unsigned char *side, struct arena *a)
{
	*out = (struct look){ .of = { 0 } };
	for (size_t i = 0; i < c->n; i++) {
		if (!c->seen[i])
			continue;
		count(&out->of, i / c->repeats);
		if (side[i] == SIDE_GROUP)
			count(&out->in, i / c->repeats);
	}
	for (size_t k = 0; k < c->key.n && !c->dropped; k++)
		if (!c->key.v[k].dropped)
			look_at(out, c, k, side, a);
	double *p = arena_array(a, double, out->v.n + 1);
	for (size_t i = 0; i < out->v.n; i++)
		p[i] = by_luck(&out->v.v[i].t, out->in.cases, out->of.cases);
	const double *adjusted = multiple_adjust(MULTIPLE_HOLM, p, out->v.n, a);
	for (size_t i = 0; i < out->v.n; i++)
		out->v.v[i].slice.p = adjusted[i];
}

static int by_count(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	int key = str_cmp(x->key, y->key);
	return key ? key : str_cmp(x->value, y->value);
}

static bool holds_most(const struct slice *s, const struct look *l)
{
	return s->count * 2 > l->in.samples &&
	       (double)s->count * (double)l->of.samples >=
		       1.5 * (double)s->of * (double)l->in.samples;
}

static bool is_worse(const struct slice *s, const struct look *l)
{
	double rest = (double)(l->in.samples - s->count), rest_of = (double)(l->of.samples - s->of);
	return (double)s->count * rest_of > 2 * rest * (double)s->of;
}

static struct slices pick(const struct failure_columns *c, const unsigned char *side,
			  bool (*wanted)(const struct slice *, const struct look *),
			  struct arena *a)
{
	struct look l;
	look_at_all(&l, c, side, a);
	struct slices out = {
		.v = arena_array(a, struct slice, l.v.n + 1),
		.count = l.in.samples,
		.of = l.of.samples,
	};
	for (size_t i = 0; i < l.v.n; i++) {
		const struct looked *x = &l.v.v[i];
		if (x->t.in.cases >= SHARED_MIN && x->slice.p < SHARED_RISK &&
		    wanted(&x->slice, &l))
			out.v[out.n++] = x->slice;
	}
	if (out.n)
		qsort(out.v, out.n, sizeof *out.v, by_count);
	return out;
}

struct slices shared_slices(const struct failure_columns *c, const unsigned char *side,
			    struct arena *a)
{
	return pick(c, side, holds_most, a);
}

struct slices shared_worse(const struct failure_columns *c, const unsigned char *side,
			   struct arena *a)
{
	return pick(c, side, is_worse, a);
}

/* ---- words ---- */

struct word_tally {
	struct tally in, in_of, fine, fine_of;
};

static void count_words(struct word_tally *t, const struct failure_columns *c,
			const unsigned char *side, int which, struct str words)
{
	uint32_t hash = failure_words_hash(words);
	for (size_t i = 0; i < c->n; i++) {
		/* Every answer has a first word or is short as a whole. */
		bool answered = c->words[WORDS_ONE][i] || c->words[WORDS_ALL][i];
		if (!c->seen[i] || !answered || side[i] == SIDE_FAILING)
			continue;
		bool in = side[i] == SIDE_GROUP;
		count(in ? &t->in_of : &t->fine_of, i / c->repeats);
		if (c->words[which][i] == hash)
			count(in ? &t->in : &t->fine, i / c->repeats);
	}
}

/* Where no answer is fine there is nothing to compare with: nearly all must share them then. */
static double words_by_luck(const struct word_tally *t)
{
	if (!t->fine_of.samples)
		return t->in.samples * 10 < t->in_of.samples * 9;
	return hypergeometric_sf((int64_t)t->in.cases - 1, (int64_t)t->in_of.cases,
				 (int64_t)(t->in.cases + t->fine.cases),
				 (int64_t)(t->in_of.cases + t->fine_of.cases));
}

static bool is_common(const struct word_tally *t)
{
	return t->in.cases >= SHARED_MIN && t->in.samples * 2 > t->in_of.samples &&
	       (double)t->in.samples * (double)t->fine_of.samples >=
		       1.5 * (double)t->fine.samples * (double)t->in_of.samples;
}

/* The longest words that still hold for nearly all that shorter ones hold for. */
bool shared_words(struct shared_words *out, const struct failure_columns *c,
		  const unsigned char *side, const struct str words[WORDS], struct arena *a)
{
	struct word_tally t[WORDS] = { 0 };
	double p[WORDS];
	size_t most = 0;
	if (!c->words[WORDS_ONE])
		return false;
	for (int w = 0; w < WORDS; w++) {
		p[w] = 1;
		if (!words[w].p)
			continue;
		count_words(&t[w], c, side, w, words[w]);
		p[w] = words_by_luck(&t[w]);
	}
	const double *adjusted = multiple_adjust(MULTIPLE_HOLM, p, WORDS, a);
	for (int w = 0; w < WORDS; w++)
		if (is_common(&t[w]) && adjusted[w] < SHARED_RISK && t[w].in.samples > most)
			most = t[w].in.samples;
	for (int w = WORDS - 1; w >= 0 && most; w--) {
		if (!is_common(&t[w]) || !(adjusted[w] < SHARED_RISK) ||
		    t[w].in.samples * 10 < most * 9)
			continue;
		*out = (struct shared_words){ .words = words[w],
					      .whole = w == WORDS_ALL,
					      .count = t[w].in.samples,
					      .of = t[w].in_of.samples,
					      .fine = t[w].fine.samples,
					      .fine_of = t[w].fine_of.samples,
					      .p = adjusted[w] };
		return true;
	}
	return false;
}
