/* What the tests of scorers share: run one scorer on one answer and look at what came. */
#ifndef TEST_SCORETEST_H
#define TEST_SCORETEST_H

#include "base/arena.h"
#include "base/err.h"
#include "doc/jsonx.h"
#include "score/score.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* JSON with ' for ", so that it reads well in C. */
static inline const json_t *st_json(struct arena *a, const char *text)
{
	char *p = arena_cstr(a, str_c(text));
	for (char *c = p; *c; c++)
		if (*c == '\'')
			*c = '"';
	json_error_t why;
	json_t *j = json_loads(p, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (!j)
		fail_msg("bad test JSON: %s: %s", p, why.text);
	return arena_json(a, j);
}

/* Run to the first DONE or failure with no answers to asks.  Returns step()'s value; a prepare
 * that fails counts as -1. */
static inline int st_run_ev(struct evidence *ev, const char *name, struct score *out,
			    struct err *err)
{
	const struct scorer_ops *ops = scorer_find(str_c(name));
	if (!ops)
		fail_msg("no scorer '%s'", name);
	if (ops->prepare && ops->prepare(&ev->prepared, ev->config, ev->arena, err) < 0)
		return -1;
	struct ask ask = { .arena = ev->arena };
	void *state = arena_alloc(ev->arena, ops->state_size + 1);
	*out = (struct score){ .value = NAN };
	int rc = ops->step(state, ev, &ask, out, err);
	if (rc == STEP_DONE) {
		struct score_traits t;
		score_traits_of(&t, ops, ev->config, false);
		if (score_finish(out, ops, &t, false, err) < 0)
			fail_msg("%s: %s", name, err->msg);
		assert_true(out->reason.n > 0);
		assert_null(memchr(out->reason.p, '\x1b', out->reason.n));
		assert_null(memchr(out->reason.p, '\n', out->reason.n));
	}
	return rc;
}

/* The value, or -1 when unscored; the reason or cause goes to *why (static). */
static inline double st_score(const char *name, const char *config, struct str answer,
			      const char **why)
{
	static char text[1024];
	struct arena a = ARENA_INIT;
	struct reply reply;
	memset(&reply, 0, sizeof(reply));
	reply.finish = FINISH_STOP;
	reply.time = (struct times)TIMES_UNKNOWN;
	struct evidence ev = { .answer = answer, .reply = &reply, .cost_usd = NAN, .arena = &a,
			       .config = st_json(&a, config), .case_id = STR("case-1") };
	struct score s;
	struct err err = ERR_INIT;
	int rc = st_run_ev(&ev, name, &s, &err);
	if (rc < 0)
		snprintf(text, sizeof(text), "%s", err.msg);
	else
		snprintf(text, sizeof(text), "%.*s", STR_ARGS(s.reason));
	if (why)
		*why = text;
	assert_true(rc < 0 || rc == STEP_DONE);
	arena_release(&a);
	return rc < 0 ? -1 : s.value;
}

#define EXPECT(want, name, config, answer)                                                       \
	do {                                                                                     \
		const char *why_;                                                                \
		double got_ = st_score(name, config, STR(answer), &why_);                        \
		if (fabs(got_ - (want)) > 1e-9)                                                  \
			fail_msg("%s %s on '%s': expected %g, got %g: %s", name, config, answer,   \
				 (double)(want), got_, why_);                                    \
	} while (0)

/* The text of a file, or skip the test visibly. */
static inline struct str st_file(const char *path, struct arena *a)
{
	FILE *f = fopen(path, "rb");
	if (!f) {
		print_message("# skipped: %s is not here\n", path);
		skip();
	}
	fseek(f, 0, SEEK_END);
	size_t n = (size_t)ftell(f);
	rewind(f);
	char *p = arena_alloc(a, n + 1);
	assert_int_equal(fread(p, 1, n, f), n);
	fclose(f);
	return (struct str){ .p = p, .n = n };
}

#endif
