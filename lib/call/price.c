#include "call/price.h"

#include "base/clock.h"
#include "base/embed.h"
#include "base/num.h"
#include "call/wild.h"
#include "doc/schema.h"

#include <math.h>

/* Amounts change a few times a year. */
enum { MAX_AGE_DAYS = 180 };
#define DAY_MS INT64_C(86400000)
#define PICO_PER_MICRO 1000000

static const char *const rate_names[] = { "input", "output", "cache_read", "cache_write",
					  "cache_write_1h", "reasoning" };

static int64_t *rate_at(struct price_rates *r, size_t i)
{
	int64_t *const at[] = { &r->input, &r->output, &r->cache_read, &r->cache_write,
				&r->cache_write_1h, &r->reasoning };
	return at[i];
}

struct str price_schema(void)
{
	struct str bytes = { .p = NULL };
	embed_find("schema/gate.prices.schema.json", &bytes);
	return bytes;
}

/* --- loading --- */

struct load {
	struct price_table *t;
	const struct doc *doc;
	int64_t now_ms;
	struct arena *arena;
	struct diags *diags;
};

/* Micro-dollars, which must be whole; -1: not there. */
static int64_t amount(struct load *l, const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	if (!json_is_number(j))
		return -1;
	double micro = json_number_value(j) * 1e6, whole = round(micro);
	if (fabs(micro - whole) <= 1e-9 * fmax(1, whole))
		return (int64_t)whole;
	diag_add(l->diags, doc_pos_member(l->doc, o, key), "price",
		 "'%s' has more than six decimals, so it could not be counted exactly", key);
	return (int64_t)whole;
}

static void load_rates(struct load *l, const json_t *o, struct price_rates *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rate_names); i++)
		*rate_at(out, i) = amount(l, o, rate_names[i]);
}

static const struct str *names(struct load *l, const json_t *j, size_t *n)
{
	*n = json_is_array(j) ? json_array_size(j) : j ? 1 : 0;
	struct str *v = arena_array(l->arena, struct str, *n);
	for (size_t i = 0; i < *n; i++)
		v[i] = arena_str(l->arena, json_str(json_is_array(j) ? json_array_get(j, i) : j));
	return v;
}

/* Providers call the ordinary tier, and the ordinary speed, by several names. */
static struct str ordinary(struct str s)
{
	static const char *const same[] = { "", "default", "standard", "auto", "on-demand" };
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (str_eqc(s, same[i]))
			return STR("default");
	return s;
}

static void check_date(struct load *l, const json_t *o, const char *date)
{
	int64_t at;
	if (!clock_parse(str_c(arena_fmt(l->arena, "%sT00:00:00Z", date)), &at)) {
		diag_add(l->diags, doc_pos_member(l->doc, o, "date"), "price", "'%s' is no day", date);
		diag_hint(l->diags, "as in 2026-10-31");
	} else if (l->now_ms - at > l->t->max_age_ms) {
		diag_warn(l->diags, doc_pos_member(l->doc, o, "date"), "price-age",
			  "these prices are of %s, %lld days ago", date, (long long)((l->now_ms - at) / DAY_MS));
		diag_hint(l->diags, "compare them with their source and renew the date; `max_age` sets when to warn");
	}
}

static const char *date_of(struct load *l, const json_t *o, const char *otherwise)
{
	const json_t *j = json_object_get(o, "date");
	if (!json_is_string(j))
		return otherwise;
	const char *date = arena_cstr(l->arena, json_str(j));
	check_date(l, o, date);
	return date;
}

static void load_row(struct load *l, const json_t *o, struct price_row *r)
{
	const json_t *above = json_object_get(o, "above");
	int64_t request = amount(l, o, "request");
	*r = (struct price_row){
		.provider = arena_str(l->arena, json_get_str(o, "provider")),
		.tier = ordinary(arena_str(l->arena, json_get_str(o, "tier"))),
		.speed = ordinary(arena_str(l->arena, json_get_str(o, "speed"))),
		.batch = json_is_true(json_object_get(o, "batch")),
		.above = above ? json_integer_value(json_object_get(above, "tokens")) : -1,
		.request = request > 0 ? request * PICO_PER_MICRO : 0,
		.date = date_of(l, o, l->t->date),
		.at = doc_pos_of(l->doc, o),
	};
	r->model = names(l, json_object_get(o, "model"), &r->nmodel);
	r->region = names(l, json_object_get(o, "region"), &r->nregion);
	load_rates(l, o, &r->rates);
	load_rates(l, above, &r->above_rates);
}

