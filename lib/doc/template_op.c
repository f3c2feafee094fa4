/* The binary operators. */
#include "base/limits.h"
#include "doc/template_eval.h"
#include "doc/template_node.h"

#include <math.h>

static const char *op_text(enum template_op op)
{
	static const char *const text[] = { "+",  "-",	"*", "/",  "//", "%",  "**", "~",
					    "==", "!=", "<", "<=", ">",	 ">=", "in", "not in" };
	return text[op];
}

static struct str text_of(const json_t *j)
{
	return (struct str){ json_string_value(j), json_string_length(j) };
}

static int mismatch(struct template_run *r, const struct template_expr *x, const json_t *a,
		    const json_t *b)
{
	bool text = x->op == OP_ADD && (json_is_string(a) || json_is_string(b));
	return template_fail(r->e, x->offset,
			     text ? "join text with ~, or make numbers with the filters int and float" : NULL,
			     "'%s' cannot work on %s and %s", op_text(x->op), template_type(a),
			     template_type(b));
}

static int concat(struct template_run *r, const struct template_expr *x, const json_t *a,
		  const json_t *b, const json_t **out)
{
	struct buf t;
	buf_init(&t, TEMPLATE_OUT_MAX);
	template_add_text(&t, a);
	template_add_text(&t, b);
	return template_take_buf(r, x->offset, &t, out);
}

static int join_lists(struct template_run *r, const struct template_expr *x, const json_t *a,
		      const json_t *b, const json_t **out)
{
	json_t *list = json_array();
	*out = template_own(r, list);
	for (size_t i = 0; i < json_array_size(a) + json_array_size(b); i++) {
		size_t n = json_array_size(a);
		if (template_append(r, x->offset, list,
				    i < n ? json_array_get(a, i) : json_array_get(b, i - n)))
			return -1;
	}
	return 0;
}

/* Whole results of whole operands, when they fit; false leaves it to reals. */
static bool integers(enum template_op op, int64_t a, int64_t b, int64_t *out)
{
	if (op == OP_ADD)
		return !__builtin_add_overflow(a, b, out);
	if (op == OP_SUB)
		return !__builtin_sub_overflow(a, b, out);
	if (op == OP_MUL)
		return !__builtin_mul_overflow(a, b, out);
	if (!b || b == -1 || op == OP_POW)
		return false;
	int64_t rest = a % b;
	bool down = rest && (rest < 0) != (b < 0);
	if (op == OP_DIV && rest)
		return false;
	*out = op == OP_MOD ? rest + (down ? b : 0) : a / b - down;
	return true;
}

static double reals(enum template_op op, double a, double b)
{
	switch (op) {
	case OP_ADD:
		return a + b;
	case OP_SUB:
		return a - b;
	case OP_MUL:
		return a * b;
	case OP_DIV:
		return a / b;
	case OP_FLOOR_DIV:
		return floor(a / b);
	case OP_MOD:
		return a - b * floor(a / b);
	case OP_POW:
		return pow(a, b);
	case OP_CONCAT:
	case OP_EQ:
	case OP_NE:
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
	case OP_IN:
	case OP_NOT_IN:
		break;
	}
	return NAN;
}

static json_int_t whole(const json_t *j)
{
	return json_is_boolean(j) ? json_is_true(j) : json_integer_value(j);
}

static int arithmetic(struct template_run *r, const struct template_expr *x, const json_t *a,
		      const json_t *b, const json_t **out)
{
	if (x->op == OP_ADD && json_is_string(a) && json_is_string(b))
		return concat(r, x, a, b, out);
	if (x->op == OP_ADD && json_is_array(a) && json_is_array(b))
		return join_lists(r, x, a, b, out);
	if (!template_is_number(a) || !template_is_number(b))
		return mismatch(r, x, a, b);
	double right = template_number(b);
	if (right == 0 && (x->op == OP_DIV || x->op == OP_FLOOR_DIV || x->op == OP_MOD))
		return template_fail(r->e, x->offset, NULL, "division by zero");
	int64_t i;
	if (json_is_real(a) || json_is_real(b) || !integers(x->op, whole(a), whole(b), &i))
		return template_make_number(r, x->offset, reals(x->op, template_number(a), right), out);
	if (template_work(r, x->offset, 64))
		return -1;
	*out = template_own(r, json_integer(i));
	return 0;
}

static int order(struct template_run *r, const struct template_expr *x, const json_t *a,
		 const json_t *b, bool *out)
{
	int c;
	if (json_is_string(a) && json_is_string(b)) {
		struct str s = text_of(a), t = text_of(b);
		if (template_work(r, x->offset, s.n < t.n ? s.n : t.n))
			return -1;
		c = str_cmp(s, t);
	} else if (json_is_integer(a) && json_is_integer(b)) {
		json_int_t i = json_integer_value(a), k = json_integer_value(b);
		c = (i > k) - (i < k);
	} else if (template_is_number(a) && template_is_number(b)) {
		double d = template_number(a), e = template_number(b);
		c = (d > e) - (d < e);
	} else {
		return mismatch(r, x, a, b);
	}
	*out = x->op == OP_LT ? c < 0 : x->op == OP_LE ? c <= 0 : x->op == OP_GT ? c > 0 : c >= 0;
	return 0;
}

static int contains(struct template_run *r, const struct template_expr *x, const json_t *a,
		    const json_t *b, bool *out)
{
	*out = false;
	if (json_is_string(b) && json_is_string(a)) {
		*out = str_find(text_of(b), text_of(a), 0) >= 0;
		return template_work(r, x->offset, json_string_length(b));
	}
	if (json_is_object(b) && json_is_string(a)) {
		*out = json_object_getn(b, json_string_value(a), json_string_length(a)) != NULL;
		return 0;
	}
	if (!json_is_array(b))
		return mismatch(r, x, a, b);
	for (size_t i = 0; !*out && i < json_array_size(b); i++)
		if (template_same(r, x->offset, a, json_array_get(b, i), out))
			return -1;
	return 0;
}

int template_binary(struct template_run *r, const struct template_expr *x, const json_t *a,
		    const json_t *b, const json_t **out)
{
	bool yes = false;
	int rc;
	if (x->op == OP_CONCAT)
		return concat(r, x, a, b, out);
	if (x->op < OP_CONCAT)
		return arithmetic(r, x, a, b, out);
	if (x->op == OP_EQ || x->op == OP_NE)
		rc = template_same(r, x->offset, a, b, &yes);
	else if (x->op == OP_IN || x->op == OP_NOT_IN)
		rc = contains(r, x, a, b, &yes);
	else
		rc = order(r, x, a, b, &yes);
	*out = template_make_bool(yes != (x->op == OP_NE || x->op == OP_NOT_IN));
	return rc;
}
