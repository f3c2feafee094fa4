#include "verdict/compare.h"

#include "stat/multiple.h"
#include "verdict/compare_flips.h"
#include "verdict/compare_front.h"
#include "verdict/compare_rule.h"

#include <math.h>

/* ---- sides ---- */

const char *compare_side_commit(const struct compare_side *s)
{
	if (s->role == SUITE_BASELINE)
		return json_string_value(json_object_get(s->head->baseline, "commit"));
	return s->head->commit;
}

const char *compare_side_ref(const struct compare_side *s)
{
	const char *commit = compare_side_commit(s), *ref = s->head->branch;
	if (s->role == SUITE_BASELINE)
		ref = json_string_value(json_object_get(s->head->baseline, "named"));
	return ref && commit && !strcmp(ref, commit) ? NULL : ref;
}

/* ---- one metric ---- */

static bool is_pairable(const struct compare_matches *match, const struct compare_rows *before,
			const struct compare_rows *after)
{
	size_t fewer = before->n < after->n ? before->n : after->n;
	return match->n && match->n * 2 >= fewer;
}

static bool is_known(const struct compare_rows *s, size_t column, size_t at)
{
	return s->column[column].state[at] == CELL_SCORED;
}

static struct compare_obs obs_of(const struct compare_rows *s, size_t column, size_t at,
				 const struct compare_sample *like)
{
	return (struct compare_obs){
		.value = s->column[column].value[at],
		.cluster = like->cluster,
		.weight = like->weight,
	};
}

/* Both sides stand in the later one's clusters, with its weights: one sample, one place. */
static int fill_paired(struct compare_metric *m, const struct compare_rows *before, size_t b,
		       const struct compare_rows *after, size_t c, const struct compare_matches *match,
		       struct arena *scratch, struct err *err)
{
	struct compare_obs *x = arena_array(scratch, struct compare_obs, match->n + 1);
	struct compare_obs *y = arena_array(scratch, struct compare_obs, match->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < match->n; i++) {
		size_t at = match->v[i].before, to = match->v[i].after;
		m->before.unscored += before->column[b].state[at] == CELL_UNSCORED;
		m->after.unscored += after->column[c].state[to] == CELL_UNSCORED;
		if (!is_known(before, b, at) || !is_known(after, c, to))
			continue;
		x[n] = obs_of(before, b, at, &after->sample[to]);
		y[n++] = obs_of(after, c, to, &after->sample[to]);
	}
	return compare_rule_paired(m, x, y, n, scratch, err);
}

static struct compare_obs *all_obs(struct compare_value *v, const struct compare_rows *s, size_t column,
				   size_t *n, struct arena *scratch)
{
	struct compare_obs *x = arena_array(scratch, struct compare_obs, s->n + 1);
	*n = 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!s->sample[i].counts)
			continue;
		v->unscored += s->column[column].state[i] == CELL_UNSCORED;
		if (is_known(s, column, i))
			x[(*n)++] = obs_of(s, column, i, &s->sample[i]);
	}
	return x;
}

static int fill_unpaired(struct compare_metric *m, const struct compare_rows *before, size_t b,
			 const struct compare_rows *after, size_t c, struct arena *scratch,
			 struct err *err)
{
	size_t nx, ny;
	struct compare_obs *x = all_obs(&m->before, before, b, &nx, scratch);
	struct compare_obs *y = all_obs(&m->after, after, c, &ny, scratch);
	return compare_rule_unpaired(m, x, nx, y, ny, scratch, err);
}

static int compare_metric(struct compare_metric *m, const struct compare_suite *s,
			  const struct compare_rows *before, size_t b, const struct compare_rows *after,
			  size_t c, const struct compare_matches *match, size_t flips, struct arena *a,
			  struct err *err)
{
	const struct metric_head *was = &before->head->metric[b], *is = &after->head->metric[c];
	struct arena scratch = ARENA_INIT;
	*m = (struct compare_metric){ .head = is, .p = NAN, .p_holm = NAN, .diff = NAN };
	m->comparable = was->kind == is->kind && was->direction == is->direction && !strcmp(was->unit, is->unit);
	m->cut_moved = is->kind != METRIC_VALUE && was->cut != is->cut;
	if (!m->comparable)
		return 0;
	int failed = s->paired ? fill_paired(m, before, b, after, c, match, &scratch, err)
			       : fill_unpaired(m, before, b, after, c, &scratch, err);
	if (!failed && s->paired && m->has_flips)
		compare_flips_find(m, before, after, b, c, match, flips, a, &scratch);
	arena_release(&scratch);
	return failed;
}

