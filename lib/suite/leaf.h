/* struct leaf: one template with its place, in a text file of its own or as a string inside a
 * document.  struct leaf_node: a whole value whose string leaves may be such templates; it is
 * parsed first and rendered leaf by leaf, so no variable can change its structure.  Both are
 * compiled once at load, read-only afterwards, and live in the loader's arena. */
#ifndef SUITE_LEAF_H
#define SUITE_LEAF_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/doc.h"
#include "doc/template.h"

struct leaf {
	struct str text;
	const struct template *t; /* NULL: the text as it stands */
	/* Where it stands: a text file … */
	const char *file;
	struct str whole; /* the file's text; `text` begins at `base` */
	size_t base;
	/* … or a value of a document. */
	const struct doc *doc;
	const json_t *container;
	const char *key; /* NULL: an array's item */
	size_t index;
};

/* Place of byte `offset` of the leaf's text. */
struct pos leaf_pos(const struct leaf *l, size_t offset);
/* False with a diag when the template is not well formed. */
bool leaf_compile(struct leaf *l, enum template_syntax syntax, struct arena *a, struct diags *d);
/* The text for these variables; an undefined one is an error with the template's place. */
int leaf_text(const struct leaf *l, const json_t *vars, struct str *out, struct arena *a,
	      struct err *err) MUST_USE;
/* As leaf_text; a whole-leaf {{x}} keeps x's type. */
int leaf_value(const struct leaf *l, const json_t *vars, const json_t **out, struct arena *a,
	       struct err *err) MUST_USE;

struct leaf_node {
	const json_t *value; /* whole, when nothing below is a template; else NULL */
	struct leaf *leaf;
	const char **key; /* object members; NULL for an array */
	struct leaf_node **child;
	size_t n;
};

/* The node of the value at (container, key or index).  Templates that are not well formed are
 * diags; the node then holds their text. */
struct leaf_node *leaf_node_build(const struct doc *doc, const json_t *container, const char *key,
				  size_t index, const json_t *value, struct arena *a,
				  struct diags *d);
/* A constant. */
struct leaf_node *leaf_node_const(const json_t *value, struct arena *a);
/* An object of given members; a constant when all of them are. */
struct leaf_node *leaf_node_object(const char **key, struct leaf_node **child, size_t n,
				   struct arena *a);
int leaf_node_render(const struct leaf_node *n, const json_t *vars, const json_t **out,
		     struct arena *a, struct err *err) MUST_USE;
/* Call fn for every template below. */
void leaf_node_each(const struct leaf_node *n, void (*fn)(const struct leaf *l, void *ctx),
		    void *ctx);

#endif
