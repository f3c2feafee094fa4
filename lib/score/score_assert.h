/* Lists of assertions: what composites (all, any, assert-set) and a case's `assert:` hold.  Each
 * is {type: NAME, …config, weight, metric} or {scorer: NAME, …}; NAME may start with "not-".
 * Compiled once into children; playing them is a scorer step like any other, so children
 * may ask.  A child that cannot score leaves the whole unscored unless its outcome cannot
 * change the result. */
#ifndef SCORE_SCORE_ASSERT_H
#define SCORE_SCORE_ASSERT_H

#include "score/score.h"

enum assert_rule {
	ASSERT_ALL,
	ASSERT_ANY,
	ASSERT_MEAN, /* weighted mean of what passes by degree reaches the threshold */
};

struct assert_child {
	const char *name; /* its `metric`, else its type, for reasons */
	const struct scorer_ops *ops;
	bool negated;
	struct score_traits traits; /* of the scorer as it is, `not-` not applied */
	const json_t *config;
	const void *prepared;
	double weight;
};

struct assert_set {
	struct assert_child *child;
	size_t n;
	enum assert_rule rule;
	double threshold; /* of ASSERT_MEAN; NaN: every assertion must pass */
};

/* Compile a list.  threshold NaN for none.  Every config is checked against its scorer's schema. */
int score_assert_compile(struct assert_set *out, const json_t *list, enum assert_rule rule,
			 double threshold, struct arena *a, struct err *err) MUST_USE;
/* What the children need, without compiling. */
unsigned score_assert_needs(const json_t *list);

/* One step; `state` is a zeroed pointer's room (SCORE_ASSERT_STATE bytes).  ev->config and
 * ev->prepared are not looked at. */
enum { SCORE_ASSERT_STATE = sizeof(void *) };
int score_assert_step(void *state, const struct assert_set *set, const struct evidence *ev,
		      struct ask *ask, struct score *out, struct err *err) MUST_USE;

/* A CSV cell of `__expected`: "type(threshold):value", "not-type:value", "type" alone for those
 * that need no value, and any other text is {type: equals, value: TEXT}.  A prefix that looks
 * like a misspelt type is an error.  The result lives in `a`. */
const json_t *score_assert_from_text(struct str text, struct arena *a, struct err *err) MUST_USE;

#endif
