/* struct jsonpath: a JSONPath query (RFC 9535, all of it), compiled once and put to any JSON
 * value.  The functions are the RFC's five; the patterns of match() and search() run through
 * doc/regex.h with its limits.  A compiled query lives in the arena and, for its patterns, is
 * not for two threads at once.  What a query may visit and select is capped; reaching a cap is
 * an error, never a short list. */
#ifndef DOC_JSONPATH_H
#define DOC_JSONPATH_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>

struct jsonpath;

struct jsonpath_node {
	const json_t *value; /* borrowed from the root */
	struct str path;     /* $['a'][0]: only from jsonpath_query_paths */
};

struct jsonpath_nodes {
	VEC(struct jsonpath_node) list;
};

/* The error's col is the place in `path`, from 1.  A pattern that stands as a literal in
 * match() or search() must be valid too; one from the document that is not matches nothing. */
int jsonpath_compile(struct jsonpath **out, struct str path, struct arena *a, struct err *err)
	MUST_USE;
/* At most one node whatever the document: names and indexes alone. */
bool jsonpath_is_singular(const struct jsonpath *p);
/* The nodes in document order; *out is set anew, its memory is the arena's. */
int jsonpath_query(const struct jsonpath *p, const json_t *root, struct jsonpath_nodes *out,
		   struct arena *a, struct err *err) MUST_USE;
/* The same with the normalized path of each. */
int jsonpath_query_paths(const struct jsonpath *p, const json_t *root, struct jsonpath_nodes *out,
			 struct arena *a, struct err *err) MUST_USE;

#endif
