#include "verdict/verdict_worst.h"

#include "base/num.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	return strcmp(((const struct worst_slice *)a)->value,
		      ((const struct worst_slice *)b)->value);
}

/* Which values occur among the row's samples that are in the denominator? */
static void mark_values(struct worst *w, bool *seen, const struct row *r,
			const struct verdict_table *t, const struct table_key *k)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct table_suite *s = &t->suite[r->suite[i]];
		for (size_t seq = s->base; seq < s->base + s->n; seq++) {
			if (t->status[seq] == TABLE_QUARANTINED || t->status[seq] == TABLE_SURPLUS)
				continue;
			unsigned id = k->id[seq];
			w->missing += id == TAG_NONE;
			w->full |= id == TAG_OTHER;
			if (id >= TAG_FIRST)
				seen[id - TAG_FIRST] = true;
		}
	}
}

struct worst worst_slices(const struct row *r, const struct verdict_table *t, struct arena *a)
{
	struct worst w = { .n = 0 };
	const struct table_key *k = table_key(t, r->t->worst);
	if (!k)
		return w;
	bool *seen = arena_array(a, bool, k->value.n + 1);
	w.v = arena_array(a, struct worst_slice, k->value.n + 1);
	mark_values(&w, seen, r, t, k);
	for (size_t i = 0; i < k->value.n; i++) {
		if (!seen[i])
			continue;
		struct worst_slice *s = &w.v[w.n++];
		*s = (struct worst_slice){ .value = k->value.v[i], .filter = take_filter_of(r, t) };
		s->filter.term[s->filter.n++] = (struct take_term){
			.key = k,
			.id = (unsigned)i + TAG_FIRST,
		};
	}
	qsort(w.v, w.n, sizeof *w.v, by_value);
	return w;
}

static int decide_slice(struct ruling *out, const struct rule_ask *ask,
			const struct verdict_table *t, const struct worst_slice *s, size_t slices,
			bool planned, struct err *err)
{
	struct taken k = take_samples(ask->row, t, &s->filter, planned, ask->scratch);
	if (planned)
		return rule_at_best(out, ask, &k, err);
	if (rule_decide(out, ask, &k, err))
		return -1;
	if (out->verdict != VERDICT_FAIL || row_is_observed(ask->row))
		return 0;
	struct rule_ask strict = *ask;
	struct ruling again;
	strict.alpha = ask->alpha / (double)slices;
	strict.look_ahead = false;
	if (rule_decide(&again, &strict, &k, err))
		return -1;
	if (again.verdict == VERDICT_FAIL)
		return 0;
	out->verdict = VERDICT_UNDECIDED;
	out->note = arena_fmt(
		ask->arena, "below the bar alone, but one of %zu slices may be so by luck", slices);
	return 0;
}

static int badness(enum verdict_kind v)
{
	return v == VERDICT_FAIL ? 2 : v == VERDICT_PASS ? 0 : 1;
}

/* Is a worse than b for this row?  Ties keep the earlier. */
static bool worse(const struct row *r, const struct ruling *a, const struct ruling *b, bool planned)
{
	if (badness(a->verdict) != badness(b->verdict))
		return badness(a->verdict) > badness(b->verdict);
	if (planned)
		return a->clusters < b->clusters;
	if (isnan(a->estimate) || isnan(b->estimate))
		return isnan(a->estimate) && !isnan(b->estimate);
	return threshold_wants_high(r->t) ? a->estimate < b->estimate : a->estimate > b->estimate;
}

static int decide_all(struct ruling *out, const char **slice, const struct rule_ask *ask,
		      const struct verdict_table *t, const struct worst *w, bool planned,
		      struct err *err)
{
	for (size_t i = 0; i < w->n; i++) {
		struct arena_mark mark = arena_mark(ask->scratch);
		struct ruling one;
		if (decide_slice(&one, ask, t, &w->v[i], w->n, planned, err))
			return -1;
		arena_rewind(ask->scratch, mark);
		if (i && !worse(ask->row, &one, out, planned))
			continue;
		*out = one;
		*slice = w->v[i].value;
	}
	return 0;
}

static void add_note(struct ruling *out, struct arena *a, const char *note)
{
	out->note = out->note ? arena_fmt(a, "%s; %s", out->note, note) : note;
}

int worst_decide(struct ruling *out, const char **slice, const struct rule_ask *ask,
		 const struct verdict_table *t, bool planned, struct err *err)
{
	const char *key = ask->row->t->worst;
	struct worst w = worst_slices(ask->row, t, ask->scratch);
	*out = (struct ruling){ .verdict = VERDICT_UNDECIDED,
				.estimate = NAN,
				.lower = NAN,
				.upper = NAN,
				.method = "none",
				.detects = NAN,
				.needed = -1 };
	*slice = NULL;
	if (decide_all(out, slice, ask, t, &w, planned, err))
		return -1;
	if (!w.n)
		add_note(out, ask->arena, arena_fmt(ask->arena, "no sample has '%s'", key));
	else
		add_note(out, ask->arena, arena_fmt(ask->arena, "worst of %zu slice%s", w.n, num_s(w.n)));
	if (w.missing)
		add_note(out, ask->arena,
			 arena_fmt(ask->arena, "%zu sample%s no '%s'", w.missing,
				   w.missing == 1 ? " has" : "s have", key));
	if (!w.full)
		return 0;
	if (out->verdict == VERDICT_PASS)
		out->verdict = VERDICT_UNDECIDED;
	add_note(out, ask->arena,
		 arena_fmt(ask->arena, "'%s' has more than %d values", key, TABLE_VALUES_MAX));
	return 0;
}