static bool share_region(const struct price_row *a, const struct price_row *b)
{
	if (!a->nregion || !b->nregion)
		return a->nregion == b->nregion;
	for (size_t i = 0; i < a->nregion; i++)
		for (size_t k = 0; k < b->nregion; k++)
			if (str_eq(a->region[i], b->region[k]))
				return true;
	return false;
}

/* The model by which two rows would fit one call equally well, or NULL. */
static const struct str *twin_model(const struct price_row *a, const struct price_row *b,
				    struct arena *scratch)
{
	if (a->batch != b->batch || !str_eq(a->tier, b->tier) || !str_eq(a->speed, b->speed) ||
	    !str_eq(a->provider, b->provider) || !share_region(a, b))
		return NULL;
	for (size_t i = 0; i < a->nmodel; i++)
		for (size_t k = 0; k < b->nmodel; k++)
			if (wild_rank(a->model[i]) == wild_rank(b->model[k]) &&
			    (str_eq(a->model[i], b->model[k]) ||
			     (str_chr(a->model[i], '*', 0) >= 0 &&
			      wild_meet(a->model[i], b->model[k], scratch))))
				return &b->model[k];
	return NULL;
}

static void check_twins(struct load *l)
{
	const struct price_row *row = l->t->row;
	for (size_t i = 0; i < l->t->nrow; i++)
		for (size_t k = 0; k < i; k++) {
			const struct str *model = twin_model(&row[k], &row[i], l->arena);
			if (!model)
				continue;
			diag_add(l->diags, row[i].at, "price-twice",
				 "two rows fit '%.*s' equally: this one and %s:%u:%u", STR_ARGS(*model),
				 row[k].at.file, row[k].at.line, row[k].at.col);
			diag_hint(l->diags, "remove one, or tell them apart by provider, region, tier or speed");
			break;
		}
}

static int check_shape(struct load *l, const json_t *root)
{
	struct doc schema, part = *l->doc;
	struct schema *s;
	struct err err = ERR_INIT;
	part.root = (json_t *)(uintptr_t)root;
	if (doc_parse(&schema, price_schema(), DOC_JSON, "gate.prices.schema.json", l->arena, l->diags) ||
	    schema_compile(&s, schema.root, NULL, l->arena, &err)) {
		diag_add(l->diags, (struct pos){ .file = l->doc->file }, "bug",
			 "gate's own price schema does not compile: %s", err.msg);
		return -1;
	}
	return schema_check_doc(s, &part, l->diags, "price") ? 0 : -1;
}

static int64_t max_age_ms(const json_t *root)
{
	struct str s = json_get_str(root, "max_age");
	int64_t days;
	if (!s.n || !num_parse_i64(str_sub(s, 0, s.n - 1), &days))
		days = MAX_AGE_DAYS;
	return days * DAY_MS;
}

int price_load(struct price_table *out, const struct doc *doc, const json_t *root, int64_t now_ms,
	       struct arena *a, struct diags *d)
{
	struct load l = { .t = out, .doc = doc, .now_ms = now_ms, .arena = a, .diags = d };
	size_t before = d->errors;
	*out = (struct price_table){ .file = doc->file, .max_age_ms = max_age_ms(root) };
	if (check_shape(&l, root))
		return -1;
	const json_t *rows = json_object_get(root, "rows");
	out->source = arena_cstr(a, json_get_str(root, "source"));
	out->date = date_of(&l, root, "");
	out->row = arena_array(a, struct price_row, json_array_size(rows));
	for (size_t i = 0; i < json_array_size(rows); i++)
		load_row(&l, json_array_get(rows, i), &out->row[out->nrow++]);
	check_twins(&l);
	return d->errors > before ? -1 : 0;
}

/* --- finding --- */

/* What follows the last slash of an AWS ARN that only spells a public id out; else absent. */
static struct str arn_id(struct str model)
{
	if (!str_starts(model, STR("arn:")) || (str_find(model, STR(":foundation-model/"), 0) < 0 &&
						str_find(model, STR(":inference-profile/"), 0) < 0))
		return (struct str){ .p = NULL };
	size_t at = model.n;
	while (model.p[at - 1] != '/')
		at--;
	return str_sub(model, at, model.n);
}

