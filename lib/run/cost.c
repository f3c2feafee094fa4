#include "run/cost.h"

#include "base/limits.h"
#include "crypto/sha256.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "run/facts.h"
#include "run/plan.h"
#include "run/estimate.h"
#include "wire/awshost.h"

#include <math.h>

/* Roles and marks around a message; a provider's own words around tools (some hundreds). */
enum { MESSAGE_TOKENS = 16, TOOLS_TOKENS = 1024 };

/* --- the table --- */

static struct pos prices_at(const struct run *r)
{
	return doc_pos_member(&r->policy_doc, r->policy_doc.root, "prices");
}

static void keep_table(struct run *r, struct price_table *t, const char *path, const char *oid,
		       const struct digest *sha)
{
	char hex[DIGEST_HEX];
	json_t *j = json_pack("{ss ss ss}", "sha256", digest_hex(sha, hex), "date", t->date, "source", t->source);
	if (path && j) {
		json_object_set_new(j, "path", json_string(path));
		json_object_set_new(j, "oid", json_string(oid));
	}
	r->prices = t;
	r->head.prices = arena_json(r->arena, j);
	r->prices_digest = *sha;
}

static int load_file(struct run *r, const char *ref, struct diags *d)
{
	struct price_table *t = arena_new(r->arena, struct price_table);
	struct doc *doc = arena_new(r->arena, struct doc);
	struct err err = ERR_INIT;
	struct str text;
	struct digest sha;
	const char *path;
	char oid[OID_HEX];
	if (tree_resolve(&path, r->head.policy_path, str_c(ref), r->arena, &err) ||
	    tree_read(r->policy_tree, path, ARTIFACT_BYTES_MAX, &text, oid, r->arena, &err)) {
		diag_add(d, prices_at(r), "price", "prices: %s", err.msg);
		return -1;
	}
	if (doc_parse(doc, text, doc_syntax_of(path), path, r->arena, d) ||
	    price_load(t, doc, doc->root, r->head.start_ms, r->arena, d))
		return -1;
	sha256(&sha, text);
	keep_table(r, t, path, oid, &sha);
	return 0;
}

static int load_inline(struct run *r, const json_t *j, struct diags *d)
{
	struct price_table *t = arena_new(r->arena, struct price_table);
	struct digest sha;
	struct buf text;
	if (price_load(t, &r->policy_doc, j, r->head.start_ms, r->arena, d))
		return -1;
	buf_init(&text, ARTIFACT_BYTES_MAX);
	json_write(&text, j);
	sha256(&sha, buf_str(&text));
	buf_release(&text);
	keep_table(r, t, NULL, NULL, &sha);
	return 0;
}

int cost_load(struct run *r, struct diags *d, struct err *err)
{
	const json_t *j = r->policy.prices;
	int bad = json_is_string(j) ? load_file(r, arena_cstr(r->arena, json_str(j)), d) :
		  json_is_object(j) ? load_inline(r, j, d) : 0;
	if (bad && !d->errors)
		return err_set(err, ERR_BUG, "prices were refused without a reason");
	return 0;
}

/* --- endpoints --- */

static struct str text_or_type(const json_t *j)
{
	return json_is_object(j) ? json_get_str(j, "type") : json_str(j);
}

/* A target's setting under any of its spellings, in its parameters, its model or beside them. */
static struct str setting(const struct endpoint *e, const char *const *name, size_t n)
{
	const json_t *in[] = { e->params, json_object_get(e->config, "model"), e->config };
	for (size_t i = 0; i < ARRAY_LEN(in); i++)
		for (size_t k = 0; k < n; k++) {
			struct str s = text_or_type(json_object_get(in[i], name[k]));
			if (s.n)
				return s;
		}
	return (struct str){ .p = NULL };
}

static struct price_ask ask_of(const struct endpoint *e)
{
	static const char *const tier[] = { "tier", "service_tier", "serviceTier" };
	static const char *const speed[] = { "speed", "performance", "latency" };
	return (struct price_ask){
		.provider = str_c(e->provider->name),
		.model = e->model,
		.region = e->aws ? e->aws->region : (struct str){ .p = NULL },
		.tier = setting(e, tier, ARRAY_LEN(tier)),
		.speed = setting(e, speed, ARRAY_LEN(speed)),
	};
}

