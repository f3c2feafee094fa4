/* The inside of a compiled schema.  For schema*.c only.
 *
 * A resource is a schema with a URI of its own; a node is one compiled subschema; a rule is
 * one keyword of it.  Nodes are compiled from a work list, so chains of references cost no stack. */
#ifndef DOC_SCHEMA_IMPL_H
#define DOC_SCHEMA_IMPL_H

#include "base/map.h"
#include "doc/regex.h"
#include "doc/schema.h"

struct schema_resource {
	struct str uri; /* absolute, without fragment */
	const json_t *root;
	struct map anchor;  /* name to json_t */
	struct map dynamic; /* those of $dynamicAnchor */
	enum schema_draft draft;
	bool validates; /* its dialect has the validation vocabulary */
	bool formats;   /* `format` asserts */
	bool touched;   /* a node of it was compiled */
};

struct schema_node;
struct schema_rule;
struct schema_eval;

/* One instance value and the way to it. */
struct schema_at {
	const struct schema_at *up;
	const json_t *value;
	const char *key; /* NULL for an item or the root */
	size_t index;
};

/* What a node has looked at: for unevaluatedProperties and unevaluatedItems. */
struct schema_marks {
	struct map keys;
	bool *items;
	size_t n_items; /* all below are looked at */
};

typedef bool schema_check(struct schema_eval *e, const struct schema_rule *r,
			  const struct schema_at *at, struct schema_marks *m);

struct schema_pattern {
	struct str text;
	struct regex *re;
	struct schema_node *node;
};

struct schema_rule {
	const char *keyword;
	schema_check *check;
	const json_t *value;
	const struct schema_node *owner;
	/* As the keyword has it: branches, members, or one. */
	struct schema_node *node;
	struct schema_node **list;
	size_t n;
	struct map members; /* name to node */
	struct schema_pattern *pattern;
	size_t n_pattern;
	double low, high; /* minContains, maxContains */
	unsigned types;
	struct str dynamic; /* $dynamicRef's name when it is dynamic */
	int format;
};

struct schema_node {
	const json_t *json;
	struct schema_resource *res;
	VEC(struct schema_rule) rule;
	int fixed; /* 1 true, 0 false, -1 by rules */
};

struct schema {
	struct arena *arena;
	struct schema_node *root;
	VEC(struct schema_resource *) resources;
	struct map by_uri;  /* resources */
	struct map by_json; /* address of an object to its resource */
	struct map nodes;   /* address of an object to its node */
	struct schema_node *always, *never;
	VEC(struct schema_node *) pending;
	VEC(struct str) dynamic_names;
	const struct schema_opts *opts;
	bool marks; /* some node uses unevaluated* */
};

/* schema_uri.c: reference resolution of RFC 3986, §5. */
struct str schema_uri_join(struct str base, struct str ref, struct arena *a);
/* Cut at '#'; the fragment is percent-decoded, absent when there is none. */
struct str schema_uri_cut(struct str uri, struct str *fragment, struct arena *a);

/* schema_index.c */
int schema_index_document(struct schema *s, const json_t *j, struct str uri, enum schema_draft draft,
			  struct err *err);
struct schema_resource *schema_resource_of(const struct schema *s, const json_t *j);
/* The subschema that a reference in `from` names, and its resource. */
int schema_resolve(struct schema *s, struct schema_resource *from, struct str ref,
		   const json_t **target, struct schema_resource **res, struct str *dynamic,
		   struct err *err);
/* The bundled meta-schema of that URI. */
bool schema_meta_load(struct schema *s, struct str uri);
struct str schema_key_of(const json_t *const *j);

/* schema_eval.c */
struct schema_fail {
	const struct schema_at *at; /* copied into the arena */
	const struct schema_rule *rule;
	const char *key; /* of the member or name the failure is about, or NULL */
	const char *msg, *hint;
	const char *id; /* the rule id of a diag, or NULL */
	bool at_key;    /* the mistake is the key, not the value */
	unsigned depth;
};

struct schema_eval {
	const struct schema *schema;
	struct arena *arena;
	struct schema_fails *list; /* NULL: only yes or no is asked */
	const struct schema_resource **scope;
	size_t n_scope, cap_scope;
	size_t steps, depth, told;
	bool limit; /* one was reached: nothing holds any more */
	struct schema_fail why;
};

struct schema_fails {
	VEC(struct schema_fail) list;
};

bool schema_eval_node(struct schema_eval *e, const struct schema_node *n, const struct schema_at *at,
		      struct schema_marks *m);
void schema_run(struct schema_eval *e, const struct schema *s, const json_t *value,
		struct schema_fails *fails, struct arena *a, bool *ok);
schema_check *schema_check_named(const char *keyword);

/* schema_equal.c */
bool schema_equal(const json_t *a, const json_t *b);
uint64_t schema_hash(const json_t *j);
int schema_compare(const json_t *a, const json_t *b);
bool schema_is_integer(const json_t *j);
bool schema_multiple(const json_t *x, const json_t *of);

/* schema_words.c: failures in a person's words. */
enum { TYPE_NULL = 1, TYPE_BOOLEAN = 2, TYPE_OBJECT = 4, TYPE_ARRAY = 8, TYPE_NUMBER = 16,
       TYPE_STRING = 32, TYPE_INTEGER = 64 };
unsigned schema_type_bit(struct str name);
void schema_fail(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at);
void schema_fail_key(struct schema_eval *e, const struct schema_rule *r, const struct schema_at *at,
		     const char *key);
/* Ends the evaluation: no answer but this one is given. */
void schema_fail_limit(struct schema_eval *e, const struct schema_at *at, const char *what);
/* None of the branches fits: keep the failures of the one that was meant. */
void schema_fail_branches(struct schema_eval *e, const struct schema_rule *r,
			  const struct schema_at *at, struct schema_fails *branch, size_t n);
/* Names that `properties` of this node and of those it applies in place list. */
void schema_known_names(const struct schema_node *n, struct map *out, unsigned depth);

/* schema_format.c: -1 for a format that is not known (and never fails). */
int schema_format_id(struct str name);
bool schema_format_ok(int format, struct str text);

#endif
