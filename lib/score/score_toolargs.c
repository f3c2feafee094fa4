/* tool-args: were the expected calls made with these arguments?  tool-used: was a tool called so
 * many times? */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "score/toolsteps.h"

static int prepare_args(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct toolwants *w = arena_new(a, struct toolwants);
	if (toolwants_read(w, kit_main(config, "expected"), a, err))
		return -1;
	if (!w->n)
		return err_set(err, ERR_ARTIFACT, "'expected' names no call");
	for (size_t i = 0; i < w->n; i++) {
		if (!w->v[i].arguments)
			return err_set(err, ERR_ARTIFACT, "call %zu of 'expected' has no 'arguments'", i + 1);
		w->v[i].exact |= str_eqc(json_get_str(config, "match"), "exact");
	}
	*prepared = w;
	return 0;
}

static int step_args(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		     struct err *err)
{
	(void)state;
	(void)ask;
	const struct toolwants *w = ev->prepared;
	struct toolsteps calls;
	size_t missing;
	if (toolsteps_read(&calls, ev, err))
		return -1;
	size_t found = toolwants_match(w, &calls, &missing, ev->arena);
	double value = (double)found / (double)w->n;
	if (missing == w->n)
		return kit_done(out, value, ev->arena, "all %zu expected calls were made", w->n);
	return kit_done(out, value, ev->arena, "%zu of %zu expected calls were made; not %s as expected; called: %s",
			found, w->n, kit_show(ev->arena, str_c(w->v[missing].name)),
			toolsteps_show(&calls, ev->arena));
}

struct used_conf {
	struct toolwants want;
	double min, max;
};

static int prepare_used(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	const json_t *want = kit_main(config, "expected");
	struct used_conf *p = arena_new(a, struct used_conf);
	bool inside = json_is_object(want) &&
		      (json_object_get(want, "min") || json_object_get(want, "max"));
	if (inside && (json_object_get(config, "min") || json_object_get(config, "max")))
		return err_set(err, ERR_ARTIFACT, "'min' and 'max' stand beside the tool or inside of it, not both");
	p->min = kit_number(inside ? want : config, "min", 1);
	p->max = kit_number(inside ? want : config, "max", -1);
	if (p->max == 0 && !json_object_get(inside ? want : config, "min"))
		p->min = 0; /* never */
	if (toolwants_read(&p->want, want, a, err))
		return -1;
	if (p->max >= 0 && p->max < p->min)
		return err_set(err, ERR_ARTIFACT, "'max' is below 'min': no answer can be right");
	if (p->min == 0 && p->max < 0)
		return err_set(err, ERR_ARTIFACT, "'min: 0' without 'max' demands nothing");
	*prepared = p;
	return 0;
}

static int step_used(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		     struct err *err)
{
	(void)state;
	(void)ask;
	const struct used_conf *p = ev->prepared;
	struct toolsteps calls;
	size_t n = 0;
	if (toolsteps_read(&calls, ev, err))
		return -1;
	for (size_t i = 0; i < calls.list.n; i++)
		n += toolwant_fits(&p->want.v[0], &calls.list.v[i]);
	bool good = (double)n >= p->min && (p->max < 0 || (double)n <= p->max);
	return kit_done(out, good, ev->arena, "%s was called %zu time%s; called: %s",
			kit_show(ev->arena, str_c(p->want.v[0].name)), n, n == 1 ? "" : "s",
			toolsteps_show(&calls, ev->arena));
}

const struct scorer_ops score_tool_args = {
	.name = "tool-args",
	.help = "the expected tool calls were made with these arguments",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" TOOLWANT_SCHEMA ",\"value\":" TOOLWANT_SCHEMA
			     ",\"match\":{\"enum\":[\"partial\",\"exact\"]},"
			     "\"threshold\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1}},"
		KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED | NEEDS_TRACE,
	.traits = { .kind = METRIC_GRADED, .direction = HIGHER_IS_BETTER, .cut = 1, .unit = "" },
	.prepare = prepare_args,
	.step = step_args,
};

#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define ONE                                                                                      \
	"{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},{\"type\":\"object\","                  \
	"\"additionalProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"},"             \
	"\"pattern\":{\"type\":\"string\"},\"arguments\":{\"type\":\"object\"},"                     \
	"\"min\":" COUNT ",\"max\":" COUNT "}}]}"

const struct scorer_ops score_tool_used = {
	.name = "tool-used",
	.help = "a tool was called, or called so many times",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" ONE ",\"value\":" ONE ",\"min\":" COUNT
			     ",\"max\":" COUNT "}," KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED | NEEDS_TRACE,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare_used,
	.step = step_used,
};
