/* trajectory: the tool calls of a sample against the expected ones, by one of four rules. */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "score/toolsteps.h"

enum rule { RULE_IN_ORDER, RULE_EXACT, RULE_ANY_ORDER, RULE_SUBSET };

struct trajectory_conf {
	struct toolwants want;
	enum rule rule;
};

static enum rule rule_of(struct str name)
{
	if (str_eqc(name, "exact"))
		return RULE_EXACT;
	if (str_eqc(name, "any-order"))
		return RULE_ANY_ORDER;
	return str_eqc(name, "subset") ? RULE_SUBSET : RULE_IN_ORDER;
}

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	const json_t *want = kit_main(config, "expected");
	const json_t *steps = json_object_get(want, "steps"); /* promptfoo's {steps, mode} */
	struct trajectory_conf *p = arena_new(a, struct trajectory_conf);
	struct str match = json_get_str(config, "match");
	if (steps && json_object_get(want, "mode") && match.p)
		return err_set(err, ERR_ARTIFACT, "'match' and 'mode' are the same: give one");
	p->rule = rule_of(steps && !match.p ? json_get_str(want, "mode") : match);
	if (toolwants_read(&p->want, steps ? steps : want, a, err))
		return -1;
	if (!p->want.n && (p->rule == RULE_IN_ORDER || p->rule == RULE_ANY_ORDER))
		return err_set(err, ERR_ARTIFACT, "'expected' is empty: any trajectory holds it; "
			       "`match: exact` demands that no tool is called");
	*prepared = p;
	return 0;
}

/* The first expected call that does not come in its turn; n when all do.  Taking the earliest call that
 * fits leaves the most for the rest. */
static size_t in_order(const struct toolwants *w, const struct toolsteps *t)
{
	size_t at = 0;
	for (size_t i = 0; i < t->list.n && at < w->n; i++)
		at += toolwant_fits(&w->v[at], &t->list.v[i]);
	return at;
}

static size_t pairwise(const struct toolwants *w, const struct toolsteps *t)
{
	size_t i = 0;
	while (i < w->n && i < t->list.n && toolwant_fits(&w->v[i], &t->list.v[i]))
		i++;
	return i;
}

static int lacks(struct score *out, const struct evidence *ev, const struct toolwants *w, size_t at,
		 const char *how, const struct toolsteps *t)
{
	return kit_done(out, 0, ev->arena, "%s %s; called: %s", kit_show(ev->arena, str_c(w->v[at].name)),
			how, toolsteps_show(t, ev->arena));
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	const struct trajectory_conf *p = ev->prepared;
	const struct toolwants *w = &p->want;
	struct toolsteps t;
	size_t at, found = 0;
	if (toolsteps_read(&t, ev, err))
		return -1;
	if (p->rule == RULE_EXACT) {
		at = pairwise(w, &t);
		if (at < w->n)
			return lacks(out, ev, w, at, arena_fmt(ev->arena, "is expected as call %zu", at + 1), &t);
		return kit_done(out, t.list.n == w->n, ev->arena, "%zu calls expected, %zu made: %s", w->n,
				t.list.n, toolsteps_show(&t, ev->arena));
	}
	if (p->rule == RULE_IN_ORDER) {
		at = in_order(w, &t);
		if (at < w->n)
			return lacks(out, ev, w, at, "is not called in its turn", &t);
		return kit_done(out, 1, ev->arena, "called in order: %s", toolsteps_show(&t, ev->arena));
	}
	found = toolwants_match(w, &t, &at, ev->arena);
	if (p->rule == RULE_SUBSET)
		return kit_done(out, found == t.list.n, ev->arena, "%zu of %zu calls are expected ones: %s",
				found, t.list.n, toolsteps_show(&t, ev->arena));
	if (at < w->n)
		return lacks(out, ev, w, at, "is not called", &t);
	return kit_done(out, 1, ev->arena, "all expected calls were made: %s", toolsteps_show(&t, ev->arena));
}

#define EXPECTED                                                                                 \
	"{\"anyOf\":[" TOOLWANT_SCHEMA ",{\"type\":\"object\",\"additionalProperties\":false,"          \
	"\"required\":[\"steps\"],\"properties\":{\"steps\":{\"type\":\"array\",\"minItems\":1,"        \
	"\"items\":" TOOLWANT_ONE "},\"mode\":{\"enum\":[\"in_order\",\"exact\"]}}}]}"

const struct scorer_ops score_trajectory = {
	.name = "trajectory",
	.help = "the tools were called as expected: exactly, in order, in any order, or no others",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" EXPECTED ",\"value\":" EXPECTED
			     ",\"match\":{\"enum\":[\"exact\",\"in-order\",\"any-order\",\"subset\"]}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED | NEEDS_TRACE,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare,
	.step = step,
};
