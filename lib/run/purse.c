#include "run/purse.h"

#include "provider/provider.h"
#include "run/cost.h"

#include <math.h>

/* Until something is known: an answer without max_tokens, and a judge's own instructions and schema. */
enum { ANSWER_TOKENS = 1024, RUBRIC_TOKENS = 1536 };
#define PICO_PER_MICRO 1000000

void purse_init(struct purse *p, const struct run *r)
{
	*p = (struct purse){ .r = r, .tokens = -1, .pico = -1 };
	if (!r->stage) {
		p->limited = r->o.budget_micro > 0;
		p->pico = p->limited ? r->o.budget_micro * PICO_PER_MICRO : -1;
		return;
	}
	p->tokens = (double)r->stage->budget.tokens;
	if (r->stage->budget.usd_micro >= 0)
		p->pico = r->stage->budget.usd_micro * PICO_PER_MICRO;
	p->limited = p->tokens >= 0 || p->pico >= 0;
}

static struct toll add(struct toll a, struct toll b)
{
	return (struct toll){ .tokens = a.tokens + b.tokens, .pico = price_add(a.pico, b.pico) };
}

static struct toll most(struct toll a, struct toll b)
{
	return (struct toll){ .tokens = fmax(a.tokens, b.tokens), .pico = a.pico > b.pico ? a.pico : b.pico };
}

static struct toll toll_of(const struct cost_terms *t, double in, double out)
{
	return (struct toll){ .tokens = in + out, .pico = price_most(&t->dearest, t->request, in, out) };
}

static double answer_most(const struct purse *p, const struct cost_terms *t)
{
	return isfinite(t->max_tokens) ? t->max_tokens : fmax(p->seen_out, ANSWER_TOKENS);
}

struct toll purse_call(const struct purse *p, const struct call *c)
{
	if (!p->limited || c->endpoint->provider->local)
		return (struct toll){ 0 };
	struct cost_terms t = cost_terms(p->r, c->endpoint);
	double in = cost_tokens_at_most(c->message, c->nmessage) + t.extra + p->seen_extra;
	if (c->response_schema)
		in += (double)json_dumpb(c->response_schema, NULL, 0, 0);
	return toll_of(&t, in, c->kind == CALL_EMBED ? 0 : answer_most(p, &t));
}

struct toll purse_sample(const struct purse *p, const struct suite_plan *s, const struct message *message,
			 size_t n, unsigned calls)
{
	const struct endpoint *e = &s->conf->target->endpoint;
	struct call c = { .endpoint = e, .message = message, .nmessage = n };
	struct toll one = purse_call(p, &c), target = one, judged = { 0 };
	if (!p->limited)
		return judged;
	for (unsigned i = 1; i < calls; i++)
		target = add(target, one);
	struct cost_terms t = cost_terms(p->r, e);
	double read = cost_tokens_at_most(message, n) + (e->provider->local ? 0 : answer_most(p, &t));
	for (size_t i = 0; i < s->nmetric; i++) {
		const struct target_conf *judge = s->metric[i].conf->judge;
		if (!judge || judge->endpoint.provider->local)
			continue;
		struct cost_terms j = cost_terms(p->r, &judge->endpoint);
		double rubric = RUBRIC_TOKENS + (double)json_dumpb(s->metric[i].conf->config, NULL, 0, 0);
		judged = add(judged, toll_of(&j, read + rubric + j.extra, answer_most(p, &j)));
	}
	return add(target, judged.tokens > 0 ? most(judged, p->seen_judged) : judged);
}

static bool fits(const struct purse *p, struct toll t)
{
	if (p->blind && t.tokens > 0)
		return false;
	if (p->tokens >= 0 && t.tokens > 0 && p->spent.tokens + p->reserved.tokens + t.tokens > p->tokens)
		return false;
	int64_t all = price_add(price_add(p->spent.pico, p->reserved.pico), t.pico);
	return p->pico < 0 || t.pico <= 0 || all <= p->pico;
}

bool purse_reserve(struct purse *p, struct toll t, bool alone)
{
	if (p->limited && ((!alone && !p->learned && t.tokens > 0) || !fits(p, t)))
		return false;
	p->reserved = add(p->reserved, t);
	return true;
}

void purse_release(struct purse *p, struct toll t)
{
	p->reserved.tokens -= t.tokens;
	p->reserved.pico -= t.pico;
}

