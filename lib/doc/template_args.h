/* Filters, tests and argument lists of template expressions: names looked up and arguments
 * put in their parameters' places when the template is compiled. */
#ifndef DOC_TEMPLATE_ARGS_H
#define DOC_TEMPLATE_ARGS_H

#include "doc/template_expr.h"

/* `(a, b, key=c)` into n->arg in the order of `param`; the bracket is the current token.
 * `what` names the owner in errors. */
int template_args(struct template_parser *p, struct template_expr *n, const char *const *param,
		  unsigned required, const char *what) MUST_USE;
/* `| name(args)` and `is [not] name(args)` after *out, which they wrap. */
int template_filter_expr(struct template_parser *p, struct template_expr **out) MUST_USE;
int template_test_expr(struct template_parser *p, struct template_expr **out) MUST_USE;

#endif