/* How well the row's models fit, from 1; 0: not at all. */
static uint64_t model_fit(const struct price_row *r, struct str model)
{
	struct str id = arn_id(model);
	uint64_t best = 0;
	for (size_t i = 0; i < r->nmodel; i++) {
		bool fits = wild_match(r->model[i], model) || (id.n && wild_match(r->model[i], id));
		uint64_t rank = wild_rank(r->model[i]) + 1;
		best = fits && rank > best ? rank : best;
	}
	return best;
}

static bool region_fits(const struct price_row *r, struct str region)
{
	for (size_t i = 0; i < r->nregion; i++)
		if (str_eq(r->region[i], region))
			return true;
	return !r->nregion;
}

/* 0: the row is not for this call, whatever serves it. */
static uint64_t place_fit(const struct price_row *r, const struct price_ask *ask)
{
	if (r->batch || (r->provider.n && !str_eq(r->provider, ask->provider)) ||
	    !region_fits(r, ask->region))
		return 0;
	uint64_t model = model_fit(r, ask->model);
	return model ? model << 4 | (uint64_t)(r->provider.n > 0) << 3 | (uint64_t)(r->nregion > 0) << 2 : 0;
}

static uint64_t fit(const struct price_row *r, const struct price_ask *ask)
{
	bool any_tier = str_eqc(r->tier, "*"), any_speed = str_eqc(r->speed, "*");
	if ((!any_tier && !str_eq(r->tier, ordinary(ask->tier))) ||
	    (!any_speed && !str_eq(r->speed, ordinary(ask->speed))))
		return 0;
	uint64_t place = place_fit(r, ask);
	return place ? place | (uint64_t)!any_tier << 1 | (uint64_t)!any_speed : 0;
}

const struct price_row *price_find(const struct price_table *t, const struct price_ask *ask)
{
	const struct price_row *best = NULL;
	uint64_t top = 0;
	for (size_t i = 0; i < t->nrow; i++) {
		uint64_t x = fit(&t->row[i], ask);
		if (x > top) {
			top = x;
			best = &t->row[i];
		}
	}
	return best;
}

/* --- pricing --- */

int64_t price_add(int64_t a, int64_t b)
{
	int64_t sum;
	if (__builtin_add_overflow(a, b, &sum) || sum > PRICE_MAX)
		return PRICE_MAX;
	return sum;
}

double price_usd(int64_t pico)
{
	return (double)pico / PRICE_PER_USD;
}

static int64_t times(int64_t tokens, int64_t rate)
{
	int64_t x;
	if (__builtin_mul_overflow(tokens, rate, &x) || x > PRICE_MAX)
		return PRICE_MAX;
	return x;
}

/* Adds tokens at a rate; false when there are some and the table has no such rate. */
static bool part(int64_t *sum, int64_t tokens, int64_t rate, const char *name, const char **missing)
{
	if (tokens <= 0)
		return true;
	if (rate < 0) {
		*missing = name;
		return false;
	}
	*sum = price_add(*sum, times(tokens, rate));
	return true;
}

static int64_t known(int64_t n)
{
	return n > 0 ? n : 0;
}

static struct price unpriced(const char *why)
{
	return (struct price){ .pico = -1, .why = why };
}

struct price price_usage(const struct price_row *row, const struct usage *u)
{
	static const char *const no_rate[] = {
		"unpriced: its row in the price table has no 'cache_read'",
		"unpriced: its row in the price table has no 'cache_write'",
		"unpriced: its row in the price table has no 'cache_write_1h'",
	};
	const char *missing = NULL;
	int64_t sum = row->request;
	if (row->rates.input < 0)
		return (struct price){ .pico = sum };
	if (u->in < 0 || u->out < 0)
		return unpriced("unpriced: the provider reported no usage");
	const struct price_rates *r = row->above >= 0 && u->in > row->above ? &row->above_rates : &row->rates;
	int64_t read = known(u->cache_read), write = known(u->cache_write), hour = known(u->cache_write_1h);
	int64_t reasoning = r->reasoning >= 0 ? known(u->reasoning) : 0;
	if (read > u->in || write > u->in - read || hour > write || reasoning > u->out)
		return unpriced("unpriced: the usage that was reported contradicts itself");
	if (!part(&sum, read, r->cache_read, no_rate[0], &missing) ||
	    !part(&sum, write - hour, r->cache_write, no_rate[1], &missing) ||
	    !part(&sum, hour, r->cache_write_1h, no_rate[2], &missing))
		return unpriced(missing);
	sum = price_add(sum, times(u->in - read - write, r->input));
	sum = price_add(sum, times(u->out - reasoning, r->output));
	if (reasoning)
		sum = price_add(sum, times(reasoning, r->reasoning));
	return (struct price){ .pico = sum };
}

