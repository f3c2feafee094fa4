/* struct doc: a committed YAML or JSON file as one tree in which every value knows its
 * place.  Scalars follow YAML 1.2's core schema; duplicate keys are refused; depth, size and
 * alias expansion are capped (limits.h).  The tree, the places and the text live in the arena given to
 * doc_parse; the tree is read-only. */
#ifndef DOC_DOC_H
#define DOC_DOC_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/str.h"
#include "doc/jsonx.h"

struct srcmap;
struct doc_graft;

enum doc_syntax { DOC_JSON, DOC_YAML };

struct doc {
	json_t *root;
	const char *file; /* shown in places; a path inside the tree */
	struct str text;
	enum doc_syntax syntax;
	struct srcmap *map;
	const struct doc *other; /* some members are its values, and stand there (doc_graft); else NULL */
	const struct doc_graft *graft;
	size_t ngraft;
};

/* The member `key` of `object` is item `index` of an array of doc.other. */
struct doc_graft {
	const json_t *object;
	const char *key;
	const json_t *array;
	size_t index;
};

/* YAML unless the name ends in .json (or .jsonc, refused).  */
enum doc_syntax doc_syntax_of(const char *file);

/* 0, or -1 with at least one error in *d.  The text is copied. */
int doc_parse(struct doc *out, struct str text, enum doc_syntax syntax, const char *file,
	      struct arena *a, struct diags *d) MUST_USE;

/* A shallow copy of an object of the tree, to be changed: what is in it stands where the original has it. */
json_t *doc_copy_object(const struct doc *d, const json_t *object, struct arena *a);

/* Place of the value at (object, key) or (array, index) anywhere in the tree; container NULL is the root. */
struct pos doc_pos_member(const struct doc *d, const json_t *object, const char *key);
struct pos doc_pos_item(const struct doc *d, const json_t *array, size_t index);
/* Place of a member's key (not its value). */
struct pos doc_pos_key(const struct doc *d, const json_t *object, const char *key);
/* Place of a container itself (where its first token stands). */
struct pos doc_pos_of(const struct doc *d, const json_t *container);
/* Place of byte `offset` of the string value at (container, key or index): for columns inside
 * thresholds and templates.  Exact for plain and quoted scalars on one line and block
 * literals; else the value's own place.  key NULL means an array item. */
struct pos doc_pos_inside(const struct doc *d, const json_t *container, const char *key, size_t index,
			  size_t offset);
/* Place of what a JSON Pointer (RFC 6901) names; the nearest existing ancestor otherwise. */
struct pos doc_pos_pointer(const struct doc *d, struct str pointer);

#endif
