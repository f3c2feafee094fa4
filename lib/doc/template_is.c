/* The tests: `x is defined` and its kin. */
#include "base/suggest.h"
#include "doc/template_filter.h"

#include <math.h>

#define TEST(name)                                                                            \
	static int name(struct template_run *r, const struct template_expr *at, const json_t *in, \
			const json_t *arg, bool *out)
#define UNUSED (void)r, (void)at, (void)in, (void)arg

/* A test that only looks at the value. */
#define SIMPLE(name, condition)    \
	TEST(name)                 \
	{                          \
		UNUSED;            \
		*out = (condition); \
		return 0;          \
	}

SIMPLE(is_defined, in != NULL)
SIMPLE(is_undefined, in == NULL)
SIMPLE(is_none, json_is_null(in))
SIMPLE(is_string, json_is_string(in))
SIMPLE(is_number, json_is_number(in))
SIMPLE(is_integer, json_is_integer(in))
SIMPLE(is_float, json_is_real(in))
SIMPLE(is_boolean, json_is_boolean(in))
SIMPLE(is_true, json_is_true(in))
SIMPLE(is_false, json_is_false(in))
SIMPLE(is_mapping, json_is_object(in))
SIMPLE(is_sequence, json_is_array(in) || json_is_string(in))
SIMPLE(is_iterable, json_is_array(in) || json_is_string(in) || json_is_object(in))
SIMPLE(is_truthy, template_truthy(in))
SIMPLE(is_falsy, !template_truthy(in))

static int want_whole(struct template_run *r, const struct template_expr *at, const json_t *j)
{
	if (json_is_integer(j))
		return 0;
	return template_fail(r->e, at->offset, NULL, "test '%s' wants a whole number, found %s",
			     at->test->name, template_type(j));
}

TEST(is_odd)
{
	(void)arg;
	*out = json_integer_value(in) % 2 != 0;
	return want_whole(r, at, in);
}

TEST(is_even)
{
	(void)arg;
	*out = json_integer_value(in) % 2 == 0;
	return want_whole(r, at, in);
}

TEST(is_divisible)
{
	json_int_t by = json_integer_value(arg);
	if (want_whole(r, at, in) || want_whole(r, at, arg))
		return -1;
	if (!by)
		return template_fail(r->e, at->offset, NULL, "division by zero");
	*out = by == -1 || json_integer_value(in) % by == 0;
	return 0;
}

/* Through the operators, so that both say the same. */
static int by_operator(struct template_run *r, const struct template_expr *at, enum template_op op,
		       const json_t *in, const json_t *arg, bool *out)
{
	struct template_expr x = { .kind = EXPR_BINARY, .op = op, .offset = at->offset };
	const json_t *j;
	if (template_binary(r, &x, in, arg, &j))
		return -1;
	*out = json_is_true(j);
	return 0;
}

#define BY_OPERATOR(name, op)                                    \
	TEST(name)                                               \
	{                                                        \
		return by_operator(r, at, op, in, arg, out);     \
	}

BY_OPERATOR(is_eq, OP_EQ)
BY_OPERATOR(is_ne, OP_NE)
BY_OPERATOR(is_lt, OP_LT)
BY_OPERATOR(is_le, OP_LE)
BY_OPERATOR(is_gt, OP_GT)
BY_OPERATOR(is_ge, OP_GE)
BY_OPERATOR(is_in, OP_IN)

static int same_after(struct template_run *r, const struct template_expr *at, const json_t *in,
		      int (*apply)(struct template_run *, const struct template_expr *,
				   const json_t *, const json_t *const *, const json_t **),
		      bool *out)
{
	const json_t *none[TEMPLATE_ARGS] = { NULL }, *folded;
	*out = false;
	if (!json_is_string(in))
		return 0;
	return apply(r, at, in, none, &folded) ? -1 :
						 template_same(r, at->offset, in, folded, out);
}

TEST(is_lower)
{
	(void)arg;
	return same_after(r, at, in, template_lower, out);
}

TEST(is_upper)
{
	(void)arg;
	return same_after(r, at, in, template_upper, out);
}

static const struct template_test tests[] = {
	{ "defined", is_defined, 0, true },
	{ "undefined", is_undefined, 0, true },
	{ "none", is_none, 0, false },
	{ "null", is_none, 0, false },
	{ "string", is_string, 0, false },
	{ "number", is_number, 0, false },
	{ "integer", is_integer, 0, false },
	{ "float", is_float, 0, false },
	{ "boolean", is_boolean, 0, false },
	{ "true", is_true, 0, false },
	{ "false", is_false, 0, false },
	{ "mapping", is_mapping, 0, false },
	{ "sequence", is_sequence, 0, false },
	{ "iterable", is_iterable, 0, false },
	{ "truthy", is_truthy, 0, false },
	{ "falsy", is_falsy, 0, false },
	{ "odd", is_odd, 0, false },
	{ "even", is_even, 0, false },
	{ "divisibleby", is_divisible, 1, false },
	{ "eq", is_eq, 1, false },
	{ "equalto", is_eq, 1, false },
	{ "ne", is_ne, 1, false },
	{ "lt", is_lt, 1, false },
	{ "lessthan", is_lt, 1, false },
	{ "le", is_le, 1, false },
	{ "gt", is_gt, 1, false },
	{ "greaterthan", is_gt, 1, false },
	{ "ge", is_ge, 1, false },
	{ "in", is_in, 1, false },
	{ "lower", is_lower, 0, false },
	{ "upper", is_upper, 0, false },
};

const struct template_test *template_test_find(struct str name)
{
	static const char *const sign[][2] = { { "==", "eq" }, { "!=", "ne" }, { "<", "lt" },
					       { "<=", "le" }, { ">", "gt" },  { ">=", "ge" } };
	for (size_t i = 0; i < ARRAY_LEN(sign); i++)
		if (str_eqc(name, sign[i][0]))
			name = str_c(sign[i][1]);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		if (str_eqc(name, tests[i].name))
			return &tests[i];
	return NULL;
}

struct str template_test_near(struct str name)
{
	struct suggest near = SUGGEST_INIT(name);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		suggest_offer(&near, str_c(tests[i].name));
	return suggest_best(&near);
}
