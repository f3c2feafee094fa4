#include "store/tally.h"

#include "store/marks.h"

void tally_init(struct tally *t, struct arena *a)
{
	*t = (struct tally){ .arena = a };
	map_init(&t->position, a);
}

static uint32_t position_of(struct tally *t, struct str id)
{
	uint32_t *at = map_get(&t->position, id);
	if (at)
		return *at;
	at = arena_new(t->arena, uint32_t);
	*at = (uint32_t)t->position.entry.n;
	map_put(&t->position, id, at);
	return *at;
}

static void read_ids(struct tally *t, int64_t key, struct str ids)
{
	struct str id;
	if (t->ids == key)
		return;
	t->ids = key;
	t->index.n = 0;
	while (str_line(&ids, &id))
		*vec_push(&t->index, t->arena) = position_of(t, id);
}

static struct tally_metric *metric_of(struct tally *t, struct str name)
{
	for (size_t i = 0; i < t->metric.n; i++)
		if (str_eq(t->metric.v[i].name, name))
			return &t->metric.v[i];
	struct tally_metric *m = vec_push(&t->metric, t->arena);
	*m = (struct tally_metric){ .name = arena_str(t->arena, name) };
	return m;
}

static struct tally_count *count_of(struct tally *t, struct tally_metric *m, uint32_t position)
{
	while (m->of.n <= position)
		*vec_push(&m->of, t->arena) = (struct tally_count){ .pass = 0 };
	return &m->of.v[position];
}

void tally_case(struct tally_count *c, struct str mark, int64_t start_ms)
{
	uint32_t pass = 0, fail = 0, unscored = 0;
	for (size_t i = 0; i < mark.n; i++) {
		pass += mark.p[i] == MARK_PASS;
		fail += mark.p[i] == MARK_FAIL;
		unscored += mark.p[i] == MARK_UNSCORED;
	}
	c->pass += pass;
	c->fail += fail;
	c->unscored += unscored;
	if (!pass && !fail && !unscored)
		return;
	c->runs++;
	c->last_ms = start_ms > c->last_ms ? start_ms : c->last_ms;
}

void tally_add(struct tally *t, int64_t key, struct str ids, size_t repeats, struct str marks, int64_t start_ms)
{
	struct str name, mark;
	read_ids(t, key, ids);
	while (marks_next(&marks, &name, &mark)) {
		if (!repeats || mark.n / repeats != t->index.n || mark.n % repeats)
			continue;
		struct tally_metric *m = metric_of(t, name);
		for (size_t i = 0; i < t->index.n; i++)
			tally_case(count_of(t, m, t->index.v[i]), str_sub(mark, i * repeats, (i + 1) * repeats), start_ms);
	}
}

const struct tally_count *tally_get(const struct tally *t, struct str id, struct str metric)
{
	const uint32_t *at = map_get(&t->position, id);
	for (size_t i = 0; at && i < t->metric.n; i++)
		if (str_eq(t->metric.v[i].name, metric))
			return *at < t->metric.v[i].of.n ? &t->metric.v[i].of.v[*at] : NULL;
	return NULL;
}
