/* The tree of a compiled template, shared by its compiler and its evaluator alone.  Nodes are
 * written once by template_parse.c and template_expr.c, then read-only; they and the copy of
 * the text live in the arena of template_compile.  Offsets count bytes of the text. */
#ifndef DOC_TEMPLATE_NODE_H
#define DOC_TEMPLATE_NODE_H

#include "base/arena.h"
#include "doc/template.h"

struct template_filter;
struct template_test;
struct mustache;

enum template_op {
	OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_FLOOR_DIV, OP_MOD, OP_POW, OP_CONCAT,
	OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_IN, OP_NOT_IN,
};

enum template_expr_kind {
	EXPR_LITERAL, /* literal */
	EXPR_NAME,    /* name */
	EXPR_MEMBER,  /* a.name; a number in `name` counts into an array */
	EXPR_INDEX,   /* a[b] */
	EXPR_SLICE,   /* a[b:c], either may be NULL */
	EXPR_LIST,    /* arg */
	EXPR_DICT,    /* arg: key, value, key, value… */
	EXPR_NEGATE, EXPR_PLUS, EXPR_NOT, EXPR_AND, EXPR_OR,
	EXPR_BINARY,  /* a op b */
	EXPR_COND,    /* a if b else c; c may be NULL */
	EXPR_FILTER,  /* a | filter(arg) */
	EXPR_TEST,    /* a is [not] test(arg) */
	EXPR_RANGE,   /* range(arg) */
	EXPR_METHOD,  /* a.items(), a.keys(), a.values(): name */
};

/* The most arguments any filter, test or range takes. */
enum { TEMPLATE_ARGS = 4 };

struct template_expr {
	enum template_expr_kind kind;
	enum template_op op;
	size_t offset;
	unsigned height; /* of the tree below: bounds the evaluator's stack */
	bool paren, negated;
	struct str name;
	const json_t *literal;
	struct template_expr *a, *b, *c;
	struct template_expr **arg; /* NULL entries were not given */
	size_t nargs;
	const struct template_filter *filter; /* for map('upper') in `inner_filter` */
	const struct template_filter *inner_filter;
	const struct template_test *test; /* also the test of select() and its kin */
};

enum template_stmt_kind { STMT_TEXT, STMT_OUT, STMT_IF, STMT_FOR, STMT_SET, STMT_SET_BLOCK };

struct template_stmt {
	enum template_stmt_kind kind;
	size_t offset;
	struct str text;            /* STMT_TEXT */
	struct template_expr *expr; /* NULL in the `else` branch of an if */
	struct template_stmt *body;
	struct template_stmt *other; /* next branch of an if; the else body of a for */
	struct template_stmt *next;
	struct str *target; /* names that for and set bind */
	size_t ntarget;
};

struct template {
	enum template_syntax syntax;
	struct str text;
	struct template_stmt *body;
	struct mustache *mustache;
};

/* Fill *e and return -1.  `hint` may be NULL. */
int template_fail(struct template_error *e, size_t offset, const char *hint, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

int template_parse(struct template *t, struct arena *a, struct template_error *e) MUST_USE;
int template_parse_plain(struct template *t, struct arena *a, struct template_error *e) MUST_USE;

#endif
