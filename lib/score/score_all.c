/* all, any, assert-set and assert: scorers made of scorers (score_assert.h). */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "score/score_assert.h"

#include <math.h>

/* Under whichever name the list stands. */
static const json_t *list_of(const json_t *config)
{
	static const char *const keys[] = { "of", "assert", "value" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_object_get(config, keys[i]))
			return json_object_get(config, keys[i]);
	return NULL;
}

static unsigned needs_of(const json_t *config)
{
	return score_assert_needs(list_of(config));
}

static int prepare_rule(const void **prepared, const json_t *config, enum assert_rule rule,
			struct arena *a, struct err *err)
{
	struct assert_set *set = arena_new(a, struct assert_set);
	double threshold = rule == ASSERT_MEAN ? kit_number(config, "threshold", NAN) : (double)NAN;
	if (score_assert_compile(set, list_of(config), rule, threshold, a, err) < 0)
		return -1;
	*prepared = set;
	return 0;
}

static int prepare_all(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_rule(p, c, ASSERT_ALL, a, err);
}

static int prepare_any(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_rule(p, c, ASSERT_ANY, a, err);
}

static int prepare_mean(const void **p, const json_t *c, struct arena *a, struct err *err)
{
	return prepare_rule(p, c, ASSERT_MEAN, a, err);
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	return score_assert_step(state, ev->prepared, ev, ask, out, err);
}

#define LIST "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\"}}"
#define LISTS "\"of\":" LIST ",\"assert\":" LIST ",\"value\":" LIST
#define ONE_LIST "\"oneOf\":[{\"required\":[\"of\"]},{\"required\":[\"assert\"]},{\"required\":[\"value\"]}]"
#define PLAIN KIT_OBJECT "\"properties\":{" LISTS "}," ONE_LIST "}"
#define MEAN                                                                                     \
	KIT_OBJECT "\"properties\":{" LISTS                                                        \
		   ",\"threshold\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}}," ONE_LIST "}"

#define COMPOSITE(id, text, what, shape, prep)                                                   \
	const struct scorer_ops score_##id = {                                                   \
		.name = text,                                                                    \
		.help = what,                                                                    \
		.schema = shape,                                                                 \
		.needs_of = needs_of,                                                            \
		.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5,     \
			    .unit = "" },                                                        \
		.prepare = prep,                                                                 \
		.state_size = SCORE_ASSERT_STATE,                                                \
		.step = step,                                                                    \
	}

COMPOSITE(all, "all", "every one of these scorers passes", PLAIN, prepare_all);
COMPOSITE(any, "any", "at least one of these scorers passes", PLAIN, prepare_any);
COMPOSITE(assert_set, "assert-set", "these assertions pass, or their weighted mean reaches the threshold",
	  MEAN, prepare_mean);
COMPOSITE(assert, "assert", "the case's own assertions pass", MEAN, prepare_mean);
