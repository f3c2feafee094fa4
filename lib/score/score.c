#include "score/score.h"

#include "base/suggest.h"

#include <math.h>

#define SCORER(x) extern const struct scorer_ops score_##x;
#include "score/scorers.def"
#undef SCORER

static const struct scorer_ops *const scorers[] = {
#define SCORER(x) &score_##x,
#include "score/scorers.def"
#undef SCORER
	NULL,
};

const struct scorer_ops *const *scorer_all(void)
{
	return scorers;
}

/* Promptfoo's other names. */
static struct str our_name(struct str name)
{
	static const struct {
		const char *theirs, *ours;
	} names[] = {
		{ "llm-rubric", "judge" },
		{ "grade", "judge" },
		{ "trajectory:tool-used", "tool-used" },
		{ "trajectory:tool-args-match", "tool-args" },
		{ "trajectory:tool-sequence", "trajectory" },
		{ "trajectory:step-count", "step-count" },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqc(name, names[i].theirs))
			return str_c(names[i].ours);
	return name;
}

const struct scorer_ops *scorer_find(struct str name)
{
	name = our_name(name);
	for (size_t i = 0; scorers[i]; i++)
		if (str_eqc(name, scorers[i]->name))
			return scorers[i];
	return NULL;
}

bool score_cut_not(struct str *name)
{
	if (!str_starts(*name, STR("not-")))
		return false;
	*name = str_sub(*name, 4, name->n);
	return true;
}

struct str score_suggest(struct str name)
{
	struct suggest s = SUGGEST_INIT(name);
	for (size_t i = 0; scorers[i]; i++)
		suggest_offer(&s, str_c(scorers[i]->name));
	return suggest_best(&s);
}

unsigned score_needs(const struct scorer_ops *ops, const json_t *config)
{
	return ops->needs | (ops->needs_of ? ops->needs_of(config) : 0);
}

void score_traits_of(struct score_traits *out, const struct scorer_ops *ops, const json_t *config,
		     bool negated)
{
	*out = ops->traits;
	if (ops->declare)
		ops->declare(out, config);
	const json_t *threshold = json_object_get(config, "threshold");
	if (out->kind == METRIC_GRADED && json_is_number(threshold))
		out->cut = json_number_value(threshold);
	if (negated)
		score_negate_traits(out);
}

void score_negate_traits(struct score_traits *t)
{
	if (t->kind == METRIC_VALUE)
		return;
	t->cut = 1 - t->cut;
	t->direction = HIGHER_IS_BETTER;
}

bool score_is_good(const struct score_traits *t, double value)
{
	return t->direction == LOWER_IS_BETTER ? value < t->cut : value >= t->cut;
}

int score_finish(struct score *s, const struct scorer_ops *ops, const struct score_traits *t,
		 bool negated, struct err *err)
{
	if (!isfinite(s->value))
		return err_set(err, ERR_BUG, "scorer '%s' gave no finite value", ops->name);
	if (t->kind == METRIC_VALUE)
		return 0;
	if (s->value < 0 || s->value > 1)
		return err_set(err, ERR_BUG, "scorer '%s' gave %g, which is not in 0 … 1",
			       ops->name, s->value);
	if (t->kind == METRIC_BINARY && s->value != 0 && s->value != 1)
		return err_set(err, ERR_BUG, "scorer '%s' is binary and gave %g", ops->name,
			       s->value);
	if (negated)
		s->value = 1 - s->value;
	return 0;
}
