/* Places of the values of one document, by (container, key or index): true, false and null are
 * single objects in Jansson, so a value's own address names no place.  Stores byte offsets;
 * line and column are computed from the text when asked.  Used by doc*.c only. */
#ifndef DOC_SRCMAP_H
#define DOC_SRCMAP_H

#include "base/arena.h"
#include "base/pos.h"
#include "base/str.h"

#include <jansson.h>
#include <stdint.h>

struct srcmap;

/* Offsets of a member's key and value; for an item both are the value's. */
struct srcmap_entry {
	const json_t *container;
	const char *key; /* NULL for an item or the container itself */
	size_t index;
	size_t key_at, value_at;
};

struct srcmap *srcmap_new(struct str text, const char *file, struct arena *a);
void srcmap_member(struct srcmap *m, const json_t *object, const char *key, size_t key_at,
		   size_t value_at);
void srcmap_item(struct srcmap *m, const json_t *array, size_t index, size_t value_at);
/* The container itself (and the root, whatever it is). */
void srcmap_self(struct srcmap *m, const json_t *container, size_t at);
/* NULL when unknown.  key NULL means an item. */
const struct srcmap_entry *srcmap_find(const struct srcmap *m, const json_t *container,
				       const char *key, size_t index);
const struct srcmap_entry *srcmap_find_self(const struct srcmap *m, const json_t *container);
struct pos srcmap_pos(const struct srcmap *m, size_t offset);

#endif
