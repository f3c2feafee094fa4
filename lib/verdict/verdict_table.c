#include "verdict/verdict_table.h"

#include <math.h>

/* FNV-1a with a finaliser; unlike map_hash the same in every process. */
static uint64_t cluster_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

/* A calibration is asked for by its metric's thresholds, a baseline by those that compare with it. */
static bool wants_metric(const struct stage *s, const struct suite_head *h, const char *name)
{
	if (h->role == SUITE_CALIBRATION)
		return true;
	for (size_t i = 0; i < s->nthreshold; i++)
		if (!strcmp(s->threshold[i].metric, name) &&
		    (h->role == SUITE_PLAIN || threshold_needs_baseline(&s->threshold[i])))
			return true;
	return false;
}

static void add_value(struct verdict_table *t, struct table_key *k, struct str value)
{
	if (map_has(&k->index, value))
		return;
	const char *copy = arena_cstr(t->arena, value);
	*vec_push(&k->value, t->arena) = copy;
	map_put(&k->index, value, (void *)(uintptr_t)k->value.n);
}

static struct table_key *want_key(struct verdict_table *t, const char *key)
{
	for (size_t i = 0; i < t->nkey; i++)
		if (!strcmp(t->key[i].key, key))
			return &t->key[i];
	struct table_key *k = &t->key[t->nkey++];
	*k = (struct table_key){ .key = key, .id = arena_array(t->arena, uint16_t, t->n) };
	map_init(&k->index, t->arena);
	return k;
}

static void make_keys(struct verdict_table *t)
{
	size_t max = 0;
	for (size_t i = 0; i < t->stage->nthreshold; i++)
		max += t->stage->threshold[i].nslice + 1;
	t->key = arena_array(t->arena, struct table_key, max);
	for (size_t i = 0; i < t->stage->nthreshold; i++) {
		const struct threshold *th = &t->stage->threshold[i];
		for (size_t k = 0; k < th->nslice; k++)
			add_value(t, want_key(t, th->slice[k].key), str_c(th->slice[k].value));
		if (th->worst)
			want_key(t, th->worst)->all = true;
	}
}

static void make_suite(struct verdict_table *t, struct table_suite *s, const struct suite_head *h)
{
	*s = (struct table_suite){ .base = t->n, .n = h->planned, .head = h };
	s->repeats = h->repeats ? h->repeats : 1;
	s->column = arena_array(t->arena, struct table_column, h->nmetric + 1);
	for (size_t i = 0; i < h->nmetric; i++) {
		if (!wants_metric(t->stage, h, h->metric[i].name))
			continue;
		s->column[i].value = arena_array(t->arena, double, h->planned + 1);
		s->column[i].state = arena_array(t->arena, unsigned char, h->planned + 1);
		if (metric_is_time(&h->metric[i]) && h->role == SUITE_PLAIN && !s->begun)
			s->begun = arena_array(t->arena, uint32_t, h->planned + 1);
	}
	if (h->base == BASE_TWIN || h->role == SUITE_BASELINE) {
		s->case_id = arena_array(t->arena, const char *, h->planned / s->repeats + 1);
		s->aged = arena_array(t->arena, unsigned char, h->planned + 1);
	}
	t->n += h->planned;
}

struct verdict_table *verdict_table_new(const struct stage *s, const struct record *head,
					struct arena *a)
{
	struct verdict_table *t = arena_new(a, struct verdict_table);
	*t = (struct verdict_table){ .arena = a, .stage = s, .nsuite = head->nsuite };
	t->suite = arena_array(a, struct table_suite, head->nsuite + 1);
	for (size_t i = 0; i < head->nsuite; i++)
		make_suite(t, &t->suite[i], &head->suite[i]);
	t->status = arena_array(a, unsigned char, t->n + 1);
	t->cluster = arena_array(a, uint64_t, t->n + 1);
	make_keys(t);
	return t;
}

const struct table_key *table_key(const struct verdict_table *t, const char *key)
{
	for (size_t i = 0; i < t->nkey; i++)
		if (!strcmp(t->key[i].key, key))
			return &t->key[i];
	return NULL;
}

unsigned table_value_id(const struct table_key *k, const char *value)
{
	uintptr_t at = (uintptr_t)map_get(&k->index, str_c(value));
	return at ? (unsigned)(at - 1) + TAG_FIRST : TAG_OTHER;
}

static uint16_t tag_id(struct verdict_table *t, struct table_key *k, struct str value)
{
	uintptr_t at = (uintptr_t)map_get(&k->index, value);
	if (!at && k->all && k->value.n < TABLE_VALUES_MAX) {
		add_value(t, k, value);
		at = k->value.n;
	} else if (!at && k->all) {
		k->full = true;
	}
	return at ? (uint16_t)(at - 1 + TAG_FIRST) : TAG_OTHER;
}

