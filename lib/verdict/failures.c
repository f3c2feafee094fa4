#include "verdict/failures.h"

#include "verdict/failure_gap.h"
#include "verdict/failure_group.h"
#include "verdict/verdict.h"

#include <math.h>

/* ---- what is looked for ---- */

/* Does the threshold say of one sample which side it is on?  A call without an answer is a failure
 * already. */
static bool is_bar(const struct row *r)
{
	enum aggregate g = r->t->agg;
	if (!r->metric || !(r->metric->builtin || r->metric->kind == METRIC_VALUE) ||
	    r->t->bound.baseline || !strcmp(r->metric->name, "unscored"))
		return false;
	return row_is_score(r) || (g != AGG_SUM && g != AGG_COUNT);
}

static const char *bar_pattern(const struct row *r, struct arena *a)
{
	static const char *const past[] = {
		[OP_GE] = "<", [OP_GT] = "<=", [OP_LE] = ">", [OP_LT] = ">=", [OP_EQ] = ">",
	};
	if (row_is_score(r))
		return "";
	return arena_fmt(a, "%s %s", past[r->t->op], r->t->bound.text);
}

static void add_bar(struct failures *f, const struct row *r, size_t row)
{
	for (size_t i = 0; i < r->nsuite; i++) {
		struct bar *b = arena_new(f->arena, struct bar);
		*b = (struct bar){
			.row = r,
			.which = i,
			.bucket = { .suite = r->suite[i],
				    .metric = r->column[i],
				    .name = r->metric->name,
				    .kind = KIND_MEASURE,
				    .row = row },
		};
		*vec_push(&f->bar, f->arena) = b;
	}
}

static void find_bars(struct failures *f)
{
	struct rows *rows = arena_new(f->arena, struct rows);
	struct diags d;
	diags_init(&d, f->arena);
	if (!f->stage || rows_match(rows, f->stage, f->head, NULL, 0, f->arena, &d))
		return;
	for (size_t i = 0; i < rows->n; i++)
		if (is_bar(&rows->v[i]))
			add_bar(f, &rows->v[i], i);
}

struct failures *failures_new(const struct record *head, const struct stage *s, struct arena *a)
{
	struct failures *f = arena_new(a, struct failures);
	*f = (struct failures){ .arena = a, .head = head, .stage = s };
	f->base = arena_array(a, size_t, head->nsuite + 1);
	f->bucket = arena_array(a, struct bucket *, head->nsuite + 1);
	f->columns = arena_array(a, struct failure_columns, head->nsuite + 1);
	for (size_t i = 0; i < head->nsuite; i++) {
		size_t n = head->suite[i].nmetric * KINDS_OF_METRIC + 1;
		f->bucket[i] = arena_array(a, struct bucket, n);
		f->base[i + 1] = f->base[i] + head->suite[i].planned;
		failure_columns_init(&f->columns[i], &head->suite[i], a);
	}
	find_bars(f);
	return f;
}

/* ---- groups ---- */

static struct group *find_group(struct failures *f, struct bucket *b, int level, struct str pattern,
				size_t at)
{
	struct groups *gs = &b->level[level];
	size_t i = 0;
	if (!gs->id)
		gs->id = arena_array(f->arena, unsigned char, f->columns[b->suite].n + 1);
	while (i < gs->list.n && !str_eq(gs->list.v[i]->pattern, pattern))
		i++;
	if (i == GROUPS_MAX) {
		gs->over = true;
		return NULL;
	}
	gs->id[at] = (unsigned char)(i + 1);
	if (i < gs->list.n)
		return gs->list.v[i];
	struct group *g = arena_new(f->arena, struct group);
	*g = (struct group){ .pattern = arena_str(f->arena, pattern) };
	*vec_push(&gs->list, f->arena) = g;
	return g;
}

static void vote(struct majority *m, struct str words)
{
	uint32_t hash = failure_words_hash(words);
	if (m->lead && m->hash != hash) {
		m->lead--;
		return;
	}
	if (!m->lead++) {
		m->hash = hash;
		m->n = words.n;
		memcpy(m->text, words.p, words.n);
	}
}

static void vote_words(struct group *g, const struct outcome *o)
{
	char room[COLUMN_BYTES];
	for (int w = 0; w < WORDS && o->reply.fail == FAIL_NONE; w++) {
		struct str s = failure_words(room, o->answer, (enum words)w);
		if (s.p)
			vote(&g->words[w], s);
	}
}

/* The worst cases of each slice: whether one of them is a group of its own is known at the end. */
static void keep_slices(struct failures *f, struct bucket *b, size_t at, const struct bad *bad)
{
	const struct failure_columns *c = &f->columns[b->suite];
	for (size_t k = 0; k < c->key.n && !c->dropped; k++) {
		const struct column_key *key = &c->key.v[k];
		if (key->dropped || !key->id[at])
			continue;
		if (!b->slice)
			b->slice = arena_array(f->arena, struct worst_cases *,
					       (size_t)COLUMN_KEYS * COLUMN_VALUES);
		struct worst_cases **w = &b->slice[k * COLUMN_VALUES + key->id[at] - 1U];
		*w = *w ? *w : arena_new(f->arena, struct worst_cases);
		worst_cases_add(*w, bad, f->arena);
	}
}

/* The first words: what reasons share that end in free text. */
static struct str first_words(struct str s)
{
	enum { SHARED_WORDS = 3 };
	size_t words = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' && ++words == SHARED_WORDS)
			return str_sub(s, 0, i);
	return s;
}

