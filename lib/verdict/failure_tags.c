#include "verdict/failure_tags.h"

#include "doc/jsonx.h"

#include <stdlib.h>

static struct failure_key *key_of(struct failure_tags *t, struct str key, struct arena *a)
{
	for (size_t i = 0; i < t->list.n; i++)
		if (str_eq(t->list.v[i].key, key))
			return &t->list.v[i];
	if (t->list.n == FAILURE_KEYS_MAX) {
		t->dropped = true;
		return NULL;
	}
	struct failure_key *k = vec_push(&t->list, a);
	*k = (struct failure_key){ .key = arena_str(a, key) };
	return k;
}

static void count_value(struct failure_key *k, struct str value, struct arena *a)
{
	for (size_t i = 0; i < k->n; i++) {
		if (str_eq(k->value[i].value, value)) {
			k->value[i].count++;
			return;
		}
	}
	if (k->n == FAILURE_VALUES_MAX || value.n > FAILURE_VALUE_BYTES) {
		k->dropped = true;
		return;
	}
	k->value[k->n++] = (struct failure_tag){ .value = arena_str(a, value), .count = 1 };
}

void failure_tags_add(struct failure_tags *t, const struct outcome *o, struct arena *a)
{
	for (size_t i = 0; i < o->ntag && !t->dropped; i++) {
		struct failure_key *k = key_of(t, o->tag[i].key, a);
		if (k && !k->dropped)
			count_value(k, o->tag[i].value, a);
	}
}

static size_t count_in(const struct failure_tags *t, struct str key, struct str value)
{
	for (size_t i = 0; i < t->list.n && !t->dropped; i++) {
		const struct failure_key *k = &t->list.v[i];
		if (k->dropped || !str_eq(k->key, key))
			continue;
		for (size_t v = 0; v < k->n; v++)
			if (str_eq(k->value[v].value, value))
				return k->value[v].count;
	}
	return 0;
}

struct shared {
	struct str key, value;
	size_t count, of;
};

static int by_count(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	int key = str_cmp(x->key, y->key);
	return key ? key : str_cmp(x->value, y->value);
}

/* Most of the group, and half as common again as everywhere. */
static bool stands_out(size_t count, size_t group, size_t of, size_t total)
{
	if (group < 3 || !of || count * 2 <= group)
		return false;
	return (double)count * (double)total >= 1.5 * (double)of * (double)group;
}

static json_t *shared_json(const struct shared *s)
{
	json_t *j = json_object();
	json_object_set_new(j, "key", json_from_str(s->key));
	json_object_set_new(j, "value", json_from_str(s->value));
	json_object_set_new(j, "count", json_integer((json_int_t)s->count));
	json_object_set_new(j, "of", json_integer((json_int_t)s->of));
	return j;
}

json_t *failure_tags_json(const struct failure_tags *group, size_t count,
			  const struct failure_tags *all, size_t total)
{
	struct shared found[FAILURE_KEYS_MAX * 2];
	size_t n = 0;
	for (size_t i = 0; i < group->list.n && !group->dropped; i++) {
		const struct failure_key *k = &group->list.v[i];
		for (size_t v = 0; v < k->n && !k->dropped && n < ARRAY_LEN(found); v++) {
			size_t of = count_in(all, k->key, k->value[v].value);
			if (stands_out(k->value[v].count, count, of, total))
				found[n++] = (struct shared){ k->key, k->value[v].value,
							      k->value[v].count, of };
		}
	}
	qsort(found, n, sizeof *found, by_count);
	json_t *out = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, shared_json(&found[i]));
	return out;
}
