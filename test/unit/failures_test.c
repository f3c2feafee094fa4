/* Failures in groups: the same from any order, the worst first, bounded. */
#include "base/arena.h"
#include "base/rng.h"
#include "verdict/failures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 600 };

struct fixture {
	struct arena a;
	struct metric_head metric[2];
	struct suite_head suite;
	struct record rec;
	struct outcome o[N];
	struct cell cell[N][2];
	struct tag tag[N][2];
};

static void init(struct fixture *f)
{
	*f = (struct fixture){
		.metric = { { .name = "correct",
			      .kind = METRIC_BINARY,
			      .direction = HIGHER_IS_BETTER,
			      .cut = 0.5 },
			    { .name = "leaked",
			      .kind = METRIC_GRADED,
			      .direction = LOWER_IS_BETTER,
			      .cut = 0.5 } },
		.suite = { .name = "answers", .nmetric = 2, .repeats = 2, .planned = N },
		.rec = { .nsuite = 1 },
	};
	f->suite.metric = f->metric;
	f->rec.suite = &f->suite;
	for (size_t i = 0; i < N; i++) {
		f->cell[i][0] = (struct cell){ .state = CELL_SCORED, .value = 1 };
		f->cell[i][1] = (struct cell){ .state = CELL_SCORED, .value = 0 };
		f->tag[i][0] = (struct tag){ STR("category"), i % 10 ? STR("a") : STR("refunds") };
		f->tag[i][1] =
			(struct tag){ STR("question"), str_c(arena_fmt(&f->a, "question %zu", i)) };
		f->o[i] = (struct outcome){
			.seq = i,
			.case_id = str_c(arena_fmt(&f->a, "case-%zu", i / 2)),
			.sample = (unsigned)(i % 2),
			.status = SAMPLE_SCORED,
			.weight = 1,
			.tag = f->tag[i],
			.ntag = 2,
			.cell = f->cell[i],
			.answer = STR("an answer"),
		};
	}
}

static const json_t *group(struct fixture *f, const size_t *order)
{
	struct failures *g = failures_new(&f->rec, NULL, &f->a);
	for (size_t i = 0; i < N; i++)
		failures_add(g, &f->o[order ? order[i] : i]);
	return failures_json(g, &f->rec, NULL, &f->a);
}

