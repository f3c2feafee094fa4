#include "verdict/failures.h"

#include "base/utf8.h"
#include "doc/jsonx.h"
#include "verdict/failure_tags.h"

#include <math.h>
#include <stdlib.h>

/* Shapes told apart within one kind of failure; with more, a coarser shape is taken. */
enum { GROUPS_MAX = 32 };
/* Groups that leave: nobody reads the 51st. */
enum { SHOWN_MAX = 50 };
enum { WORST = 3 };
enum { ID_MAX = 100, TEXT_MAX = 240 };

enum kind { KIND_SCORE, KIND_UNSCORED, KIND_ERROR, KINDS };
static const char *const kind_names[KINDS] = { "score", "unscored", "error" };

/* All three are kept side by side, and the finest that did not overflow is shown: so the result
 * does not depend on what came first. */
enum level { LEVEL_SHAPE, LEVEL_WORDS, LEVEL_ALL, LEVELS };

struct worst_case {
	size_t seq;
	unsigned sample;
	double badness, value;
	size_t nid, nreason, ninput, nanswer;
	char id[ID_MAX], reason[TEXT_MAX], input[TEXT_MAX], answer[TEXT_MAX];
};

struct group {
	struct str pattern;
	size_t count;
	struct worst_case *worst[WORST]; /* worst first */
	size_t nworst;
	struct failure_tags tags;
};

struct groups {
	VEC(struct group *) list;
	bool over;
};

/* One (suite, metric, kind). */
struct bucket {
	unsigned suite;
	const char *metric;
	enum kind kind;
	struct groups level[LEVELS];
};

struct failures {
	struct arena *arena;
	const struct record *head;
	struct bucket **bucket;	  /* by suite, then metric * KINDS + kind; errors last */
	struct failure_tags *all; /* by suite */
	size_t *seen;		  /* samples by suite */
};

struct failures *failures_new(const struct record *head, struct arena *a)
{
	struct failures *f = arena_new(a, struct failures);
	*f = (struct failures){ .arena = a, .head = head };
	f->bucket = arena_array(a, struct bucket *, head->nsuite + 1);
	f->all = arena_array(a, struct failure_tags, head->nsuite + 1);
	f->seen = arena_array(a, size_t, head->nsuite + 1);
	for (size_t i = 0; i < head->nsuite; i++)
		f->bucket[i] = arena_array(a, struct bucket, head->suite[i].nmetric * KINDS + 1);
	return f;
}

/* ---- the worst cases of a group ---- */

static size_t copy(char *to, size_t room, struct str s)
{
	struct str cut = utf8_prefix(s, room);
	if (cut.n)
		memcpy(to, cut.p, cut.n);
	return cut.n;
}

static bool is_worse(double badness, size_t seq, const struct worst_case *than)
{
	return badness != than->badness ? badness > than->badness : seq < than->seq;
}

static void write_case(struct worst_case *w, const struct outcome *o, double badness, double value,
		       struct str reason)
{
	*w = (struct worst_case){
		.seq = o->seq, .sample = o->sample, .badness = badness, .value = value
	};
	w->nid = copy(w->id, ID_MAX, o->case_id);
	w->nreason = copy(w->reason, TEXT_MAX, reason);
	w->ninput = copy(w->input, TEXT_MAX, o->input);
	w->nanswer = copy(w->answer, TEXT_MAX, o->answer);
}

static bool same_case(const struct worst_case *w, const struct outcome *o)
{
	struct str id = utf8_prefix(o->case_id, ID_MAX);
	return str_eq((struct str){ .p = w->id, .n = w->nid }, id);
}

static void sort_worst(struct group *g)
{
	for (size_t i = 1; i < g->nworst; i++) {
		for (size_t k = i; k > 0; k--) {
			struct worst_case *a = g->worst[k - 1], *b = g->worst[k];
			if (!is_worse(b->badness, b->seq, a))
				break;
			g->worst[k - 1] = b;
			g->worst[k] = a;
		}
	}
}