static void add_failure(struct failures *f, struct bucket *b, const struct bad *bad,
			const struct str pattern[LEVELS])
{
	size_t at = bad->o->seq - f->base[b->suite];
	for (int l = 0; l < LEVELS; l++) {
		struct group *g = b->level[l].over ? NULL : find_group(f, b, l, pattern[l], at);
		if (!g)
			continue;
		g->count++;
		worst_cases_add(&g->worst, bad, f->arena);
		vote_words(g, bad->o);
	}
	if (b->kind == KIND_SCORE)
		keep_slices(f, b, at, bad);
}

static void add_by_reason(struct failures *f, struct bucket *b, const struct bad *bad)
{
	struct arena scratch = ARENA_INIT;
	struct str shape = failure_pattern(bad->reason, &scratch);
	const struct str pattern[LEVELS] = { shape, first_words(shape), STR("") };
	add_failure(f, b, bad, pattern);
	arena_release(&scratch);
}

static struct bucket *bucket_of(struct failures *f, const struct outcome *o, size_t metric,
				enum failure_kind kind)
{
	const struct suite_head *s = &f->head->suite[o->suite];
	size_t at = kind == KIND_ERROR ? s->nmetric * KINDS_OF_METRIC
				       : metric * KINDS_OF_METRIC + kind;
	struct bucket *b = &f->bucket[o->suite][at];
	b->suite = o->suite;
	b->metric = metric;
	b->name = kind == KIND_ERROR ? "" : s->metric[metric].name;
	b->kind = kind;
	return b;
}

/* How far on the bad side of its cut; below 0 = not a failure. */
static double badness_of(const struct metric_head *m, double x)
{
	if (m->builtin || m->kind == METRIC_VALUE || m->direction == NO_DIRECTION || !isfinite(x))
		return -1;
	if (m->direction == HIGHER_IS_BETTER)
		return x < m->cut ? m->cut - x : -1;
	return x >= m->cut ? x - m->cut : -1;
}

static void add_cells(struct failures *f, const struct outcome *o)
{
	const struct suite_head *s = &f->head->suite[o->suite];
	for (size_t i = 0; o->cell && i < s->nmetric; i++) {
		const struct cell *c = &o->cell[i];
		struct bad bad = { .o = o,
				   .badness = badness_of(&s->metric[i], c->value),
				   .value = c->value,
				   .reason = c->reason };
		if (c->state == CELL_SCORED && bad.badness >= 0)
			add_by_reason(f, bucket_of(f, o, i, KIND_SCORE), &bad);
		if (c->state != CELL_UNSCORED || s->metric[i].builtin)
			continue;
		bad.badness = 0;
		bad.value = NAN;
		add_by_reason(f, bucket_of(f, o, i, KIND_UNSCORED), &bad);
	}
}

/* By cause and text, else by cause alone. */
static void add_error(struct failures *f, const struct outcome *o)
{
	struct arena scratch = ARENA_INIT;
	struct str cause = str_c(fail_name(o->reply.fail));
	struct bad bad = { .o = o, .value = NAN };
	bad.reason = str_c(arena_fmt(&scratch, "%s%s%.*s", cause.p, o->reply.fail_text.n ? ": " : "",
				     STR_ARGS(o->reply.fail_text)));
	const struct str pattern[LEVELS] = { failure_pattern(bad.reason, &scratch), cause, STR("") };
	add_failure(f, bucket_of(f, o, 0, KIND_ERROR), &bad, pattern);
	arena_release(&scratch);
}

static bool in_slice(const struct threshold *t, const struct outcome *o)
{
	for (size_t i = 0; i < t->nslice; i++) {
		size_t k = 0;
		while (k < o->ntag && !str_eqc(o->tag[k].key, t->slice[i].key))
			k++;
		if (k == o->ntag || !str_eqc(o->tag[k].value, t->slice[i].value))
			return false;
	}
	return true;
}

static void add_measured(struct failures *f, struct bar *b, const struct outcome *o)
{
	const struct row *r = b->row;
	const struct cell *c = &o->cell[b->bucket.metric];
	double bound = r->t->bound.value;
	if (b->bucket.suite != o->suite || c->state != CELL_SCORED || !isfinite(c->value) ||
	    !in_slice(r->t, o))
		return;
	if (!(gap_lost(r, threshold_wants_high(r->t), bound, c->value) > 0))
		return;
	struct arena scratch = ARENA_INIT;
	struct bad bad = { .o = o,
			   .badness = row_is_score(r) ? 0 : fabs(c->value - bound),
			   .value = c->value };
	bad.reason = c->reason.n ? c->reason
				 : str_c(verdict_value_text(c->value, r->metric->unit, &scratch));
	struct str pattern = str_c(bar_pattern(r, &scratch));
	const struct str all[LEVELS] = { pattern, pattern, pattern };
	add_failure(f, &b->bucket, &bad, all);
	arena_release(&scratch);
}

void failures_add(struct failures *f, const struct outcome *o)
{
	if (o->suite >= f->head->nsuite || f->head->suite[o->suite].role != SUITE_PLAIN ||
	    o->status == SAMPLE_QUARANTINED ||
	    o->status == SAMPLE_SURPLUS || o->seq < f->base[o->suite] ||
	    o->seq >= f->base[o->suite + 1])
		return;
	failure_columns_add(&f->columns[o->suite], o->seq - f->base[o->suite], o, f->arena);
	for (size_t i = 0; i < f->bar.n && o->cell && o->reply.fail == FAIL_NONE; i++)
		add_measured(f, f->bar.v[i], o);
	if (o->reply.fail == FAIL_NONE)
		add_cells(f, o);
	else
		add_error(f, o);
}