static const char *text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static json_int_t number(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static void groups_by_shape(void **state)
{
	(void)state;
	struct fixture *f = calloc(1, sizeof *f);
	init(f);
	for (size_t i = 0; i < N; i += 10) { /* 60, all refunds */
		f->cell[i][0].value = 0;
		f->cell[i][0].reason = str_c(arena_fmt(&f->a, "expected %zu, got '%zu'", i, i * 3));
	}
	for (size_t i = 1; i < 40; i += 2) /* 20 */
		f->cell[i][1] = (struct cell){ .state = CELL_SCORED,
					       .value = 0.5 + (double)i / 100,
					       .reason = STR("canary seen") };
	for (size_t i = 101; i < 111; i++) { /* 9 without a score (110 is one of the wrong) */
		f->cell[i][1].state = CELL_UNSCORED;
		f->cell[i][1].reason = STR("the judge's answer is no JSON");
	}
	f->o[599].reply.fail = FAIL_DEADLINE;
	f->o[599].cell = NULL;
	f->o[597].status = SAMPLE_QUARANTINED;
	f->cell[597][0].value = 0;
	const json_t *j = group(f, NULL);
	assert_int_equal(json_array_size(j), 4);
	const json_t *g = json_array_get(j, 0);
	assert_string_equal(text(g, "metric"), "correct");
	assert_string_equal(text(g, "kind"), "score");
	assert_string_equal(text(g, "pattern"), "expected #, got '…'");
	assert_int_equal(number(g, "count"), 60);
	const json_t *slice = json_array_get(json_object_get(g, "slices"), 0);
	assert_int_equal(json_array_size(json_object_get(g, "slices")), 1);
	assert_string_equal(text(slice, "value"), "refunds");
	assert_int_equal(number(slice, "of"), 60);
	const json_t *cases = json_object_get(g, "cases");
	assert_int_equal(json_array_size(cases), 3);
	assert_string_equal(text(json_array_get(cases, 0), "case"), "case-0");
	assert_string_equal(text(json_array_get(cases, 1), "case"), "case-5");
	g = json_array_get(j, 1);
	assert_string_equal(text(g, "metric"), "leaked");
	assert_int_equal(number(g, "count"), 20);
	assert_int_equal(number(json_array_get(json_object_get(g, "cases"), 0), "seq"), 39);
	g = json_array_get(j, 2);
	assert_string_equal(text(g, "kind"), "unscored");
	assert_int_equal(number(g, "count"), 10);
	g = json_array_get(j, 3);
	assert_string_equal(text(g, "kind"), "error");
	assert_string_equal(text(g, "metric"), "");
	assert_string_equal(text(g, "pattern"), "deadline");
	arena_release(&f->a);
	free(f);
}

static void shuffle(size_t *v, size_t n, struct rng *r)
{
	for (size_t i = n; i > 1; i--) {
		size_t k = (size_t)rng_below(r, i), t = v[i - 1];
		v[i - 1] = v[k];
		v[k] = t;
	}
}

/* Few shapes, many shapes with shared words, nothing shared: each from five orders. */
static void any_order_same_bytes(void **state)
{
	(void)state;
	struct rng r = rng_seed(3, STR("order"), "test");
	for (size_t k = 0; k < 3; k++) {
		struct fixture *f = calloc(1, sizeof *f);
		init(f);
		size_t order[N];
		for (size_t i = 0; i < N; i++) {
			int c = 'g' + (int)rng_below(&r, 19), d = 'g' + (int)rng_below(&r, 19);
			order[i] = i;
			f->cell[i][1].value = rng_unit(&r);
			f->cell[i][1].reason =
				k == 0	 ? str_c(arena_fmt(&f->a, "wrong: %zu", i))
				: k == 1 ? str_c(arena_fmt(&f->a, "the answer is %c%c off", c, d))
					 : str_c(arena_fmt(&f->a, "%c%c%c x", c, d, c));
		}
		char *first = json_dumps(group(f, NULL), 0);
		assert_non_null(strstr(first, k == 0   ? "\"wrong: #\""
					      : k == 1 ? "\"the answer is\""
						       : "\"pattern\": \"\""));
		for (int round = 0; round < 5; round++) {
			shuffle(order, N, &r);
			char *again = json_dumps(group(f, order), 0);
			assert_string_equal(again, first);
			free(again);
		}
		free(first);
		arena_release(&f->a);
		free(f);
	}
}

static void patterns(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "", "" },
		{ "expected 42, got 17", "expected #, got #" },
		{ "1,319.5 of 20", "# of #" },
		{ "id 3f2a9c1b77 is   gone\nnow", "id # is gone now" },
		{ "model said \"yes\" not 'no'", "model said '…' not '…'" },
		{ "it isn't the user's", "it isn't the user's" },
		{ "gpt4 answered", "gpt4 answered" },
		{ "\x01\xff broken \xe2\x80", "\xff broken \xe2\x80" },
	};
	struct arena a = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str got = failure_pattern(str_c(rows[i][0]), &a);
		if (!str_eqc(got, rows[i][1]))
			fail_msg("'%s' gave '%.*s'", rows[i][0], STR_ARGS(got));
	}
	char *big = arena_alloc(&a, 100000);
	memset(big, 'x', 99999);
	assert_true(failure_pattern(str_c(big), &a).n <= 120);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_by_shape),
		cmocka_unit_test(any_order_same_bytes),
		cmocka_unit_test(patterns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