/* "-2024-08-06" or "-20240806", as snapshots of a model are named. */
static bool is_snapshot(struct str served, struct str asked)
{
	if (!asked.n || !str_starts(served, asked))
		return false;
	struct str rest = str_sub(served, asked.n, served.n);
	size_t digits = 0;
	for (size_t i = 0; i < rest.n; i++) {
		bool digit = rest.p[i] >= '0' && rest.p[i] <= '9';
		if (!digit && rest.p[i] != '-')
			return false;
		digits += digit;
	}
	return digits == 8 && rest.p[0] == '-';
}

/* "unpriced: model 'x' at tier flex, which served 'y', is not in 'prices.yaml'" */
static const char *unpriced_text(const struct price_table *t, const struct price_ask *ask,
				 const struct price_ask *asked, struct arena *a)
{
	struct str tier = ordinary(ask->tier), speed = ordinary(ask->speed);
	const char *what = ask->model.n ? arena_fmt(a, "model '%.*s'", STR_ARGS(ask->model)) :
					  arena_fmt(a, "provider '%.*s'", STR_ARGS(ask->provider));
	if (!str_eqc(tier, "default"))
		what = arena_fmt(a, "%s at tier %.*s", what, STR_ARGS(tier));
	if (!str_eqc(speed, "default"))
		what = arena_fmt(a, "%s at speed %.*s", what, STR_ARGS(speed));
	if (asked->model.n && !str_eq(ask->model, asked->model))
		what = arena_fmt(a, "%s, which served '%.*s',", what, STR_ARGS(asked->model));
	return arena_fmt(a, "unpriced: %s is not in '%s'", what, t->file);
}

struct price price_reply(const struct price_table *t, const struct price_ask *asked,
			 const struct reply *r, struct arena *a)
{
	struct price_ask ask = *asked;
	if (r->model.n)
		ask.model = r->model;
	if (r->tier.n)
		ask.tier = r->tier;
	if (r->speed.n)
		ask.speed = r->speed;
	const struct price_row *row = t ? price_find(t, &ask) : NULL;
	if (t && !row && is_snapshot(ask.model, asked->model)) {
		ask.model = asked->model;
		row = price_find(t, &ask);
	}
	if (row) {
		struct price p = price_usage(row, &r->usage);
		if (!p.why && !r->model.n)
			p.why = "priced as the model that was asked for; the answer names none";
		return p;
	}
	if (!t)
		return unpriced("unpriced: the policy names no prices");
	return unpriced(unpriced_text(t, &ask, asked, a));
}

/* --- ceilings --- */

static void lift(int64_t *to, int64_t x)
{
	*to = x > *to ? x : *to;
}

static void lift_rates(struct price_rates *to, const struct price_rates *r, bool cached)
{
	lift(&to->input, r->input);
	lift(&to->input, r->cache_read);
	lift(&to->output, r->output);
	lift(&to->output, r->reasoning);
	if (!cached)
		return;
	lift(&to->input, r->cache_write);
	lift(&to->input, r->cache_write_1h);
}

bool price_dearest(struct price_rates *out, int64_t *request, const struct price_table *t,
		   const struct price_ask *ask, bool cached)
{
	bool any = false;
	*out = (struct price_rates){ 0 };
	*request = 0;
	for (size_t i = 0; t && i < t->nrow; i++) {
		const struct price_row *r = &t->row[i];
		struct price_ask as = *ask;
		if (!place_fit(r, ask))
			continue;
		as.tier = str_eqc(r->tier, "*") ? STR("default") : r->tier;
		as.speed = str_eqc(r->speed, "*") ? STR("default") : r->speed;
		r = price_find(t, &as);
		lift_rates(out, &r->rates, cached);
		lift_rates(out, &r->above_rates, cached);
		lift(request, r->request);
		any = true;
	}
	return any;
}

int64_t price_most(const struct price_rates *dearest, int64_t request, double in, double out)
{
	if (!(in < 1e15) || !(out < 1e15))
		return PRICE_MAX;
	int64_t sum = price_add(times((int64_t)ceil(in), dearest->input),
				times((int64_t)ceil(out), dearest->output));
	return price_add(sum, request);
}
