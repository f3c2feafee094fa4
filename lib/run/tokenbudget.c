#include "run/tokenbudget.h"

#include "provider/provider.h"
#include "run/estimate.h"

#include <math.h>

/* English takes about four bytes a token, other languages fewer. */
enum { BYTES_PER_TOKEN = 3 };
/* Until something is known: an answer without max_tokens, and a judge's own instructions. */
enum { ANSWER_TOKENS = 1024, RUBRIC_TOKENS = 1024 };

void token_budget_init(struct token_budget *b, const struct run *r)
{
	*b = (struct token_budget){ .limit = r->stage ? (double)r->stage->budget.tokens : -1 };
}

static double answer_bound(const struct token_budget *b, const struct endpoint *e)
{
	double max = estimate_max_tokens(e);
	return isfinite(max) ? max : fmax(b->seen_out, ANSWER_TOKENS);
}

static double text_tokens(const struct message *message, size_t n)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++)
		bytes += message[i].text.n + BYTES_PER_TOKEN * 4;
	return ceil((double)bytes / BYTES_PER_TOKEN);
}

double token_budget_estimate(const struct token_budget *b, const struct suite_plan *s,
			     const struct message *message, size_t n)
{
	const struct endpoint *e = &s->conf->target->endpoint;
	double in = text_tokens(message, n) + b->seen_extra, out = e->provider->local ? 0 : answer_bound(b, e);
	double judged = 0;
	if (b->limit < 0)
		return 0;
	for (size_t i = 0; i < s->nmetric; i++) {
		const struct target_conf *judge = s->metric[i].conf->judge;
		if (judge && !judge->endpoint.provider->local)
			judged += in + out + RUBRIC_TOKENS + answer_bound(b, &judge->endpoint);
	}
	return (e->provider->local ? 0 : in + out) + (judged > 0 ? fmax(judged, b->seen_judged) : 0);
}

bool token_budget_reserve(struct token_budget *b, double tokens, bool alone)
{
	if (b->limit >= 0 && tokens > 0 &&
	    ((!alone && !b->learned) || b->spent + b->reserved + tokens > b->limit))
		return false;
	b->reserved += tokens;
	return true;
}

void token_budget_release(struct token_budget *b, double tokens)
{
	b->reserved -= tokens;
}

/* A call that broke off may have been billed all the same; one that was refused was not. */
static bool may_be_billed(const struct reply *r)
{
	return r->fail == FAIL_NONE || r->fail == FAIL_CUT || r->fail == FAIL_DEADLINE ||
	       r->fail == FAIL_MALFORMED || r->fail == FAIL_TOO_LARGE || r->fail == FAIL_NO_ANSWER;
}

double token_budget_pay(struct token_budget *b, const struct call *c, const struct reply *r)
{
	bool billed = may_be_billed(r);
	double in = r->usage.in >= 0 ? (double)r->usage.in :
		    billed ? text_tokens(c->message, c->nmessage) : 0;
	double out = r->usage.out >= 0 ? (double)r->usage.out :
		     billed ? ceil((double)r->text.n / BYTES_PER_TOKEN) : 0;
	b->spent += in + out;
	b->learned = b->learned || billed;
	b->seen_extra = fmax(b->seen_extra, in - text_tokens(c->message, c->nmessage));
	b->seen_out = fmax(b->seen_out, out);
	return in + out;
}

const char *token_budget_text(const struct token_budget *b, double next, struct arena *a)
{
	return arena_fmt(a, "the stage's budget of %.0f tokens: %.0f are spent and the next sample may take %.0f",
			 b->limit, b->spent, next);
}
