#include "run/rate.h"

#include "call/wild.h"
#include "run/estimate.h"

#include <math.h>

/* A limit is kept by what is likely, not by the most that could be: about three bytes a token. */
enum { BYTES_PER_TOKEN = 3, ANSWER_TOKENS = 1024 };

struct rate *rate_new(const struct policy_limit *rule, size_t n, int64_t now_ns, struct arena *a)
{
	struct rate *first = NULL, **end = &first;
	for (size_t i = 0; i < n; i++) {
		struct rate *r = arena_new(a, struct rate);
		*r = (struct rate){ .rule = &rule[i] };
		bucket_init(&r->requests, rule[i].requests, now_ns);
		bucket_init(&r->tokens, rule[i].tokens, now_ns);
		*end = r;
		end = &r->next;
	}
	return first;
}

bool rate_fits(const struct policy_limit *rule, struct str provider, struct str model)
{
	return (!rule->provider.n || str_eq(rule->provider, provider)) &&
	       (!rule->model.n || wild_match(rule->model, model));
}

/* Claude before 3.7, which counts output once. */
static bool is_older_claude(struct str model)
{
	static const char *const older[] = { "claude-v", "claude-instant", "claude-3-haiku", "claude-3-sonnet",
					     "claude-3-opus", "claude-3-5-" };
	for (size_t i = 0; i < ARRAY_LEN(older); i++)
		if (str_find(model, str_c(older[i]), 0) >= 0)
			return true;
	return false;
}

double rate_burndown(const struct policy_limit *rule, struct str provider, struct str model)
{
	if (rule->burndown > 0)
		return rule->burndown;
	bool claude = str_find(model, STR("anthropic.claude"), 0) >= 0;
	return str_eqc(provider, "bedrock") && claude && !is_older_claude(model) ? 5 : 1;
}

double rate_ahead(const struct call *c, double seen_out)
{
	double max = estimate_max_tokens(c->endpoint), bytes = 0;
	for (size_t i = 0; i < c->nmessage; i++)
		bytes += (double)c->message[i].text.n;
	return ceil(bytes / BYTES_PER_TOKEN) + (isfinite(max) ? max : fmax(seen_out, ANSWER_TOKENS));
}

double rate_taken(const struct reply *r, double burndown, double ahead)
{
	if (r->usage.in >= 0 && r->usage.out >= 0) {
		int64_t read = r->usage.cache_read > 0 ? r->usage.cache_read : 0;
		return (double)(r->usage.in - read) + burndown * (double)r->usage.out;
	}
	bool begun = r->fail == FAIL_NONE || r->fail == FAIL_CUT || r->fail == FAIL_DEADLINE ||
		     r->fail == FAIL_MALFORMED || r->fail == FAIL_TOO_LARGE;
	return begun ? ahead : 0;
}
