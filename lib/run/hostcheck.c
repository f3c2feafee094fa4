#include "run/hostcheck.h"

#include "provider/provider.h"
#include "run/plan.h"
#include "run/sample.h"
#include "run/trust.h"

struct check {
	struct run *r;
	struct diags *d;
	struct hosts hosts;
	const struct target_conf **told; /* each target once */
	size_t ntold;
};

static bool is_new(struct check *k, const struct target_conf *t)
{
	for (size_t i = 0; i < k->ntold; i++)
		if (k->told[i] == t)
			return false;
	k->told[k->ntold++] = t;
	return true;
}

static bool goes_out(const struct target_conf *t)
{
	const struct provider_ops *p = t ? t->endpoint.provider : NULL;
	return p && !p->local && !p->runs;
}

static void tell(struct check *k, const struct target_conf *t, const char *why)
{
	if (k->r->o.calls)
		diag_add(k->d, t->at, "trust-host", "target '%s': %s", t->name, why);
	else
		diag_warn(k->d, t->at, "trust-host", "target '%s': %s", t->name, why);
}

/* A request that cannot be made is told by who makes it. */
static void check_call(struct check *k, const struct call *c, const struct target_conf *t)
{
	struct arena *a = k->r->arena;
	struct wire_req req;
	struct url u;
	struct hosts_grant grant;
	struct err ignored = ERR_INIT, err = ERR_INIT;
	if (t->endpoint.provider->encode(&req, c, a, &ignored) || url_parse(&u, req.url, a, &ignored))
		return;
	if (hosts_check(&k->hosts, &u, &grant, &err))
		tell(k, t, err.msg);
}

/* All cases of a suite go to one host, so its first stands for them. */
static void check_suite(struct check *k, const struct suite_plan *s)
{
	static const struct message ask = { .role = ROLE_USER, .text = STR_INIT("") };
	const struct target_conf *t = s->conf->target;
	struct err ignored = ERR_INIT;
	struct tcase c;
	if (!goes_out(t) || !s->ncase || !is_new(k, t) ||
	    cases_get(s->conf->cases, plan_case(s, 0), &c, k->r->arena, &ignored))
		return;
	struct call call = { .endpoint = &t->endpoint, .message = &ask, .nmessage = 1 };
	struct message *message = NULL;
	size_t n = 0;
	call.given = sample_given(s->conf, &c, k->r->arena);
	if (!prompt_render(&message, &n, &t->prompt, c.vars, k->r->arena, &ignored) && n) {
		call.message = message;
		call.nmessage = n;
	}
	check_call(k, &call, t);
}

static void check_judge(struct check *k, const struct target_conf *t)
{
	static const struct message message[] = {
		{ .role = ROLE_SYSTEM, .text = STR_INIT("") },
		{ .role = ROLE_USER, .text = STR_INIT("") },
	};
	if (!goes_out(t) || !is_new(k, t))
		return;
	struct call call = { .endpoint = &t->endpoint, .message = message, .nmessage = ARRAY_LEN(message) };
	check_call(k, &call, t);
}

void hostcheck(struct run *r, struct diags *d)
{
	struct check k = { .r = r, .d = d };
	struct err ignored = ERR_INIT;
	if (r->o.replay || (!r->stage && !r->o.by_policy) || trust_hosts(&k.hosts, r, &ignored))
		return;
	k.told = arena_array(r->arena, const struct target_conf *, r->project.ntarget);
	for (size_t i = 0; i < r->nsuite; i++)
		check_suite(&k, &r->suite[i]);
	for (size_t i = 0; i < r->nsuite; i++)
		for (size_t m = 0; m < r->suite[i].conf->nmetric; m++)
			if (r->suite[i].conf->metric[m].judge)
				check_judge(&k, r->suite[i].conf->metric[m].judge);
}