/* ---- one suite ---- */

static int column_named(const struct suite_head *s, const char *name)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, name))
			return (int)i;
	return -1;
}

/* Metrics of `s` that `other` lacks. */
static const char **metrics_missing(size_t *n, const struct suite_head *s, const struct suite_head *other,
				    struct arena *a)
{
	const char **v = arena_array(a, const char *, s->nmetric + 1);
	*n = 0;
	for (size_t i = 0; i < s->nmetric; i++)
		if (column_named(other, s->metric[i].name) < 0)
			v[(*n)++] = s->metric[i].name;
	return v;
}

static int compare_suite(struct compare_suite *s, const struct compare_rows *before,
			 const struct compare_rows *after, size_t flips, struct arena *a, struct err *err)
{
	struct compare_matches match;
	struct arena scratch = ARENA_INIT;
	const struct suite_head *x = before->head, *y = after->head;
	*s = (struct compare_suite){ .name = after->name, .before = x, .after = y };
	s->same_candidate = digest_eq(&x->candidate_id, &y->candidate_id);
	s->same_suite = digest_eq(&x->suite_id, &y->suite_id);
	s->lost_metric = metrics_missing(&s->nlost_metric, x, y, a);
	s->new_metric = metrics_missing(&s->nnew_metric, y, x, a);
	s->metric = arena_array(a, struct compare_metric, y->nmetric + 1);
	int failed = compare_match_rows(&match, before, after, &scratch, err);
	if (!failed) {
		s->paired = is_pairable(&match, before, after);
		s->pairs = match.n;
		s->only_before = match.only_before;
		s->only_after = match.only_after;
		s->left_out = match.left_out;
	}
	for (size_t i = 0; !failed && i < y->nmetric; i++) {
		int b = column_named(x, y->metric[i].name);
		if (b >= 0)
			failed = compare_metric(&s->metric[s->nmetric++], s, before, (size_t)b, after, i,
						&match, flips, a, err);
	}
	arena_release(&scratch);
	return failed;
}

/* ---- two records ---- */

static bool same_text(const char *x, const char *y)
{
	return x && y ? !strcmp(x, y) : x == y;
}

static bool same_policy(const struct record *x, const struct record *y)
{
	return x->measure == y->measure && same_text(x->stage, y->stage) &&
	       digest_eq(&x->policy_digest, &y->policy_digest);
}

static void add_note(struct compare_pair *p, const char *text)
{
	p->note[p->nnote++] = text;
}

static void note_side(struct compare_pair *p, const struct compare_side *s, struct arena *a)
{
	const struct record *r = s->head;
	if (r->filtered)
		add_note(p, arena_fmt(a, "%s ran a part of its cases", s->label));
	if (r->stopped)
		add_note(p, arena_fmt(a, "%s stopped early: %s", s->label, r->stopped));
	if (r->worktree)
		add_note(p, arena_fmt(a, "%s judged files of a work tree, no commit", s->label));
	if (r->replayed)
		add_note(p, arena_fmt(a, "%s was replayed: its times are of an earlier day", s->label));
	else if (r->spend.reused)
		add_note(p, arena_fmt(a, "%s reused stored answers: their times are of an earlier run", s->label));
}

enum { NOTES_MAX = 12 };

static void add_notes(struct compare_pair *p, struct arena *a)
{
	const struct record *x = p->before->head, *y = p->after->head;
	p->note = arena_array(a, const char *, NOTES_MAX + y->nsuite);
	if (p->same_candidate)
		add_note(p, "same candidate: what differs is chance, or the suite");
	if (!p->same_policy)
		add_note(p, same_text(x->stage, y->stage) && x->measure == y->measure ?
				    "another policy" :
				    "another stage or policy");
	if (x != y)
		note_side(p, p->before, a);
	note_side(p, p->after, a);
	for (size_t i = 0; x == y && i < y->nsuite; i++)
		if (y->suite[i].base == BASE_SAME)
			add_note(p, arena_fmt(a, "suite %s: the same candidate, so only one side was called", y->suite[i].name));
}

static const char **suites_missing(size_t *n, const struct compare_columns *c,
				   const struct compare_columns *other, struct arena *a)
{
	size_t all = c->side->head->nsuite;
	const char **v = arena_array(a, const char *, all + 1);
	*n = 0;
	for (size_t i = 0; i < all; i++)
		if (c->suite[i].name && !compare_rows_find(other, c->suite[i].name))
			v[(*n)++] = c->suite[i].name;
	return v;
}

