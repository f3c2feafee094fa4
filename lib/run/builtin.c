#include "run/builtin.h"

#include "provider/provider.h"

#include <math.h>

static const struct metric_head heads[BUILTIN_COUNT] = {
	[BUILTIN_TTFT] = { .name = "ttft", .unit = "ms", .kind = METRIC_VALUE },
	[BUILTIN_TTLT] = { .name = "ttlt", .unit = "ms", .kind = METRIC_VALUE },
	[BUILTIN_TPOT] = { .name = "tpot", .unit = "ms", .kind = METRIC_VALUE },
	[BUILTIN_LATENCY] = { .name = "latency", .unit = "ms", .kind = METRIC_VALUE },
	[BUILTIN_TPS] = { .name = "tps", .unit = "tok/s", .kind = METRIC_VALUE },
	[BUILTIN_TOKENS_IN] = { .name = "tokens_in", .unit = "tok", .kind = METRIC_VALUE },
	[BUILTIN_TOKENS_OUT] = { .name = "tokens_out", .unit = "tok", .kind = METRIC_VALUE },
	[BUILTIN_COST] = { .name = "cost", .unit = "usd", .kind = METRIC_VALUE },
	[BUILTIN_TRUNCATED] = { .name = "truncated", .unit = "", .kind = METRIC_BINARY },
	[BUILTIN_REFUSED] = { .name = "refused", .unit = "", .kind = METRIC_BINARY },
	[BUILTIN_BLOCKED] = { .name = "blocked", .unit = "", .kind = METRIC_BINARY },
	[BUILTIN_UNSCORED] = { .name = "unscored", .unit = "", .kind = METRIC_BINARY },
};

bool builtin_is_name(struct str name)
{
	for (size_t i = 0; i < BUILTIN_COUNT; i++)
		if (str_eqc(name, heads[i].name))
			return true;
	return false;
}

void builtin_heads(struct metric_head out[BUILTIN_COUNT], int64_t deadline_ms, unsigned calls,
		   double cost_hi_usd)
{
	for (size_t i = 0; i < BUILTIN_COUNT; i++) {
		out[i] = heads[i];
		out[i].scorer = "";
		out[i].builtin = true;
		out[i].weight = 1;
		out[i].cut = 0.5;
		out[i].direction = i == BUILTIN_TPS ? HIGHER_IS_BETTER : LOWER_IS_BETTER;
		/* No call outlives its deadline: that bounds the mean of a time. */
		if (!strcmp(out[i].unit, "ms")) {
			out[i].has_range = true;
			out[i].hi = (double)deadline_ms;
			if (i == BUILTIN_LATENCY || i == BUILTIN_TTLT)
				out[i].hi *= calls > 1 ? calls : 1;
		}
	}
	if (isfinite(cost_hi_usd)) {
		out[BUILTIN_COST].has_range = true;
		out[BUILTIN_COST].hi = cost_hi_usd;
	}
}

static struct cell scored(double x)
{
	return (struct cell){ .state = CELL_SCORED, .value = x };
}

static struct cell unscored_because(const char *why)
{
	return (struct cell){ .state = CELL_UNSCORED, .value = NAN, .reason = str_c(why) };
}

/* Times print with a microsecond's precision and must read back the same. */
static struct cell time_cell(const struct reply *r, int64_t ns)
{
	if (ns < 0)
		return unscored_because(r->reused ? "the reused reply has no time; --fresh calls again" :
						    "the transport gave no time");
	return scored((double)(ns / 1000) / 1000);
}

static void time_cells(struct cell out[BUILTIN_COUNT], const struct reply *r, bool stream)
{
	out[BUILTIN_LATENCY] = out[BUILTIN_TTLT] = time_cell(r, r->time.latency);
	if (r->streamed)
		out[BUILTIN_TTFT] = time_cell(r, r->time.ttft);
	double tokens = (double)r->usage.out;
	double first = r->calls > 1 ? r->calls : 1; /* tokens that did not follow another */
	int64_t decode = r->calls > 1 ? r->time.decode : r->time.latency - r->time.ttft;
	if (stream && !r->streamed)
		out[BUILTIN_TTFT] = out[BUILTIN_TPOT] = unscored_because("the answer was not streamed");
	bool streamed = r->streamed && r->time.latency > 0 && r->time.ttft >= 0 && decode >= 0;
	if (streamed && tokens > first)
		out[BUILTIN_TPOT] = scored(round((double)decode / 1e3 / (tokens - first)) / 1e3);
	else if (r->streamed && (!streamed || tokens < 0))
		out[BUILTIN_TPOT] = unscored_because("no usage or no time");
	if (r->time.latency > 0 && tokens > 0)
		out[BUILTIN_TPS] = scored(round(tokens * 1e12 / (double)r->time.latency) / 1e3);
	else if (r->time.latency <= 0 || tokens < 0)
		out[BUILTIN_TPS] = unscored_because("no usage or no time");
}

static struct cell token_cell(int64_t n)
{
	return n < 0 ? unscored_because("the provider reported no usage") : scored((double)n);
}

static struct cell cost_cell(double usd, const char *why)
{
	if (!isfinite(usd))
		return unscored_because(why ? why : "unpriced");
	struct cell c = scored(usd);
	c.reason = str_c(why);
	return c;
}

void builtin_cells(struct cell out[BUILTIN_COUNT], const struct reply *r, const struct endpoint *e,
		   double cost_usd, const char *cost_why, bool unscored)
{
	bool local = e->provider->local;
	for (size_t i = 0; i < BUILTIN_COUNT; i++)
		out[i] = (struct cell){ .state = CELL_ABSENT, .value = NAN };
	out[BUILTIN_UNSCORED] = scored(unscored);
	if (r->fail != FAIL_NONE) {
		struct cell none = { .state = CELL_UNSCORED, .value = NAN, .reason = r->fail_text };
		for (size_t i = 0; i < BUILTIN_UNSCORED; i++)
			if (!local || i > BUILTIN_TPS)
				out[i] = none;
		return;
	}
	if (!local)
		time_cells(out, r, e->stream);
	/* Answers brought along need not say what they took. */
	if (!local || r->usage.in >= 0)
		out[BUILTIN_TOKENS_IN] = token_cell(r->usage.in);
	if (!local || r->usage.out >= 0)
		out[BUILTIN_TOKENS_OUT] = token_cell(r->usage.out);
	if (!local || isfinite(cost_usd))
		out[BUILTIN_COST] = cost_cell(cost_usd, cost_why);
	out[BUILTIN_TRUNCATED] = scored(r->finish == FINISH_LENGTH);
	out[BUILTIN_REFUSED] = scored(r->finish == FINISH_REFUSED);
	out[BUILTIN_BLOCKED] = scored(r->finish == FINISH_BLOCKED);
}
