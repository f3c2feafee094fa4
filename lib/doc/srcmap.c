#include "doc/srcmap.h"

#include "base/map.h"
#include "base/utf8.h"

/* The index that stands for the container itself. */
#define SELF SIZE_MAX

struct srcmap {
	struct arena *arena;
	struct str text;
	const char *file;
	VEC(struct srcmap_entry) entry;
	uint32_t *slot; /* index + 1, 0 = free */
	size_t nslot;
	VEC(uint32_t) line; /* byte offset of each line */
};

struct srcmap *srcmap_new(struct str text, const char *file, struct arena *a)
{
	struct srcmap *m = arena_new(a, struct srcmap);
	m->arena = a;
	m->text = text;
	m->file = file;
	*vec_push(&m->line, a) = 0;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n' || (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n')))
			*vec_push(&m->line, a) = (uint32_t)(i + 1);
	return m;
}

static uint64_t hash(const json_t *container, const char *key, size_t index)
{
	uint64_t h = (uint64_t)(uintptr_t)container * 0x9e3779b97f4a7c15u;
	h ^= key ? map_hash(str_c(key)) : (uint64_t)index * 0xc2b2ae3d27d4eb4fu;
	h ^= h >> 29;
	return h * 0xbf58476d1ce4e5b9u;
}

static bool same(const struct srcmap_entry *e, const json_t *container, const char *key, size_t index)
{
	if (e->container != container || !e->key != !key)
		return false;
	return key ? !strcmp(e->key, key) : e->index == index;
}

static size_t probe(const struct srcmap *m, const json_t *container, const char *key, size_t index)
{
	size_t i = (size_t)(hash(container, key, index) >> 20) & (m->nslot - 1);
	while (m->slot[i] && !same(&m->entry.v[m->slot[i] - 1], container, key, index))
		i = (i + 1) & (m->nslot - 1);
	return i;
}

static void grow(struct srcmap *m)
{
	m->nslot = m->nslot ? m->nslot * 2 : 64;
	m->slot = arena_array(m->arena, uint32_t, m->nslot);
	for (size_t i = 0; i < m->entry.n; i++) {
		const struct srcmap_entry *e = &m->entry.v[i];
		m->slot[probe(m, e->container, e->key, e->index)] = (uint32_t)(i + 1);
	}
}

static void add(struct srcmap *m, struct srcmap_entry e)
{
	if (2 * (m->entry.n + 1) > m->nslot)
		grow(m);
	size_t i = probe(m, e.container, e.key, e.index);
	if (m->slot[i]) {
		m->entry.v[m->slot[i] - 1] = e;
		return;
	}
	*vec_push(&m->entry, m->arena) = e;
	m->slot[i] = (uint32_t)m->entry.n;
}

void srcmap_member(struct srcmap *m, const json_t *object, const char *key, size_t key_at,
		   size_t value_at)
{
	add(m, (struct srcmap_entry){ .container = object,
				      .key = arena_cstr(m->arena, str_c(key)),
				      .key_at = key_at,
				      .value_at = value_at });
}

void srcmap_item(struct srcmap *m, const json_t *array, size_t index, size_t value_at)
{
	add(m, (struct srcmap_entry){
		       .container = array, .index = index, .key_at = value_at, .value_at = value_at });
}

void srcmap_self(struct srcmap *m, const json_t *container, size_t at)
{
	srcmap_item(m, container, SELF, at);
}

const struct srcmap_entry *srcmap_find(const struct srcmap *m, const json_t *container,
				       const char *key, size_t index)
{
	if (!m->nslot)
		return NULL;
	uint32_t slot = m->slot[probe(m, container, key, index)];
	return slot ? &m->entry.v[slot - 1] : NULL;
}

const struct srcmap_entry *srcmap_find_self(const struct srcmap *m, const json_t *container)
{
	return srcmap_find(m, container, NULL, SELF);
}

struct pos srcmap_pos(const struct srcmap *m, size_t offset)
{
	size_t low = 0, high = m->line.n;
	if (offset > m->text.n)
		offset = m->text.n;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (m->line.v[mid] <= offset)
			low = mid;
		else
			high = mid;
	}
	size_t from = m->line.v[low];
	return (struct pos){
		.file = m->file,
		.line = (unsigned)low + 1,
		.col = (unsigned)utf8_count(str_sub(m->text, from, offset)) + 1,
	};
}
