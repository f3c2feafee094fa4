/* The tree of a compiled JSONPath, shared by its parser and its evaluator alone. */
#ifndef DOC_JSONPATH_NODE_H
#define DOC_JSONPATH_NODE_H

#include "doc/jsonpath.h"
#include "doc/regex.h"

#include <stdint.h>

enum jsonpath_select { SELECT_NAME, SELECT_ALL, SELECT_INDEX, SELECT_SLICE, SELECT_FILTER };

struct jsonpath_selector {
	enum jsonpath_select kind;
	struct str name;
	int64_t from, to, step; /* an index is in `from` */
	bool has_from, has_to;
	struct jsonpath_expr *filter;
	struct jsonpath_selector *next;
};

struct jsonpath_segment {
	bool descend;
	struct jsonpath_selector *selector;
	struct jsonpath_segment *next;
};

struct jsonpath {
	bool relative; /* @ rather than $ */
	bool singular;
	struct jsonpath_segment *segment;
};

enum jsonpath_function { CALL_LENGTH, CALL_COUNT, CALL_MATCH, CALL_SEARCH, CALL_VALUE };

enum jsonpath_expr_kind {
	TEST_OR, TEST_AND, TEST_NOT, TEST_COMPARE,
	TERM_LITERAL, TERM_QUERY, TERM_CALL,
};

enum jsonpath_compare { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

struct jsonpath_expr {
	enum jsonpath_expr_kind kind;
	enum jsonpath_compare compare;
	enum jsonpath_function function;
	struct jsonpath_expr *a, *b; /* operands, arguments */
	struct jsonpath *query;
	const json_t *literal;
	struct regex *regex; /* of a literal pattern */
};

/* RFC 9485 pattern to doc/regex.h; `whole` for match().  0 or -1. */
int jsonpath_regex(struct regex **out, struct str pattern, bool whole, struct arena *a,
		   struct err *err) MUST_USE;

#endif