/* Is a cache asked for anywhere in it?  A prompt that lies at AWS may ask for one itself. */
static bool may_cache(const json_t *j)
{
	const char *key;
	json_t *v;
	size_t i;
	if (json_is_string(j))
		return str_find(json_str(j), STR("cache"), 0) >= 0;
	json_object_foreach ((json_t *)(uintptr_t)j, key, v)
		if (strstr(key, "cache") || may_cache(v))
			return true;
	json_array_foreach ((json_t *)(uintptr_t)j, i, v)
		if (may_cache(v))
			return true;
	return false;
}

static double bytes_of(const json_t *j)
{
	return j ? (double)json_dumpb(j, NULL, 0, JSON_ENCODE_ANY) : 0;
}

static struct cost_terms terms_of(const struct run *r, const struct endpoint *e)
{
	struct cost_terms t = { .ask = ask_of(e), .max_tokens = estimate_max_tokens(e) };
	bool cached = str_starts(e->model, STR("arn:")) || may_cache(e->config);
	t.extra = bytes_of(e->params) + (e->tools ? bytes_of(e->tools) + TOOLS_TOKENS : 0);
	t.priced = price_dearest(&t.dearest, &t.request, r->prices, &t.ask, cached);
	return t;
}

struct cost_terms cost_terms(const struct run *r, const struct endpoint *e)
{
	for (size_t i = 0; r->terms && i < r->project.ntarget; i++)
		if (&r->project.target[i].endpoint == e)
			return r->terms[i];
	return terms_of(r, e);
}

double cost_tokens_at_most(const struct message *message, size_t n)
{
	size_t bytes = 0;
	for (size_t i = 0; i < n; i++) {
		bytes += message[i].text.n + MESSAGE_TOKENS;
		if (message[i].tool_calls)
			bytes += json_dumpb(message[i].tool_calls, NULL, 0, JSON_ENCODE_ANY);
	}
	return (double)bytes;
}

struct price cost_reply(const struct run *r, const struct endpoint *e, const struct reply *reply,
			struct arena *a)
{
	struct price_ask ask = r->prices ? ask_of(e) : (struct price_ask){ .model = e->model };
	struct price p = price_reply(r->prices, &ask, reply, a);
	struct str behind = e->name ? facts_model(&r->head, e->name) : (struct str){ .p = NULL };
	if (p.pico >= 0 || !behind.n || str_eq(behind, ask.model))
		return p;
	/* A profile or a prompt of the team's own: what stands behind it is what the provider bills. */
	ask.model = behind;
	struct price by_model = price_reply(r->prices, &ask, reply, a);
	return by_model.pico >= 0 ? by_model : p;
}

/* --- the plan --- */

bool cost_range(double *hi, const struct run *r, const struct suite_plan *s)
{
	const struct target_conf *target = s->conf->target;
	if (!target || !target->endpoint.provider || target->endpoint.provider->local)
		return false;
	struct cost_terms t = cost_terms(r, &target->endpoint);
	if (!t.priced) {
		*hi = price_usd(PRICE_MAX);
		return true;
	}
	bool by_tokens = t.dearest.input > 0 || t.dearest.output > 0;
	if (by_tokens && (!isfinite(t.max_tokens) || s->in_max <= 0))
		return false;
	/* A conversation is read again at each of its calls, with the answers so far. */
	double calls = s->conf->max_calls > 1 ? s->conf->max_calls : 1, out = by_tokens ? t.max_tokens : 0;
	int64_t most = price_most(&t.dearest, t.request, s->in_max + t.extra + (calls - 1) * out, out);
	*hi = fmin(calls * price_usd(most), price_usd(PRICE_MAX));
	return *hi > 0;
}