static void keep_tags(struct verdict_table *t, const struct outcome *o)
{
	for (size_t i = 0; i < t->nkey; i++) {
		struct table_key *k = &t->key[i];
		k->id[o->seq] = TAG_NONE;
		for (size_t j = 0; j < o->ntag; j++) {
			if (!str_eqc(o->tag[j].key, k->key))
				continue;
			k->id[o->seq] = tag_id(t, k, o->tag[j].value);
			break;
		}
	}
}

static void keep_weight(struct verdict_table *t, const struct outcome *o)
{
	if (!t->weight && o->weight == 1)
		return;
	if (!t->weight) {
		t->weight = arena_array(t->arena, double, t->n);
		for (size_t i = 0; i < t->n; i++)
			t->weight[i] = 1;
	}
	t->weight[o->seq] = o->weight;
}

static int check_outcome(const struct verdict_table *t, const struct outcome *o, struct err *err)
{
	if (o->suite >= t->nsuite)
		return err_set(err, ERR_TRUST, "sample %zu names suite %u of %zu", o->seq, o->suite,
			       t->nsuite);
	const struct table_suite *s = &t->suite[o->suite];
	if (o->seq < s->base || o->seq - s->base >= s->n)
		return err_set(err, ERR_TRUST,
			       "sample %zu is outside of suite '%s', expected %zu to %zu", o->seq,
			       s->head->name, s->base, s->base + s->n);
	if ((o->seq - s->base) % s->repeats != o->sample)
		return err_set(err, ERR_TRUST,
			       "sample %zu says it is repeat %u of its case, expected %zu", o->seq,
			       o->sample, (o->seq - s->base) % s->repeats);
	if (!(o->weight > 0 && isfinite(o->weight)))
		return err_set(err, ERR_ARTIFACT, "case '%.*s' has a weight that is not above 0",
			       STR_ARGS(o->case_id));
	return 0;
}

static void keep_place(struct verdict_table *t, const struct outcome *o)
{
	t->cluster[o->seq] = cluster_hash(o->cluster.n ? o->cluster : o->case_id);
	keep_weight(t, o);
	keep_tags(t, o);
}

static void keep_reply(struct verdict_table *t, const struct outcome *o)
{
	struct table_suite *s = &t->suite[o->suite];
	size_t at = o->seq - s->base;
	int64_t ms = o->reply.reused ? 0 : o->reply.time.begun_ms;
	if (s->begun)
		s->begun[at] = ms > 0 && ms <= BEGUN_MS_MAX ? (uint32_t)ms : 0;
	if (!s->case_id)
		return;
	s->aged[at] = o->reply.reused;
	if (at % s->repeats == 0 && s->head->role == SUITE_PLAIN)
		s->case_id[at / s->repeats] = arena_cstr(t->arena, o->case_id);
}

int verdict_table_plan(struct verdict_table *t, const struct outcome *o, struct err *err)
{
	if (check_outcome(t, o, err))
		return -1;
	if (t->status[o->seq] != TABLE_UNTOLD)
		return err_set(err, ERR_BUG, "sample %zu is planned twice", o->seq);
	keep_place(t, o);
	bool out = o->status == SAMPLE_QUARANTINED;
	t->status[o->seq] = out ? TABLE_QUARANTINED : TABLE_PLANNED;
	return 0;
}

static void keep_cells(struct verdict_table *t, const struct outcome *o)
{
	const struct table_suite *s = &t->suite[o->suite];
	size_t at = o->seq - s->base;
	for (size_t i = 0; i < s->head->nmetric; i++) {
		if (!s->column[i].value)
			continue;
		enum cell_state state = o->cell ? o->cell[i].state : CELL_UNSCORED;
		s->column[i].state[at] = (unsigned char)(state + 1);
		s->column[i].value[at] = state == CELL_SCORED ? o->cell[i].value : 0;
	}
}

int verdict_table_add(struct verdict_table *t, const struct outcome *o, struct err *err)
{
	if (check_outcome(t, o, err))
		return -1;
	if (t->status[o->seq] == TABLE_OPEN || t->status[o->seq] == TABLE_SURPLUS)
		return err_set(err, ERR_TRUST, "sample %zu is there twice", o->seq);
	keep_place(t, o);
	keep_cells(t, o);
	keep_reply(t, o);
	t->status[o->seq] = o->status == SAMPLE_QUARANTINED ? TABLE_QUARANTINED
			    : o->status == SAMPLE_SURPLUS   ? TABLE_SURPLUS
							    : TABLE_OPEN;
	return 0;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t table_key_of(uint64_t salt, uint64_t cluster)
{
	return mix(cluster ^ salt);
}

bool table_is_surplus(const struct verdict_table *t, const struct table_suite *s, size_t at)
{
	size_t seq = s->base + at;
	return t->status[seq] == TABLE_SURPLUS ||
	       (s->masked && table_key_of(s->salt, t->cluster[seq]) > s->limit);
}
