#include "run/forecast.h"

#include "provider/provider.h"
#include "run/cost.h"
#include "run/estimate.h"
#include "run/rate.h"

#include <math.h>

/* English takes about four bytes a token. */
enum { BYTES_PER_TOKEN = 4, RUBRIC_TOKENS = 256 };

static bool calls_out(const struct target_conf *t)
{
	return t && t->endpoint.provider && !t->endpoint.provider->local;
}

/* Adds calls of one endpoint, each with so many tokens in; an answer of no known length opens the top. */
static void add_calls(struct forecast *f, const struct run *r, const struct target_conf *t, double calls,
		      double in_low, double in_high)
{
	struct cost_terms terms = cost_terms(r, &t->endpoint);
	const struct price_row *row = r->prices ? price_find(r->prices, &terms.ask) : NULL;
	if (!terms.priced) {
		f->low = f->high = NAN;
		return;
	}
	double input = row && row->rates.input >= 0 ? (double)row->rates.input : (double)terms.dearest.input;
	double request = (double)(row ? row->request : terms.request);
	double out = terms.dearest.output > 0 ? terms.max_tokens * (double)terms.dearest.output : 0;
	f->low += calls * (in_low * input + request) / PRICE_PER_USD;
	f->high += calls * (in_high * (double)terms.dearest.input + out + (double)terms.request) / PRICE_PER_USD;
}

void forecast_suite(struct forecast *f, const struct run *r, const struct suite_plan *s)
{
	const struct target_conf *t = s->conf->target;
	double samples = (double)s->ncase * s->conf->repeats;
	double per = s->conf->max_calls > 1 ? s->conf->max_calls : 1;
	double in = s->ncase ? s->in_sum / (double)s->ncase / BYTES_PER_TOKEN : 0, out = 0;
	*f = (struct forecast){ .calls = 0 };
	if (calls_out(t)) {
		out = cost_terms(r, &t->endpoint).max_tokens;
		f->calls = samples * per;
		f->in = f->calls * in;
		f->out = f->calls * out;
		add_calls(f, r, t, f->calls, in, in);
	}
	for (size_t k = 0; k < s->nmetric; k++)
		if (calls_out(s->metric[k].conf->judge))
			add_calls(f, r, s->metric[k].conf->judge, samples, in + RUBRIC_TOKENS,
				  in + RUBRIC_TOKENS + out);
}

struct forecast forecast_run(const struct run *r)
{
	struct forecast all = { .calls = 0 }, f;
	for (size_t i = 0; i < r->nsuite; i++) {
		forecast_suite(&f, r, &r->suite[i]);
		all.calls += f.calls;
		all.in += f.in;
		all.out += f.out;
		all.low += f.low;
		all.high += f.high;
	}
	return all;
}

static const char *dollars(double usd, struct arena *a)
{
	return arena_fmt(a, usd >= 0.1 ? "$%.2f" : "$%.4f", usd);
}

const char *forecast_usd(const struct forecast *f, struct arena *a)
{
	if (!isfinite(f->low) || (f->calls <= 0 && f->low <= 0))
		return NULL;
	return isfinite(f->high) ? arena_fmt(a, "%s … %s", dollars(f->low, a), dollars(f->high, a)) :
				   arena_fmt(a, "at least %s", dollars(f->low, a));
}

/* Adds calls that draw from a limit, with what they take of it. */
static void add_load(const struct policy_limit *l, const struct target_conf *t, double calls, double in,
		     double *requests, double *tokens)
{
	struct str provider = str_c(t->endpoint.provider->name);
	double max = estimate_max_tokens(&t->endpoint);
	if (!rate_fits(l, provider, t->endpoint.model))
		return;
	*requests += calls;
	*tokens += calls * (in + (isfinite(max) ? max * rate_burndown(l, provider, t->endpoint.model) : 0));
}

static double seconds_under(const struct run *r, const struct policy_limit *l)
{
	double requests = 0, tokens = 0, by_requests, by_tokens;
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_plan *s = &r->suite[i];
		struct forecast f;
		forecast_suite(&f, r, s);
		double samples = (double)s->ncase * s->conf->repeats;
		double in = s->ncase ? s->in_sum / (double)s->ncase / BYTES_PER_TOKEN : 0;
		if (calls_out(s->conf->target))
			add_load(l, s->conf->target, f.calls, in, &requests, &tokens);
		for (size_t k = 0; k < s->nmetric; k++)
			if (calls_out(s->metric[k].conf->judge))
				add_load(l, s->metric[k].conf->judge, samples, in + RUBRIC_TOKENS, &requests, &tokens);
	}
	by_requests = l->requests > 0 ? requests / l->requests * 60 : 0;
	by_tokens = l->tokens > 0 ? tokens / l->tokens * 60 : 0;
	return fmax(by_requests, by_tokens);
}

const struct policy_limit *forecast_limit(const struct run *r, double *seconds)
{
	const struct policy_limit *longest = NULL;
	*seconds = 0;
	for (size_t i = 0; r->stage && i < r->policy.nlimit; i++) {
		double x = seconds_under(r, &r->policy.limit[i]);
		if (x <= *seconds)
			continue;
		*seconds = x;
		longest = &r->policy.limit[i];
	}
	return longest;
}

void forecast_check(const struct run *r, struct diags *d)
{
	if (!r->stage || r->stage->budget.usd_micro < 0 || !r->prices)
		return;
	struct forecast f = forecast_run(r);
	double budget = (double)r->stage->budget.usd_micro / 1e6;
	if (!(f.low > budget))
		return;
	const json_t *stages = json_object_get(r->policy_doc.root, "stages");
	const json_t *j = json_object_get(json_object_get(stages, r->stage->name), "budget");
	diag_warn(d, doc_pos_member(&r->policy_doc, j, "usd"), "budget-short",
		  "the run takes an estimated %s and its budget is %s, so it will stop undecided",
		  forecast_usd(&f, r->arena), dollars(budget, r->arena));
	diag_hint(d, "raise the budget, or plan fewer cases; what is stored already costs nothing");
}