static struct toll lesser(struct toll a, struct toll b)
{
	return (struct toll){ .tokens = fmin(a.tokens, b.tokens), .pico = a.pico < b.pico ? a.pico : b.pico };
}

bool purse_part(struct purse *p, struct toll *from, struct toll t, struct toll *part)
{
	struct toll there = lesser(*from, t);
	struct toll more = { .tokens = t.tokens - there.tokens, .pico = t.pico - there.pico };
	*part = (struct toll){ 0 };
	if (!p->limited)
		return true;
	if (p->blind || !fits(p, more))
		return false;
	p->reserved = add(p->reserved, more);
	from->tokens -= there.tokens;
	from->pico -= there.pico;
	*part = t;
	return true;
}

bool purse_may_be_billed(const struct reply *r)
{
	return r->fail == FAIL_NONE || r->fail == FAIL_CUT || r->fail == FAIL_DEADLINE ||
	       r->fail == FAIL_MALFORMED || r->fail == FAIL_TOO_LARGE || r->fail == FAIL_NO_ANSWER;
}

/* What is not reported is counted by its bytes. */
static double tokens_taken(const struct purse *p, const struct call *c, const struct reply *r)
{
	struct cost_terms t = cost_terms(p->r, c->endpoint);
	bool billed = purse_may_be_billed(r);
	double in = r->usage.in >= 0 ? (double)r->usage.in :
		    billed ? cost_tokens_at_most(c->message, c->nmessage) : 0;
	double out = r->usage.out >= 0 ? (double)r->usage.out : billed ? (double)r->text.n : 0;
	if (r->usage.out < 0 && isfinite(t.max_tokens))
		out = fmin(out, t.max_tokens);
	return in + out;
}

static void learn(struct purse *p, const struct call *c, const struct reply *r)
{
	struct cost_terms t = cost_terms(p->r, c->endpoint);
	double sent = cost_tokens_at_most(c->message, c->nmessage) + t.extra;
	p->learned = p->learned || purse_may_be_billed(r);
	p->seen_extra = fmax(p->seen_extra, (double)r->usage.in - sent);
	p->seen_out = fmax(p->seen_out, (double)r->usage.out);
}

void purse_pay(struct purse *p, struct toll held, const struct call *c, const struct reply *r,
	       int64_t pico, const char *why)
{
	if (!p->limited)
		return;
	bool billed = purse_may_be_billed(r), whole = r->fail == FAIL_NONE;
	struct toll took = { .tokens = tokens_taken(p, c, r), .pico = pico >= 0 && whole ? pico : 0 };
	/* What broke off, and what reports no usage, counts as the most it can have cost. */
	if (billed && (!whole || (pico < 0 && r->usage.out < 0)))
		took.pico = held.pico;
	else if (billed && pico < 0 && p->pico >= 0 && !p->blind)
		p->blind = arena_fmt(p->r->arena, "the stage's budget in dollars can no longer be kept: %s", why);
	learn(p, c, r);
	purse_release(p, held);
	p->spent = add(p->spent, took);
}

void purse_saw_judging(struct purse *p, struct toll t)
{
	p->seen_judged = most(p->seen_judged, t);
}

int64_t purse_paid_micro(const struct purse *p)
{
	return p->spent.pico / PICO_PER_MICRO + (p->spent.pico % PICO_PER_MICRO > 0);
}

void purse_close(struct purse *p)
{
	p->limited = false;
	p->tokens = -1;
	p->pico = -1;
}

static const char *dollars(int64_t pico, struct arena *a)
{
	double usd = price_usd(pico);
	return arena_fmt(a, usd >= 1 ? "$%.2f" : "$%.6f", usd);
}

const char *purse_text(const struct purse *p, struct toll next, struct arena *a)
{
	if (p->blind)
		return p->blind;
	if (p->tokens >= 0 && p->spent.tokens + p->reserved.tokens + next.tokens > p->tokens)
		return arena_fmt(a, "the stage's budget of %.0f tokens: %.0f are spent and the next sample may take %.0f",
				 p->tokens, p->spent.tokens, next.tokens);
	return arena_fmt(a, "the stage's budget of %s: %s is spent and the next sample may take %s",
			 dollars(p->pico, a), dollars(p->spent.pico, a), dollars(next.pico, a));
}
