/* struct schema: a compiled JSON Schema, draft 2020-12 or draft-07.  Patterns are compiled and
 * references resolved once; nothing is fetched: a reference to a document that was not given
 * is an error at compile time.  `format` and content keywords annotate only unless asked. */
#ifndef DOC_SCHEMA_H
#define DOC_SCHEMA_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "doc/doc.h"

#include <jansson.h>
#include <stdbool.h>

struct schema;

enum schema_draft { SCHEMA_DRAFT_2020, SCHEMA_DRAFT_7 };

/* A document that references may name by its URI. */
struct schema_extra {
	const char *uri;
	const json_t *root;
};

struct schema_opts {
	enum schema_draft draft; /* where `$schema` does not say */
	const struct schema_extra *extra;
	size_t n_extra;
	bool assert_format;
};

struct schema_failure {
	const char *instance; /* JSON Pointer of the value */
	const char *schema;   /* JSON Pointer of the keyword */
	const char *keyword;
	const char *msg; /* a person's words */
};

/* Collects failures; texts live in the arena. */
struct schema_report {
	struct arena *arena;
	VEC(struct schema_failure) list;
};

/* opts may be NULL.  The schema (and extras) must outlive the result; both live in `a`.
 * err: ERR_ARTIFACT, with the pointer of the faulty keyword in the text. */
int schema_compile(struct schema **out, const json_t *schema, const struct schema_opts *opts,
		   struct arena *a, struct err *err) MUST_USE;
/* Is the value valid?  rep may be NULL (faster).  A limit reached counts as invalid and is
 * reported as keyword "limit". */
bool schema_valid(const struct schema *s, const json_t *value, struct schema_report *rep,
		  struct arena *scratch);
/* Turn every mistake of d->root into one located diag: rules `unknown-key`, `missing-key`,
 * `wrong-type`, `not-allowed`, or `rule` for the rest.  True when there was none. */
bool schema_check_doc(const struct schema *s, const struct doc *d, struct diags *out,
		      const char *rule);

#endif