static void check_endpoint(const struct run *r, const struct target_conf *t, struct pos usd, bool budget,
			   struct diags *d)
{
	if (!t || !t->endpoint.provider || t->endpoint.provider->local)
		return;
	struct cost_terms terms = cost_terms(r, &t->endpoint);
	const char *what = t->endpoint.model.n ?
		arena_fmt(r->arena, "model '%.*s'", STR_ARGS(t->endpoint.model)) :
		arena_fmt(r->arena, "provider '%s'", t->endpoint.provider->name);
	if (!terms.priced && budget) {
		diag_add(d, usd, "budget", "'usd' cannot be kept: %s of target '%s' has no row in %s", what, t->name,
			 r->prices ? arena_fmt(r->arena, "'%s'", r->prices->file) : "any price table");
		diag_hint(d, r->prices ? "add its row, or use `tokens` and `time`" :
					 "add `prices: prices.yaml` (see `gate help prices`), or use `tokens` and `time`");
	} else if (!terms.priced && r->prices) {
		diag_warn(d, t->at, "unpriced", "target '%s': %s has no row in '%s', so its cost stays unknown",
			  t->name, what, r->prices->file);
		diag_hint(d, "add a row; what is unpriced is undecided, never $0");
	} else if (budget && (terms.dearest.output > 0) && !isfinite(terms.max_tokens)) {
		diag_warn(d, t->at, "budget-open", "target '%s' names no max_tokens, so its last answers may pass the "
			  "budget in dollars", t->name);
		diag_hint(d, "add max_tokens to its params");
	}
}

/* Every endpoint once, in order. */
static bool seen_before(const struct target_conf *const *list, size_t n, const struct target_conf *t)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == t)
			return true;
	return false;
}

static void check_stage(const struct run *r, struct diags *d)
{
	VEC(const struct target_conf *) all = { .v = NULL };
	if (!r->stage)
		return;
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_conf *s = r->suite[i].conf;
		if (s->target && !seen_before(all.v, all.n, s->target))
			*vec_push(&all, r->arena) = s->target;
		for (size_t k = 0; k < s->nmetric; k++)
			if (s->metric[k].judge && !seen_before(all.v, all.n, s->metric[k].judge))
				*vec_push(&all, r->arena) = s->metric[k].judge;
	}
	const json_t *stages = json_object_get(r->policy_doc.root, "stages");
	const json_t *budget = json_object_get(json_object_get(stages, r->stage->name), "budget");
	struct pos at = doc_pos_member(&r->policy_doc, budget, "usd");
	for (size_t i = 0; i < all.n; i++)
		check_endpoint(r, all.v[i], at, r->stage->budget.usd_micro >= 0, d);
}

void cost_bind(struct run *r, struct diags *d)
{
	struct cost_terms *terms = arena_array(r->arena, struct cost_terms, r->project.ntarget);
	for (size_t i = 0; i < r->project.ntarget; i++)
		if (r->project.target[i].endpoint.provider)
			terms[i] = terms_of(r, &r->project.target[i].endpoint);
	r->terms = terms;
	check_stage(r, d);
}

static int measure_suite(struct suite_plan *s, struct arena *scratch, struct err *err)
{
	for (size_t i = 0; i < s->ncase; i++) {
		struct arena_mark m = arena_mark(scratch);
		struct err ignored = ERR_INIT;
		struct tcase c;
		struct message *message;
		size_t n;
		if (cases_get(s->conf->cases, plan_case(s, i), &c, scratch, err))
			return -1;
		/* What cannot be rendered is not called. */
		if (!prompt_render(&message, &n, &s->conf->target->prompt, c.vars, scratch, &ignored)) {
			double in = cost_tokens_at_most(message, n) + (c.talk ? bytes_of(c.vars) : 0);
			s->in_max = fmax(s->in_max, in);
			s->in_sum += in;
		}
		arena_rewind(scratch, m);
	}
	return 0;
}

int cost_measure(struct run *r, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	int bad = 0;
	bool wanted = r->prices || r->policy.nlimit;
	for (size_t i = 0; wanted && i < r->nsuite && !bad; i++)
		if (r->suite[i].conf->target && !r->suite[i].conf->target->endpoint.provider->local)
			bad = measure_suite(&r->suite[i], &scratch, err);
	arena_release(&scratch);
	return bad;
}