/* A case stands there once, with its worst sample. */
static void keep_worst(struct failures *f, struct group *g, const struct outcome *o, double badness,
		       double value, struct str reason)
{
	struct worst_case *w = NULL;
	for (size_t i = 0; i < g->nworst; i++)
		if (same_case(g->worst[i], o))
			w = g->worst[i];
	if (!w && g->nworst < WORST) {
		w = arena_new(f->arena, struct worst_case);
		g->worst[g->nworst++] = w;
	} else {
		w = w ? w : g->worst[WORST - 1];
		if (!is_worse(badness, o->seq, w))
			return;
	}
	write_case(w, o, badness, value, reason);
	sort_worst(g);
}

/* ---- groups ---- */

static struct group *find_group(struct failures *f, struct groups *gs, struct str pattern)
{
	for (size_t i = 0; i < gs->list.n; i++)
		if (str_eq(gs->list.v[i]->pattern, pattern))
			return gs->list.v[i];
	if (gs->list.n == GROUPS_MAX) {
		gs->over = true;
		return NULL;
	}
	struct group *g = arena_new(f->arena, struct group);
	*g = (struct group){ .pattern = arena_str(f->arena, pattern) };
	*vec_push(&gs->list, f->arena) = g;
	return g;
}

/* The first words: what reasons share that end in free text. */
static struct str first_words(struct str s)
{
	enum { WORDS = 3 };
	size_t words = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' && ++words == WORDS)
			return str_sub(s, 0, i);
	return s;
}

static void add_failure(struct failures *f, struct bucket *b, const struct outcome *o,
			double badness, double value, struct str reason)
{
	struct arena scratch = ARENA_INIT;
	struct str shape = failure_pattern(reason, &scratch);
	struct str pattern[LEVELS] = { shape, first_words(shape), STR("") };
	for (int l = 0; l < LEVELS; l++) {
		struct group *g = b->level[l].over ? NULL : find_group(f, &b->level[l], pattern[l]);
		if (!g)
			continue;
		g->count++;
		keep_worst(f, g, o, badness, value, reason);
		failure_tags_add(&g->tags, o, f->arena);
	}
	arena_release(&scratch);
}

