#include "run/rowcheck.h"

#include "doc/jsonx.h"
#include "doc/schema.h"
#include "provider/provider.h"
#include "run/plan.h"
#include "run/sample.h"

enum { MISTAKES_MAX = 50 };

struct mistake {
	const struct metric_plan *metric; /* NULL: of the target's request */
	struct pos first; /* the case */
	const char *msg;
	size_t cases;
};

struct check {
	const struct run *r;
	const struct suite_plan *suite;
	struct schema **schema; /* by metric; NULL where no case can change the settings */
	struct mistake mistake[MISTAKES_MAX];
	size_t nmistake;
};

static void mistaken(struct check *k, const struct metric_plan *m, struct pos at, const char *msg)
{
	for (size_t i = 0; i < k->nmistake; i++)
		if (k->mistake[i].metric == m && !strcmp(k->mistake[i].msg, msg)) {
			k->mistake[i].cases++;
			return;
		}
	if (k->nmistake < MISTAKES_MAX)
		k->mistake[k->nmistake++] = (struct mistake){
			.metric = m, .first = at, .cases = 1,
			.msg = arena_fmt(k->r->arena, "%s", msg),
		};
}

/* One mistake per metric and case is enough. */
static void check_metric(struct check *k, size_t at, const struct tcase *c, struct arena *a)
{
	const struct metric_plan *m = &k->suite->metric[at];
	struct schema_report rep = { .arena = a };
	struct err err = ERR_INIT;
	const json_t *config;
	const void *prepared;
	if (config_render(&config, m->conf, c->vars, a, &err))
		mistaken(k, m, c->at, err.msg);
	else if (!schema_valid(k->schema[at], config, NULL, a) &&
		 !schema_valid(k->schema[at], config, &rep, a)) /* again for the words */
		mistaken(k, m, c->at, rep.list.n ? rep.list.v[0].msg : "the settings do not fit the scorer");
	else if (m->scorer->prepare && m->scorer->prepare(&prepared, config, a, &err))
		mistaken(k, m, c->at, err.msg);
}

const json_t *rowcheck_assert_config(const struct tcase *c, struct arena *a)
{
	return arena_json(a, json_pack("{sO}", "assert", c->asserts));
}

static void check_asserts(struct check *k, const struct tcase *c, struct arena *a)
{
	const struct metric_plan *m = &k->suite->metric[k->suite->nmetric];
	const json_t *config = rowcheck_assert_config(c, a);
	struct err err = ERR_INIT;
	const void *prepared;
	if (m->scorer->prepare(&prepared, config, a, &err))
		mistaken(k, m, c->at, err.msg);
	else if (score_needs(m->scorer, config) & (NEEDS_JUDGE | NEEDS_EMBED))
		mistaken(k, m, c->at, "no judge is named for a case's own assertion; make it a metric of the "
				      "suite, with `with: TARGET`");
}

/* The whole request as it would be sent: what the URL, a header or an argument becomes. */
static void check_request(struct check *k, const struct tcase *c, struct arena *a)
{
	static const struct message begin[] = {
		{ .role = ROLE_USER, .text = STR_INIT("") },
		{ .role = ROLE_ASSISTANT, .text = STR_INIT("") },
		{ .role = ROLE_USER, .text = STR_INIT("") },
	};
	const struct target_conf *t = k->suite->conf->target;
	struct call call = { .endpoint = &t->endpoint, .given = sample_given(k->suite->conf, c, a) };
	struct message *message = NULL;
	struct wire_req req;
	struct err err = ERR_INIT;
	if (prompt_render(&message, &call.nmessage, &t->prompt, c->vars, a, &err)) {
		mistaken(k, NULL, c->at, err.msg);
		return;
	}
	call.message = message;
	if (c->talk) {
		call.message = begin;
		call.nmessage = ARRAY_LEN(begin);
	}
	if (t->endpoint.provider->encode(&req, &call, a, &err))
		mistaken(k, NULL, c->at, err.msg);
}

static bool has_request(const struct suite_plan *s)
{
	const struct target_conf *t = s->conf->target;
	return t && t->endpoint.provider && t->endpoint.provider->given != GIVEN_NOTHING;
}

static int check_cases(struct check *k, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	const struct suite_plan *s = k->suite;
	int bad = 0;
	for (size_t i = 0; i < s->ncase && !bad; i++) {
		struct arena_mark mark = arena_mark(&scratch);
		struct tcase c;
		bad = cases_get(s->conf->cases, plan_case(s, i), &c, &scratch, err);
		for (size_t m = 0; m < s->nmetric && !bad; m++)
			if (k->schema[m])
				check_metric(k, m, &c, &scratch);
		if (!bad && s->asserts && c.asserts)
			check_asserts(k, &c, &scratch);
		if (!bad && has_request(s))
			check_request(k, &c, &scratch);
		arena_rewind(&scratch, mark);
	}
	arena_release(&scratch);
	return bad;
}

static void tell(const struct check *k, struct diags *d)
{
	for (size_t i = 0; i < k->nmistake; i++) {
		const struct mistake *x = &k->mistake[i];
		const char *more = x->cases > 1 ?
			arena_fmt(k->r->arena, " and %zu more", x->cases - 1) : "";
		if (!x->metric)
			diag_add(d, k->suite->conf->target->at, "target-config", "target '%s': %s (case at %s:%u%s)",
				 k->suite->conf->target->name, x->msg, x->first.file, x->first.line, more);
		else if (x->metric->conf->raw)
			diag_add(d, x->metric->conf->at, "metric-config", "metric '%s': %s (case at %s:%u%s)",
				 x->metric->conf->name, x->msg, x->first.file, x->first.line, more);
		else
			diag_add(d, x->first, "assertion", "%s%s", x->msg,
				 *more ? arena_fmt(k->r->arena, " (this case%s)", more) : "");
	}
}

static int check_suite(const struct run *r, const struct suite_plan *s, struct diags *d,
		       struct err *err)
{
	struct check *k = arena_new(r->arena, struct check);
	bool any = s->asserts || has_request(s);
	*k = (struct check){ .r = r, .suite = s };
	k->schema = arena_array(r->arena, struct schema *, s->nmetric);
	for (size_t m = 0; m < s->nmetric; m++) {
		if (!s->metric[m].scorer || !s->metric[m].conf->has_template)
			continue;
		if (schema_compile(&k->schema[m], plan_metric_schema(s->metric[m].scorer, r->arena), NULL,
				   r->arena, err))
			return -1;
		any = true;
	}
	if (any && check_cases(k, err))
		return -1;
	tell(k, d);
	return 0;
}

int rowcheck(const struct run *r, struct diags *d, struct err *err)
{
	for (size_t i = 0; i < r->nsuite; i++)
		if (check_suite(r, &r->suite[i], d, err))
			return -1;
	return 0;
}
