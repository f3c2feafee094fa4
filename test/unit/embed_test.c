/* Unit tests of base/embed: the carried bytes are the bytes of the tree. */
#include "base/arena.h"
#include "base/embed.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void carried_bytes_are_the_files(void **state)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct str carried, file;

	(void)state;
	assert_true(embed_find("LICENSE", &carried));
	assert_int_equal(fs_read(&file, "LICENSE", ARTIFACT_BYTES_MAX, &a, &err), 0);
	assert_true(file.n > 10000);
	assert_true(str_eq(carried, file));
	arena_release(&a);
}

static void names_are_sorted_and_each_is_found(void **state)
{
	const char *before = "", *name;
	size_t n = 0;

	(void)state;
	for (; (name = embed_name(n)); n++) {
		struct str bytes = { 0 };

		assert_true(strcmp(before, name) < 0);
		assert_true(embed_find(name, &bytes));
		assert_non_null(bytes.p);
		before = name;
	}
	assert_true(n > 0);
	assert_null(embed_name(n + 1));
}

static void near_names_are_not_found(void **state)
{
	struct str untouched = STR("as before");

	(void)state;
	assert_false(embed_find("", &untouched));
	assert_false(embed_find("LICENS", &untouched));
	assert_false(embed_find("LICENSE ", &untouched));
	assert_false(embed_find("zzz", &untouched));
	assert_true(str_eqc(untouched, "as before"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carried_bytes_are_the_files),
		cmocka_unit_test(names_are_sorted_and_each_is_found),
		cmocka_unit_test(near_names_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
