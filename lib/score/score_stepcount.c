/* step-count: how many steps a sample took; loop: the same steps over and over. */
#include "score/scorekit.h"

#include "doc/jsonsame.h"
#include "doc/jsonx.h"
#include "score/toolsteps.h"

/* --- step-count --- */

/* Bounds stand beside each other, or in promptfoo's `value`. */
static const json_t *bounds(const json_t *config)
{
	const json_t *value = json_object_get(config, "value");
	return value ? value : config;
}

static bool is_bounded(const json_t *config)
{
	return json_object_get(bounds(config), "min") || json_object_get(bounds(config), "max");
}

static void declare(struct score_traits *out, const json_t *config)
{
	if (is_bounded(config))
		return;
	out->kind = METRIC_VALUE;
	out->direction = LOWER_IS_BETTER;
}

static int prepare_count(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	(void)prepared;
	(void)a;
	const json_t *b = bounds(config);
	if (kit_number(b, "max", 1e9) < kit_number(b, "min", 0))
		return err_set(err, ERR_ARTIFACT, "'max' is below 'min': no answer can be right");
	if (is_bounded(config) && !json_object_get(b, "max") && kit_number(b, "min", 0) == 0)
		return err_set(err, ERR_ARTIFACT, "'min: 0' alone demands nothing");
	return 0;
}

static int count_tools(size_t *n, const struct evidence *ev, const json_t *b, struct err *err)
{
	const json_t *name = json_object_get(b, "tool") ? json_object_get(b, "tool") : json_object_get(b, "pattern");
	struct toolsteps calls;
	struct toolwants w;
	if (toolsteps_read(&calls, ev, err))
		return -1;
	*n = calls.list.n;
	if (!name)
		return 0;
	if (toolwants_read(&w, name, ev->arena, err))
		return -1;
	*n = 0;
	for (size_t i = 0; i < calls.list.n; i++)
		*n += toolwant_fits(&w.v[0], &calls.list.v[i]);
	return 0;
}

static int count_steps(size_t *n, const struct evidence *ev, const json_t *b, struct err *err)
{
	struct str kind = json_get_str(b, "kind").p ? json_get_str(b, "kind") : json_get_str(b, "type");
	size_t i;
	json_t *x;
	if (!kind.p || str_eqc(kind, "tool"))
		return count_tools(n, ev, b, err);
	*n = 0;
	if (!ev->reply->trajectory && str_eqc(kind, "model") && ev->traced)
		*n = 1; /* the one call */
	else if (!ev->reply->trajectory)
		return err_set(err, ERR_ARTIFACT, "trajectory is unknown: nobody says what was done");
	json_array_foreach((json_t *)(uintptr_t)ev->reply->trajectory, i, x) {
		struct str its = json_get_str(x, "kind");
		*n += str_eq(its, kind) || (str_eqc(kind, "any") && !str_eqc(its, "user"));
	}
	return 0;
}

static int step_count(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		      struct err *err)
{
	(void)state;
	(void)ask;
	const json_t *b = bounds(ev->config);
	size_t n;
	if (count_steps(&n, ev, b, err))
		return -1;
	if (!is_bounded(ev->config))
		return kit_done(out, (double)n, ev->arena, "%zu step%s", n, n == 1 ? "" : "s");
	double min = kit_number(b, "min", 0), max = kit_number(b, "max", 1e9);
	bool good = (double)n >= min && (double)n <= max;
	if (json_object_get(b, "max"))
		return kit_done(out, good, ev->arena, "%zu step%s, from %g to %g", n, n == 1 ? "" : "s", min, max);
	return kit_done(out, good, ev->arena, "%zu step%s, at least %g", n, n == 1 ? "" : "s", min);
}

/* --- loop --- */

enum { LOOP_TIMES = 3, LOOP_PERIOD = 3 };

static bool same_call(const struct toolstep *x, const struct toolstep *y)
{
	return str_eq(x->name, y->name) && json_same(x->arguments, y->arguments);
}

/* How many calls from `at` on repeat the `period` calls before them. */
static size_t run_length(const struct toolsteps *t, size_t at, size_t period)
{
	size_t n = 0;
	while (at + n < t->list.n && same_call(&t->list.v[at + n], &t->list.v[at + n - period]))
		n++;
	return n;
}

static int step_loop(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		     struct err *err)
{
	(void)state;
	(void)ask;
	size_t times = (size_t)kit_number(ev->config, "times", LOOP_TIMES);
	size_t widest = (size_t)kit_number(ev->config, "period", LOOP_PERIOD);
	struct toolsteps t;
	if (toolsteps_read(&t, ev, err))
		return -1;
	for (size_t period = 1; period <= widest; period++)
		for (size_t at = period, n; at < t.list.n; at += n + 1) {
			n = run_length(&t, at, period);
			if (n >= period * (times - 1))
				return kit_done(out, 1, ev->arena, "%zu call%s repeated %zu times from call %zu on: %s",
						period, period == 1 ? "" : "s", n / period + 1, at - period + 1,
						kit_show(ev->arena, t.list.v[at].name));
		}
	if (str_eqc(ev->reply->finish_raw, "max-steps"))
		return kit_done(out, 1, ev->arena, "tools were called to the end of the allowed rounds: %s",
				toolsteps_show(&t, ev->arena));
	return kit_done(out, 0, ev->arena, "no calls repeat: %s", toolsteps_show(&t, ev->arena));
}

#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define BOUNDS                                                                                   \
	"\"min\":" COUNT ",\"max\":" COUNT ",\"kind\":{\"enum\":[\"tool\",\"model\",\"retrieval\",\"any\"]},"  \
	"\"tool\":{\"type\":\"string\",\"minLength\":1}"

const struct scorer_ops score_step_count = {
	.name = "step-count",
	.help = "how many steps the answer took, or whether it took an allowed number",
	.schema = KIT_OBJECT "\"properties\":{" BOUNDS ",\"value\":{\"type\":\"object\","
			     "\"additionalProperties\":false,\"properties\":{\"min\":" COUNT ",\"max\":" COUNT ","
			     "\"type\":{\"enum\":[\"tool\",\"model\",\"retrieval\",\"any\"]},"
			     "\"pattern\":{\"type\":\"string\",\"minLength\":1}},"
			     "\"anyOf\":[{\"required\":[\"min\"]},{\"required\":[\"max\"]}]}},"
			     "\"not\":{\"required\":[\"value\"],\"anyOf\":[{\"required\":[\"min\"]},"
			     "{\"required\":[\"max\"]},{\"required\":[\"kind\"]},{\"required\":[\"tool\"]}]}}",
	.needs = NEEDS_TRACE,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.declare = declare,
	.prepare = prepare_count,
	.step = step_count,
};

const struct scorer_ops score_loop = {
	.name = "loop",
	.help = "the same tool calls are made over and over",
	.schema = KIT_OBJECT "\"properties\":{\"times\":{\"type\":\"integer\",\"minimum\":2,\"maximum\":100},"
			     "\"period\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":20}}}",
	.needs = NEEDS_TRACE,
	.traits = { .kind = METRIC_BINARY, .direction = LOWER_IS_BETTER, .cut = 0.5, .unit = "" },
	.step = step_loop,
};
