#include "base/map.h"

void map_init(struct map *m, struct arena *a)
{
	*m = (struct map){ .arena = a };
}

uint64_t map_hash(struct str key)
{
	/* The address of a function differs per start under ASLR: that is the seed. */
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)(uintptr_t)&map_hash;
	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

static uint32_t *find_slot(const struct map *m, struct str key, uint64_t hash)
{
	size_t mask = m->nslot - 1;
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		uint32_t *s = &m->slot[i];
		if (!*s)
			return s;
		const struct map_entry *e = &m->entry.v[*s - 1];
		if (e->hash == hash && str_eq(e->key, key))
			return s;
	}
}

static void grow(struct map *m)
{
	m->nslot = m->nslot ? m->nslot * 2 : 16;
	m->slot = arena_array(m->arena, uint32_t, m->nslot);
	for (size_t i = 0; i < m->entry.n; i++)
		*find_slot(m, m->entry.v[i].key, m->entry.v[i].hash) = (uint32_t)(i + 1);
}

static struct map_entry *find(const struct map *m, struct str key)
{
	if (!m->nslot)
		return NULL;
	uint32_t s = *find_slot(m, key, map_hash(key));
	return s ? &m->entry.v[s - 1] : NULL;
}

void *map_get(const struct map *m, struct str key)
{
	const struct map_entry *e = find(m, key);
	return e ? e->value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
	return find(m, key) != NULL;
}

bool map_put(struct map *m, struct str key, void *value)
{
	struct map_entry *e = find(m, key);
	if (e) {
		e->value = value;
		return false;
	}
	if ((m->entry.n + 1) * 2 > m->nslot)
		grow(m);
	uint64_t hash = map_hash(key);
	uint32_t *s = find_slot(m, key, hash);
	*vec_push(&m->entry, m->arena) = (struct map_entry){
		.key = arena_str(m->arena, key.p ? key : STR("")),
		.value = value,
		.hash = hash,
	};
	*s = (uint32_t)m->entry.n;
	return true;
}
