/* Evaluation of template expressions over JSON values.  Every value made on the way dies with
 * the arena of the run; a NULL value is an undefined one and only default(), `is defined` and
 * their kin may see it.  Steps, bytes and nesting are capped (limits.h). */
#ifndef DOC_TEMPLATE_EVAL_H
#define DOC_TEMPLATE_EVAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "doc/template.h"

struct template_expr;

struct template_binding {
	struct str name;
	const json_t *value;
	struct template_binding *next;
};

/* Names that for and set bind.  A loop has its own. */
struct template_scope {
	struct template_binding *first;
	struct template_scope *up;
	bool loop;
	size_t index, length;
	const json_t *loop_value; /* made when first asked for in an iteration */
};

struct template_run {
	const json_t *vars;
	struct arena *a;
	struct buf *out;
	struct template_scope *scope;
	size_t steps, work;
	struct template_error *e;
};

/* The value; undefined is an error that names what is missing. */
int template_eval(struct template_run *r, const struct template_expr *x, const json_t **out) MUST_USE;
/* The value or NULL for undefined. */
int template_eval_maybe(struct template_run *r, const struct template_expr *x,
			const json_t **out) MUST_USE;
/* The operators, in template_op.c. */
int template_binary(struct template_run *r, const struct template_expr *x, const json_t *a,
		    const json_t *b, const json_t **out) MUST_USE;

/* Count one step or n bytes of work; -1 when the cap is reached. */
int template_step(struct template_run *r, size_t offset) MUST_USE;
int template_work(struct template_run *r, size_t offset, size_t n) MUST_USE;

/* Values of template_value.c. */
const json_t *template_own(struct template_run *r, json_t *j);
int template_make_str(struct template_run *r, size_t offset, struct str s, const json_t **out) MUST_USE;
/* The text of s without its copy: buf becomes the value and is released. */
int template_take_buf(struct template_run *r, size_t offset, struct buf *b, const json_t **out) MUST_USE;
const json_t *template_make_bool(bool b);
/* Fails on what is not finite. */
int template_make_number(struct template_run *r, size_t offset, double x, const json_t **out) MUST_USE;
bool template_truthy(const json_t *j);
/* A boolean counts as 0 or 1. */
bool template_is_number(const json_t *j);
double template_number(const json_t *j);
/* Deep equality; 1, 1.0 and true are equal. */
int template_same(struct template_run *r, size_t offset, const json_t *a, const json_t *b,
		  bool *out) MUST_USE;
/* What {{ j }} prints: text as it is, null as nothing, lists and objects as compact JSON. */
void template_add_text(struct buf *b, const json_t *j);
/* JSON; indent 0 is compact. */
void template_add_json(struct buf *b, const json_t *j, unsigned indent);
/* The text of a string, number or boolean; fails on the rest, naming `what`. */
int template_scalar_text(struct template_run *r, const struct template_expr *at, const json_t *j,
			 const char *what, struct str *out) MUST_USE;
/* Items of an array, code points of a string, keys of an object; fails on the rest. */
int template_items(struct template_run *r, const struct template_expr *at, const json_t *j,
		   const char *what, const json_t **out) MUST_USE;
/* [key, value] of every member of an object; fails on the rest. */
int template_pairs(struct template_run *r, const struct template_expr *at, const json_t *j,
		   const json_t **out) MUST_USE;
/* Append a borrowed value to a list made in this run. */
int template_append(struct template_run *r, size_t offset, json_t *list, const json_t *item) MUST_USE;
/* Nesting of a value made in this run is within the cap. */
int template_check_depth(struct template_run *r, size_t offset, const json_t *j) MUST_USE;
/* Member or index by text, NULL when absent. */
const json_t *template_member(const json_t *j, struct str name);
const char *template_type(const json_t *j);

#endif