/* Holm over all tests that could have shown anything: without a pair that differs none can, and leaving
 * such a test out costs nothing (Tarone 1990). */
static void adjust(struct compare_pair *p)
{
	struct arena scratch = ARENA_INIT;
	VEC(struct compare_metric *) all = { .n = 0 };
	for (size_t i = 0; i < p->nsuite; i++)
		for (size_t k = 0; k < p->suite[i].nmetric; k++) {
			struct compare_metric *m = &p->suite[i].metric[k];
			m->p_holm = m->p;
			if (isfinite(m->p) && m->worse + m->better)
				*vec_push(&all, &scratch) = m;
		}
	double *p_value = arena_array(&scratch, double, all.n + 1);
	for (size_t i = 0; i < all.n; i++)
		p_value[i] = all.v[i]->p;
	const double *adjusted = multiple_adjust(MULTIPLE_HOLM, p_value, all.n, &scratch);
	for (size_t i = 0; i < all.n; i++)
		all.v[i]->p_holm = adjusted[i];
	p->tests = all.n;
	arena_release(&scratch);
}

static int none_in_common(const struct compare_pair *p, struct err *err)
{
	const struct record *r = p->after->head;
	for (size_t i = 0; p->before->head == r && i < r->nsuite; i++)
		if (r->suite[i].base == BASE_SAME)
			return err_set(err, ERR_USAGE, "the baseline of '%s' has the same candidate: nothing differs, so nothing was called", p->after->name);
	if (p->before->head == r)
		return err_set(err, ERR_USAGE, "the run '%s' has no answers of a baseline; name a second record to compare it with",
			       p->after->name);
	return err_set(err, ERR_USAGE, "'%s' and '%s' have no suite in common", p->before->name, p->after->name);
}

static int compare_pair(struct compare_pair *p, const struct compare_columns *before,
			const struct compare_columns *after, size_t flips, struct arena *a, struct err *err)
{
	const struct record *x = p->before->head, *y = p->after->head;
	p->same_policy = same_policy(x, y);
	p->lost_suite = suites_missing(&p->nlost_suite, before, after, a);
	p->new_suite = suites_missing(&p->nnew_suite, after, before, a);
	p->suite = arena_array(a, struct compare_suite, y->nsuite + 1);
	for (size_t i = 0; i < y->nsuite; i++) {
		const char *name = after->suite[i].name;
		const struct compare_rows *was = name ? compare_rows_find(before, name) : NULL;
		if (was && compare_suite(&p->suite[p->nsuite++], was, &after->suite[i], flips, a, err))
			return -1;
	}
	if (!p->nsuite)
		return none_in_common(p, err);
	p->same_candidate = true;
	for (size_t i = 0; i < p->nsuite; i++)
		p->same_candidate &= p->suite[i].same_candidate;
	add_notes(p, a);
	adjust(p);
	return compare_flips_explain(p, a, err);
}

/* ---- all ---- */

static int add_side(struct compare *c, size_t at, const struct compare_columns *first, size_t flips,
		    struct compare_front *front, struct arena *a, struct err *err)
{
	const struct compare_side *s = &c->side[at];
	struct compare_pair *p = &c->pair[at - 1];
	struct compare_columns own;
	struct arena scratch = ARENA_INIT;
	*p = (struct compare_pair){ .before = &c->side[0], .after = s };
	int failed = compare_columns_read(&own, s, &scratch, err);
	if (failed)
		err_wrap(err, "'%s'", s->name);
	failed = failed || compare_front_add(front, at, &own, err) ||
		 compare_pair(p, first, &own, flips, a, err);
	arena_release(&scratch);
	return failed ? -1 : 0;
}

int compare_records(struct compare *out, const struct compare_side *side, size_t n,
		    const struct compare_opts *opts, struct arena *a, struct err *err)
{
	struct compare c = { .side = side, .nside = n, .npair = n - 1, .flips = opts->flips };
	struct compare_columns first;
	struct compare_front front;
	struct arena kept = ARENA_INIT;
	c.pair = arena_array(a, struct compare_pair, n);
	compare_front_init(&front, side, n, opts->metric, a);
	int failed = compare_columns_read(&first, &side[0], &kept, err);
	if (failed)
		err_wrap(err, "'%s'", side[0].name);
	failed = failed || compare_front_add(&front, 0, &first, err);
	for (size_t i = 1; !failed && i < n; i++)
		failed = add_side(&c, i, &first, opts->flips, &front, a, err);
	arena_release(&kept);
	if (failed || compare_front_end(&front, &c.pareto, &c.npareto, err))
		return -1;
	*out = c;
	return 0;
}
