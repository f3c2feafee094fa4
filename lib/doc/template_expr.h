/* The parser of template expressions: from the lexer's current token to a tree. */
#ifndef DOC_TEMPLATE_EXPR_H
#define DOC_TEMPLATE_EXPR_H

#include "doc/template_lex.h"
#include "doc/template_node.h"

struct template_parser {
	struct template_lexer x;
	unsigned depth; /* of tags and brackets */
};

/* One expression; the token after it is loaded. */
int template_expr(struct template_parser *p, struct template_expr **out) MUST_USE;
/* The same without `a if b else c`, for the head of a loop. */
int template_expr_plain(struct template_parser *p, struct template_expr **out) MUST_USE;
/* One level deeper, within the cap; the caller steps p->depth back. */
int template_enter(struct template_parser *p) MUST_USE;
/* Take the token `op`, or fail saying what was expected. */
int template_expect(struct template_parser *p, const char *op) MUST_USE;
struct template_expr *template_expr_new(struct template_parser *p, enum template_expr_kind kind,
					size_t offset);

#endif
