/* struct map: strings to pointers, in order of insertion.  Keys are copied into the arena,
 * values are borrowed.  Hashing is seeded per process start so that hostile keys cannot aim
 * at one chain; order never depends on the hash. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

#include <stdint.h>

struct map_entry {
	struct str key;
	void *value;
	uint64_t hash;
};

struct map {
	struct arena *arena;
	VEC(struct map_entry) entry;
	uint32_t *slot; /* index + 1, 0 = free; power-of-two table */
	size_t nslot;
};

void map_init(struct map *m, struct arena *a);
/* NULL when absent. */
void *map_get(const struct map *m, struct str key);
bool map_has(const struct map *m, struct str key);
/* Set or replace; true when the key was new. */
bool map_put(struct map *m, struct str key, void *value);
/* FNV-1a over 64 bits: for tables, never for identity. */
uint64_t map_hash(struct str key);

#endif
