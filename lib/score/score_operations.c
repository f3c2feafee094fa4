/* latency, cost, finish-reason: what the call itself was like. */
#include "score/scorekit.h"

#include "base/num.h"
#include "doc/jsonx.h"

#include <math.h>

/* `max`, `threshold` or `value`, whichever is there. */
static int bound(double *out, const json_t *config, struct arena *a, struct err *err)
{
	static const char *const keys[] = { "max", "threshold", "value" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const json_t *j = json_object_get(config, keys[i]);
		if (j && !num_parse(str_trim(kit_text(j, a)), out))
			return err_set(err, ERR_ARTIFACT, "'%s' must be a number", keys[i]);
		if (j)
			return 0;
	}
	return err_set(err, ERR_ARTIFACT, "'max' is missing");
}

static int prepare_bound(const void **prepared, const json_t *config, struct arena *a,
			 struct err *err)
{
	double max;
	if (bound(&max, config, a, err) < 0)
		return -1;
	*prepared = memcpy(arena_new(a, double), &max, sizeof(max));
	return 0;
}

static int step_latency(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
			struct err *err)
{
	(void)state;
	(void)ask;
	double max = *(const double *)ev->prepared;
	if (ev->reply->reused)
		return err_set(err, ERR_REMOTE, "latency was not measured: the answer came from the store");
	if (ev->reply->time.latency < 0)
		return err_set(err, ERR_REMOTE, "latency was not measured for this answer");
	double ms = (double)ev->reply->time.latency / 1e6;
	return kit_done(out, ms <= max, ev->arena, "%.0f ms, at most %g ms", ms, max);
}

static int step_cost(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		     struct err *err)
{
	(void)state;
	(void)ask;
	double max = *(const double *)ev->prepared;
	if (!isfinite(ev->cost_usd))
		return err_set(err, ERR_ARTIFACT, "cost is unknown: the model is unpriced");
	return kit_done(out, ev->cost_usd <= max, ev->arena, "$%.6g, at most $%.6g", ev->cost_usd, max);
}

/* promptfoo's and the providers' words for ours. */
static int parse_finish(struct str name)
{
	static const struct {
		const char *theirs;
		enum finish ours;
	} words[] = {
		{ "end_turn", FINISH_STOP },	   { "stop_sequence", FINISH_STOP },
		{ "max_tokens", FINISH_LENGTH },   { "tool_calls", FINISH_TOOL },
		{ "tool_use", FINISH_TOOL },	   { "content_filter", FINISH_BLOCKED },
		{ "refusal", FINISH_REFUSED },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eqc(name, words[i].theirs))
			return (int)words[i].ours;
	return name.n ? finish_parse(name) : -1;
}

static int prepare_finish(const void **prepared, const json_t *config, struct arena *a,
			  struct err *err)
{
	const json_t *want = kit_main(config, "expected");
	size_t n = json_is_array(want) ? json_array_size(want) : 1;
	unsigned *set = arena_new(a, unsigned);
	for (size_t i = 0; i < n; i++) {
		struct str name = json_str(json_is_array(want) ? json_array_get(want, i) : want);
		int f = parse_finish(name);
		if (f < 0)
			return err_set(err, ERR_ARTIFACT,
				       "finish reason %s is unknown: stop, length, tool-calls, blocked, refused or other",
				       kit_show(a, name));
		*set |= 1u << f;
	}
	*prepared = set;
	return 0;
}

static int step_finish(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		       struct err *err)
{
	(void)state;
	(void)ask;
	unsigned set = *(const unsigned *)ev->prepared;
	if (ev->reply->finish == FINISH_NONE)
		return err_set(err, ERR_REMOTE, "finish reason is unknown: the provider did not say");
	return kit_done(out, (set >> ev->reply->finish) & 1, ev->arena, "finished with '%s'",
			finish_name(ev->reply->finish));
}

#define BOUND "{\"type\":\"number\",\"exclusiveMinimum\":0}"
#define BOUND_SCHEMA                                                                             \
	KIT_OBJECT "\"properties\":{\"max\":" BOUND ",\"threshold\":" BOUND                          \
		   ",\"value\":{\"type\":[\"number\",\"string\"],\"exclusiveMinimum\":0}},"            \
		   "\"oneOf\":[{\"required\":[\"max\"]},{\"required\":[\"threshold\"]},{\"required\":[\"value\"]}]}"

const struct scorer_ops score_latency = {
	.name = "latency",
	.help = "the answer was complete within this many milliseconds",
	.schema = BOUND_SCHEMA,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare_bound,
	.step = step_latency,
};

const struct scorer_ops score_cost = {
	.name = "cost",
	.help = "the answer cost at most this many US dollars",
	.schema = BOUND_SCHEMA,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare_bound,
	.step = step_cost,
};

#define NAMES "{\"type\":[\"string\",\"array\"],\"minItems\":1,\"items\":{\"type\":\"string\"}}"

const struct scorer_ops score_finish_reason = {
	.name = "finish-reason",
	.help = "the model stopped for this reason",
	.schema = KIT_OBJECT "\"properties\":{\"expected\":" NAMES ",\"value\":" NAMES
			     "}," KIT_ONE_OF("expected") "}",
	.needs = NEEDS_EXPECTED,
	.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
	.prepare = prepare_finish,
	.step = step_finish,
};
