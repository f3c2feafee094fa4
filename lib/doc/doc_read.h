/* What doc_yaml.c and doc_json.c share: the document being built, its budget of nodes and its
 * list of mistakes.  For doc*.c only. */
#ifndef DOC_DOC_READ_H
#define DOC_DOC_READ_H

#include "doc/doc.h"
#include "doc/srcmap.h"

struct doc_reader {
	struct doc *doc;
	struct arena *arena;
	struct diags *diags;
	size_t nodes;
	size_t errors_before;
	bool stop; /* a cap was reached or the syntax is broken: read no further */
};

/* Readers of one syntax: the tree (the caller owns it) or NULL; mistakes go to r->diags. */
json_t *doc_json_read(struct doc_reader *r);
json_t *doc_yaml_read(struct doc_reader *r);

/* Count n nodes; false, with a mistake, past the cap. */
bool doc_reader_count(struct doc_reader *r, size_t n, size_t at);
/* False, with a mistake, when `depth` is past the cap. */
bool doc_reader_depth(struct doc_reader *r, unsigned depth, size_t at);
/* Put a member in place; a key that is there already is a mistake that names both places. */
void doc_reader_member(struct doc_reader *r, json_t *object, const char *key, size_t key_at,
		       json_t *value, size_t value_at);

/* The graft at this member, or NULL; the document whose map knows this container. */
const struct doc_graft *doc_graft_find(const struct doc *d, const json_t *object, const char *key);
const struct doc *doc_home(const struct doc *d, const json_t *container);

#endif
