/* File patterns. */
#include "repo/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void matching(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *path;
		bool yes;
	} t[] = {
		{ "a/*.md", "a/b.md", true },	 { "a/*.md", "a/b/c.md", false },
		{ "**/*.md", "b.md", true },	 { "**/*.md", "x/y/b.md", true },
		{ "a/**/z", "a/z", true },	 { "a/**/z", "a/b/c/z", true },
		{ "a/**/z", "b/z", false },	 { "a/**", "a/b/c", true },
		{ "a/**", "a", false },		 { "?.md", "a.md", true },
		{ "?.md", "ab.md", false },	 { "[a-c]x", "bx", true },
		{ "[!a-c]x", "bx", false },	 { "[]]x", "]x", true },
		{ "[x", "[x", true },		 { "*", ".hidden", false },
		{ ".*", ".hidden", true },	 { "**/x", ".git/x", false },
		{ "*a*b*c", "xxaxxbxxc", true }, { "*a*b*c", "xxaxxbxx", false },
		{ "**/a/**/b", "a/x/a/y/b", true }, { "a*", "a", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		if (glob_match(str_c(t[i].pattern), str_c(t[i].path)) != t[i].yes)
			fail_msg("%s on %s", t[i].pattern, t[i].path);
	assert_true(glob_may_descend(STR("a/*/c"), STR("a/b")));
	assert_false(glob_may_descend(STR("a/*/c"), STR("a/b/c")));
	assert_true(glob_may_descend(STR("**/c"), STR("a/b/c")));
	assert_false(glob_may_descend(STR("x/**"), STR("a")));
}

static void braces(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct str *out;
	size_t n;
	assert_int_equal(glob_braces(&out, &n, STR("x/{a,b{1,2},}.md"), &a, &err), 0);
	assert_int_equal(n, 4);
	assert_true(str_eqc(out[0], "x/a.md"));
	assert_true(str_eqc(out[2], "x/b2.md"));
	assert_true(str_eqc(out[3], "x/.md"));
	assert_int_equal(glob_braces(&out, &n, STR("{a"), &a, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(glob_braces(&out, &n, STR("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"),
				     &a, &err),
			 -1);
	arena_release(&a);
}

static void no_blow_up(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	char *pattern = arena_alloc(&a, 401), *path = arena_alloc(&a, 401);
	for (size_t i = 0; i < 50; i++) {
		memcpy(pattern + 5 * i, "**/a/", 5);
		memcpy(path + 2 * i, "a/", 2);
	}
	pattern[250] = 'b';
	path[100] = 'a';
	assert_false(glob_match(str_c(pattern), str_c(path)));
	assert_false(glob_match(STR("*a*a*a*a*a*a*a*a*a*a*a*ab"),
				STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching),
		cmocka_unit_test(braces),
		cmocka_unit_test(no_blow_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