static struct bucket *bucket_of(struct failures *f, const struct outcome *o, size_t metric,
				enum kind kind)
{
	const struct suite_head *s = &f->head->suite[o->suite];
	struct bucket *b = &f->bucket[o->suite][kind == KIND_ERROR ? s->nmetric * KINDS
								   : metric * KINDS + kind];
	b->suite = o->suite;
	b->metric = kind == KIND_ERROR ? "" : s->metric[metric].name;
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

/* What a twin got wrong is no failure of the change; what it could not be asked is one of the run. */
static void add_cells(struct failures *f, const struct outcome *o)
{
	const struct suite_head *s = &f->head->suite[o->suite];
	for (size_t i = 0; o->cell && i < s->nmetric; i++) {
		const struct cell *c = &o->cell[i];
		double bad = badness_of(&s->metric[i], c->value);
		if (c->state == CELL_UNSCORED && !s->metric[i].builtin)
			add_failure(f, bucket_of(f, o, i, KIND_UNSCORED), o, 0, NAN, c->reason);
		else if (c->state == CELL_SCORED && bad >= 0 && s->role == SUITE_PLAIN)
			add_failure(f, bucket_of(f, o, i, KIND_SCORE), o, bad, c->value, c->reason);
	}
}

void failures_add(struct failures *f, const struct outcome *o)
{
	if (o->suite >= f->head->nsuite || o->status == SAMPLE_QUARANTINED ||
	    o->status == SAMPLE_SURPLUS || f->head->suite[o->suite].role != SUITE_PLAIN)
		return;
	failure_tags_add(&f->all[o->suite], o, f->arena);
	f->seen[o->suite]++;
	if (o->reply.fail == FAIL_NONE) {
		add_cells(f, o);
		return;
	}
	struct arena scratch = ARENA_INIT;
	const char *why = arena_fmt(&scratch, "%s%s%.*s", fail_name(o->reply.fail),
				    o->reply.fail_text.n ? ": " : "", STR_ARGS(o->reply.fail_text));
	add_failure(f, bucket_of(f, o, 0, KIND_ERROR), o, 0, NAN, str_c(why));
	arena_release(&scratch);
}

/* ---- to JSON ---- */

struct shown {
	const struct bucket *bucket;
	const struct group *group;
};

static int by_size(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	if (x->group->count != y->group->count)
		return x->group->count > y->group->count ? -1 : 1;
	if (x->bucket->suite != y->bucket->suite)
		return x->bucket->suite < y->bucket->suite ? -1 : 1;
	if (x->bucket->kind != y->bucket->kind)
		return x->bucket->kind < y->bucket->kind ? -1 : 1;
	int metric = strcmp(x->bucket->metric, y->bucket->metric);
	return metric ? metric : str_cmp(x->group->pattern, y->group->pattern);
}

static json_t *text_json(const char *p, size_t n)
{
	return json_from_str((struct str){ .p = p, .n = n });
}

static json_t *case_json(const struct worst_case *w)
{
	json_t *j = json_object();
	json_object_set_new(j, "case", text_json(w->id, w->nid));
	json_object_set_new(j, "sample", json_integer(w->sample));
	json_object_set_new(j, "seq", json_integer((json_int_t)w->seq));
	json_object_set_new(j, "value", isfinite(w->value) ? json_real(w->value) : json_null());
	json_object_set_new(j, "reason", text_json(w->reason, w->nreason));
	json_object_set_new(j, "input", text_json(w->input, w->ninput));
	json_object_set_new(j, "answer", text_json(w->answer, w->nanswer));
	return j;
}

static json_t *group_json(const struct failures *f, const struct shown *s)
{
	const struct group *g = s->group;
	json_t *j = json_object(), *cases = json_array();
	for (size_t i = 0; i < g->nworst; i++)
		json_array_append_new(cases, case_json(g->worst[i]));
	json_object_set_new(j, "suite", json_string(f->head->suite[s->bucket->suite].name));
	json_object_set_new(j, "metric", json_string(s->bucket->metric));
	json_object_set_new(j, "kind", json_string(kind_names[s->bucket->kind]));
	json_object_set_new(j, "pattern", json_from_str(g->pattern));
	json_object_set_new(j, "count", json_integer((json_int_t)g->count));
	json_object_set_new(j, "cases", cases);
	json_object_set_new(j, "slices",
			    failure_tags_json(&g->tags, g->count, &f->all[s->bucket->suite],
					      f->seen[s->bucket->suite]));
	return j;
}

static const struct groups *finest(const struct bucket *b)
{
	int l = 0;
	while (b->level[l].over)
		l++;
	return &b->level[l];
}

const json_t *failures_json(const struct failures *f, struct arena *a)
{
	struct arena scratch = ARENA_INIT;
	VEC(struct shown) all = { .n = 0 };
	for (size_t i = 0; i < f->head->nsuite; i++) {
		for (size_t k = 0; k <= f->head->suite[i].nmetric * KINDS; k++) {
			const struct bucket *b = &f->bucket[i][k];
			const struct groups *gs = finest(b);
			for (size_t g = 0; g < gs->list.n; g++)
				*vec_push(&all, &scratch) = (struct shown){ b, gs->list.v[g] };
		}
	}
	if (all.n)
		qsort(all.v, all.n, sizeof *all.v, by_size);
	json_t *out = arena_json(a, json_array());
	for (size_t i = 0; i < all.n && i < SHOWN_MAX; i++)
		json_array_append_new(out, group_json(f, &all.v[i]));
	arena_release(&scratch);
	return out;
}
