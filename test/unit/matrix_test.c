/* Matrix files: combinations in order, their names, what is refused; and overlays: what is called, what stays,
 * and where a mistake in a replaced member stands. */
#include "suite/matrix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define F(p, t) { .path = (p), .bytes = STR_INIT(t) }

struct rig {
	struct arena arena;
	struct diags diags;
	struct matrix matrix;
	struct project project;
	int rc;
};

static void read(struct rig *r, const char *text)
{
	*r = (struct rig){ .rc = -1 };
	diags_init(&r->diags, &r->arena);
	r->rc = matrix_read(&r->matrix, str_c(text), "m.yaml", &r->arena, &r->diags);
	assert_int_equal(r->rc != 0, r->diags.errors > 0);
}

static void names_in_order(void **state)
{
	(void)state;
	struct rig r;
	read(&r, "version: 1\ntarget: t\nprompts: [a.md, [{role: user, content: x}]]\n"
		 "models: [m, {id: m}, {id: n, region: eu}]\n");
	assert_int_equal(r.rc, 0);
	assert_int_equal(r.matrix.n, 6);
	static const char *const want[] = {
		"a.md · m (model 1)", "a.md · m (model 2)", "a.md · n in eu",
		"prompt 2 · m (model 1)", "prompt 2 · m (model 2)", "prompt 2 · n in eu",
	};
	for (size_t i = 0; i < r.matrix.n; i++)
		assert_string_equal(r.matrix.combination[i].name, want[i]);
	arena_release(&r.arena);
}

static void refused(const char *text, unsigned line, unsigned col, const char *rule)
{
	struct rig r;
	read(&r, text);
	assert_int_equal(r.rc, -1);
	assert_string_equal(r.diags.list.v[0].rule, rule);
	assert_int_equal(r.diags.list.v[0].at.line, line);
	assert_int_equal(r.diags.list.v[0].at.col, col);
	arena_release(&r.arena);
}

static void shapes(void **state)
{
	(void)state;
	refused("version: 1\ntarget: t\n", 1, 1, "matrix");
	refused("version: 1\ntarget: t\nmodels: [m]\n", 1, 1, "matrix");
	refused("version: 1\ntarget: t\nmodles: [m, n]\n", 3, 1, "unknown-key");
	refused("version: 1\nmodels: [m, n]\n", 1, 1, "missing-key");
	refused("version: 1\ntarget: t\nmodels: [m, 7]\n", 3, 13, "wrong-type");
	refused("version: 1\ntarget: t\nprompts: [a, {sistem: b}]\n", 3, 15, "unknown-key");
	refused("[]\n", 1, 1, "wrong-type");
}

static void load(struct rig *r, size_t at)
{
	static const struct tree_mem file[] = {
		F("gate.yaml", "version: 1\ntargets:\n  t: {provider: p, prompt: a.md, model: old, params: {x: 1}}\n"
			       "suites:\n  s: {target: t, cases: c.jsonl, metrics: {j: {scorer: judge, with: t}}}\n"
			       "  other: {target: u, cases: none.jsonl, metrics: {j: {scorer: equals}}}\n"),
		F("a.md", "ask {{q}}"),
		F("c.jsonl", "{\"id\":\"1\",\"q\":\"x\"}\n"),
	};
	struct tree *tree;
	struct err err = ERR_INIT;
	assert_int_equal(tree_memory(&tree, file, ARRAY_LEN(file), &r->arena, &err), 0);
	const struct project_opts o = { .commit = tree, .policy = tree, .overlay = &r->matrix.combination[at] };
	r->rc = project_load(&r->project, &o, &r->arena, &r->diags, &err);
}

static const struct suite_conf *suite(const struct rig *r, const char *name)
{
	for (size_t i = 0; i < r->project.nsuite; i++)
		if (!strcmp(r->project.suite[i].name, name))
			return &r->project.suite[i];
	fail_msg("no suite '%s'", name);
	return NULL;
}

static void the_target_changes_and_the_judge_stays(void **state)
{
	(void)state;
	struct rig r;
	read(&r, "version: 1\ntarget: t\nmodels: [m, n]\n");
	load(&r, 1);
	const struct suite_conf *s = suite(&r, "s");
	assert_true(str_eqc(s->target->endpoint.model, "n"));
	assert_true(str_eqc(s->metric[0].judge->endpoint.model, "old"));
	assert_true(s->wanted && !suite(&r, "other")->wanted);
	/* The suite of a target that is nowhere is the one mistake. */
	assert_int_equal(r.diags.errors, 1);
	assert_string_equal(r.diags.list.v[0].rule, "unknown-target");
	arena_release(&r.arena);
}

static void mistakes_have_places(void **state)
{
	(void)state;
	struct rig r;
	read(&r, "version: 1\ntarget: t\nparams:\n- {x: 2}\n- {x: 'a{{bind.b}}'}\n");
	load(&r, 1);
	bool found = false;
	for (size_t i = 0; i < r.diags.list.n; i++) {
		const struct diag *d = &r.diags.list.v[i];
		found |= !strcmp(d->rule, "binding") && !strcmp(d->at.file, "m.yaml") && d->at.line == 5 && d->at.col == 11;
	}
	assert_true(found);
	arena_release(&r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_in_order),
		cmocka_unit_test(shapes),
		cmocka_unit_test(the_target_changes_and_the_judge_stays),
		cmocka_unit_test(mistakes_have_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
