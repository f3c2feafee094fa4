#include "run/plan.h"

#include "record/record_read.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/suggest.h"
#include "crypto/sha256.h"
#include "doc/schema.h"
#include "provider/provider.h"
#include "run/builtin.h"
#include "run/awsplace.h"
#include "run/cost.h"
#include "run/execcheck.h"
#include "run/labelled.h"
#include "run/targetcheck.h"
#include "run/trust.h"

#include <fnmatch.h>
#include <math.h>

/* Values longer than this are texts, not categories: no slice selects by them. */
enum { TAG_BYTES_MAX = 128 };

static void hint_names(struct diags *d, struct suggest *s, const char *list)
{
	struct str best = suggest_best(s);
	if (best.p)
		diag_hint(d, "did you mean '%.*s'?", STR_ARGS(best));
	else
		diag_hint(d, "one of: %s", list);
}

static void unknown_provider(struct diags *d, const struct target_conf *t)
{
	struct suggest s = SUGGEST_INIT(t->provider_name);
	struct buf list;
	buf_init(&list, 4 * KIB);
	for (const struct provider_ops *const *p = provider_all(); *p; p++) {
		suggest_offer(&s, str_c((*p)->name));
		buf_addf(&list, "%s%s", list.n ? " " : "", (*p)->name);
	}
	diag_add(d, t->provider_at, "unknown-provider", "target '%s': unknown provider '%.*s'",
		 t->name, STR_ARGS(t->provider_name));
	hint_names(d, &s, buf_cstr(&list));
	buf_release(&list);
}

static void unknown_kind(struct diags *d, const struct target_conf *t, const struct provider_ops *p,
			 struct str kind)
{
	struct suggest s = SUGGEST_INIT(kind);
	struct buf list;
	buf_init(&list, 4 * KIB);
	buf_adds(&list, "model");
	suggest_offer(&s, STR("model"));
	for (size_t i = 0; p->kinds && p->kinds[i]; i++) {
		suggest_offer(&s, str_c(p->kinds[i]->kind));
		buf_addf(&list, " %s", p->kinds[i]->kind);
	}
	diag_add(d, doc_pos_member(t->doc, t->config, "kind"), "target-config",
		 "target '%s': provider '%s' has no kind '%.*s'", t->name, p->name, STR_ARGS(kind));
	hint_names(d, &s, buf_cstr(&list));
	buf_release(&list);
}

static void bind_target(struct target_conf *t, struct diags *d)
{
	const struct provider_ops *p = provider_find(t->provider_name);
	struct str kind = json_get_str(t->endpoint.config, "kind");
	if (!p) {
		unknown_provider(d, t);
		return;
	}
	t->endpoint.provider = provider_kind(p, kind);
	/* Where an application names its model, not a model's name. */
	if (p->given == GIVEN_READ && str_starts(t->endpoint.model, STR("$")))
		t->endpoint.model = (struct str){ .p = NULL };
	if (!t->endpoint.provider)
		unknown_kind(d, t, p, kind);
	else if (t->endpoint.provider->one_piece ||
		 (t->endpoint.provider->streams_if_said && !json_object_get(t->endpoint.config, "stream")))
		t->endpoint.stream = false;
}

static void unknown_scorer(struct diags *d, const struct metric_conf *m)
{
	struct suggest s = SUGGEST_INIT(m->scorer);
	for (const struct scorer_ops *const *p = scorer_all(); *p; p++)
		suggest_offer(&s, str_c((*p)->name));
	diag_add(d, m->scorer_at, "unknown-scorer", "metric '%s': unknown scorer '%.*s'", m->name,
		 STR_ARGS(m->scorer));
	hint_names(d, &s, "see `gate help scorers`");
}

json_t *plan_metric_schema(const struct scorer_ops *op, struct arena *a)
{
	json_t *own = arena_json(a, json_loads(op->schema, 0, NULL));
	json_t *properties = json_object_get(own, "properties");
	static const char *const common[] = { "scorer", "with", "weight", "description", "calibration" };
	for (size_t i = 0; properties && i < ARRAY_LEN(common); i++)
		if (!json_object_get(properties, common[i]))
			json_object_set_new(properties, common[i], json_true());
	return own;
}

static int check_metric_config(struct run *r, const struct metric_conf *m,
			       const struct scorer_ops *op, struct diags *d, struct err *err)
{
	struct schema *schema;
	if (schema_compile(&schema, plan_metric_schema(op, r->arena), NULL, r->arena, err))
		return -1;
	/* The metric alone, with the places of the file it stands in. */
	struct doc part = *m->doc;
	part.root = (json_t *)(uintptr_t)m->raw;
	if (!m->has_template)
		return schema_check_doc(schema, &part, d, "metric-config") ? 0 : -1;
	/* What a template will be is seen with the cases (rowcheck); a key is what it is. */
	struct diags all;
	size_t before = d->errors;
	diags_init(&all, r->arena);
	(void)schema_check_doc(schema, &part, &all, "metric-config");
	for (size_t i = 0; i < all.list.n; i++) {
		const struct diag *x = &all.list.v[i];
		if (strcmp(x->rule, "unknown-key") && strcmp(x->rule, "missing-key"))
			continue;
		diag_add(d, x->at, x->rule, "%s", x->msg);
		if (x->hint)
			diag_hint(d, "%s", x->hint);
	}
	return d->errors == before ? 0 : -1;
}

static void bind_judge(const struct metric_conf *m, const struct scorer_ops *op, struct diags *d)
{
	const struct provider_ops *p = m->judge ? m->judge->endpoint.provider : NULL;
	unsigned needs = score_needs(op, m->config);
	bool embed = needs & NEEDS_EMBED;
	if (!(needs & NEEDS_JUDGE) && !embed)
		return;
	if (!m->judge) {
		diag_add(d, m->at, "judge-missing", "metric '%s': scorer '%s' needs %s", m->name, op->name,
			 embed ? "embeddings" : "a judge");
		diag_hint(d, "add `with: TARGET`, the name of the target that %s", embed ? "gives them" : "judges");
	} else if (embed && p && !p->embeds) {
		diag_add(d, m->at, "judge-missing", "metric '%s': scorer '%s' needs embeddings, and provider '%s' of "
						    "target '%s' gives none", m->name, op->name, p->name, m->judge->name);
		diag_hint(d, "take a target of provider openai with an embedding model");
	}
}

/* A judge is asked for a verdict in a form, which only models keep to. */
static void check_judge(const struct metric_conf *m, struct diags *d)
{
	const struct provider_ops *p = m->judge ? m->judge->endpoint.provider : NULL;
	if (!p || !p->kind)
		return;
	diag_add(d, m->at, "target-config", "metric '%s': target '%s' (%s %s) is no model and cannot judge", m->name,
		 m->judge->name, p->name, p->kind);
	diag_hint(d, "name a target that is a model in `with`");
}

static void bind_metric(struct run *r, const struct metric_conf *m, struct metric_plan *out,
			struct diags *d)
{
	const struct scorer_ops *op = scorer_find(m->scorer);
	struct err err = ERR_INIT;
	out->conf = m;
	if (builtin_is_name(str_c(m->name)) || !strcmp(m->name, "spend") || !strcmp(m->name, "assert")) {
		diag_add(d, m->at, "metric-name", "metric '%s' has the name of a built-in measurement", m->name);
		diag_hint(d, "give it another name");
	}
	if (!op) {
		unknown_scorer(d, m);
		return;
	}
	out->scorer = op;
	out->traits = op->traits;
	bind_judge(m, op, d);
	check_judge(m, d);
	labelled_check(out, d);
	if (check_metric_config(r, m, op, d, &err)) {
		if (err.kind != ERR_NONE)
			diag_add(d, m->at, "metric-config", "metric '%s': %s", m->name, err.msg);
		return;
	}
	score_traits_of(&out->traits, op, m->config, m->negated);
	const json_t *cut = json_object_get(m->config, "threshold");
	if (out->traits.kind == METRIC_GRADED && cut && !json_is_number(cut)) {
		diag_add(d, m->at, "metric-config", "metric '%s': 'threshold' is the metric's cut and cannot "
						    "differ from case to case", m->name);
		diag_hint(d, "write a number, or use `assert` in the cases");
	}
	if (op->prepare && !m->has_template &&
	    op->prepare(&out->prepared, m->config, r->arena, &err))
		diag_add(d, m->at, "metric-config", "metric '%s': %s", m->name, err.msg);
}

/* What the cases assert themselves is one more metric, behind those of the suite. */
static struct metric_plan assert_plan(void)
{
	static const struct metric_conf conf = { .name = "assert", .weight = 1 };
	const struct scorer_ops *op = scorer_find(STR("assert"));
	return (struct metric_plan){ .conf = &conf, .scorer = op, .traits = op->traits, .asserts = true };
}

void plan_bind(struct run *r, struct diags *d)
{
	for (size_t i = 0; i < r->project.ntarget; i++)
		bind_target(&r->project.target[i], d);
	for (size_t i = 0; i < r->nsuite; i++) {
		struct suite_plan *s = &r->suite[i];
		if (s->role == SUITE_CALIBRATION) {
			labelled_bind(r, s);
			continue;
		}
		s->nmetric = s->conf->nmetric;
		s->asserts = s->conf->has_asserts;
		s->metric = arena_array(r->arena, struct metric_plan, s->nmetric + s->asserts);
		for (size_t k = 0; k < s->nmetric; k++)
			bind_metric(r, &s->conf->metric[k], &s->metric[k], d);
		if (s->asserts)
			s->metric[s->nmetric] = assert_plan();
	}
	awsplace_resolve(r, d);
	trust_check(r, d);
	targetcheck(r, d);
	execcheck(r, d);
	cost_bind(r, d);
}

/* `--filter`: key=value selects by a variable, anything else is a glob on the id. */
static bool chosen(const struct tcase *c, const char *filter)
{
	const char *equals = strchr(filter, '=');
	if (!equals)
		return !fnmatch(filter, c->id.p ? c->id.p : "", 0);
	struct str key = { .p = filter, .n = (size_t)(equals - filter) };
	const json_t *v = json_object_getn(c->vars, key.p, key.n);
	char text[NUM_TEXT];
	struct str value = json_str(v);
	if (json_is_number(v))
		value = str_c(num_fmt(json_number_value(v), text));
	if (json_is_boolean(v))
		value = str_c(json_is_true(v) ? "true" : "false");
	return value.p && str_eqc(value, equals + 1);
}

/* Keep `want` of the n picks, drawn without replacement, in canonical order. */
static size_t draw(uint32_t *pick, size_t n, size_t want, struct rng *rng)
{
	size_t kept = 0;
	for (size_t i = 0; i < n && kept < want; i++)
		if (rng_below(rng, n - i) < want - kept)
			pick[kept++] = pick[i];
	return kept;
}

static int filter_suite(struct run *r, struct suite_plan *s, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	size_t kept = 0;
	int bad = 0;
	for (size_t i = 0; i < s->conf->ncase && !bad; i++) {
		struct arena_mark m = arena_mark(&scratch);
		struct tcase c;
		bad = cases_get(s->conf->cases, i, &c, &scratch, err);
		if (!bad && (!r->o.filter || chosen(&c, r->o.filter)))
			s->pick[kept++] = (uint32_t)i;
		arena_rewind(&scratch, m);
	}
	arena_release(&scratch);
	s->ncase = kept;
	return bad;
}

/* A twin plays what its suite plays. */
static void same_cases(struct suite_plan *s, const struct suite_plan *of, size_t *seq)
{
	s->ncase = of->ncase;
	s->pick = of->pick;
	s->first_seq = *seq;
	*seq += s->ncase * s->conf->repeats;
}

/* A judge is measured on all of its labelled answers, however few cases it will judge. */
static void all_labelled(struct suite_plan *s, const struct suite_plan *of, size_t *seq)
{
	s->ncase = of->ncase ? s->conf->ncase : 0;
	s->first_seq = *seq;
	*seq += s->ncase;
}

int plan_select(struct run *r, struct diags *d, struct err *err)
{
	size_t total = 0, seq = 0;
	for (size_t i = 0; i < r->nsuite; i++) {
		struct suite_plan *s = &r->suite[i];
		s->ncase = s->conf->ncase;
		if (s->role == SUITE_BASELINE) {
			same_cases(s, &r->suite[s->of], &seq);
			continue;
		}
		if (s->role == SUITE_CALIBRATION) {
			all_labelled(s, &r->suite[s->of], &seq);
			continue;
		}
		if (r->o.filter || r->o.sample) {
			s->pick = arena_array(r->arena, uint32_t, s->conf->ncase);
			if (filter_suite(r, s, err))
				return -1;
		}
		if (r->o.sample && r->o.sample < s->ncase) {
			struct rng rng = rng_seed(r->o.seed, str_c(s->conf->name), "sample");
			s->ncase = draw(s->pick, s->ncase, r->o.sample, &rng);
		}
		s->first_seq = seq;
		seq += s->ncase * s->conf->repeats;
		total += s->ncase;
	}
	r->planned = seq;
	if (!total) {
		diag_add(d, (struct pos){ .file = NULL }, "nothing-planned", "%s",
			 r->o.filter ? "--filter matches no case" : "no case is planned");
		if (r->o.filter)
			diag_hint(d, "a filter is a glob on case ids, or key=value on a variable");
	}
	return 0;
}

static void metric_heads(struct run *r, struct suite_plan *s, struct suite_head *h)
{
	h->nmetric = s->nmetric + s->asserts + BUILTIN_COUNT;
	h->metric = arena_array(r->arena, struct metric_head, h->nmetric);
	for (size_t k = 0; k < s->nmetric; k++) {
		const struct metric_plan *m = &s->metric[k];
		h->metric[k] = (struct metric_head){
			.name = m->conf->name,
			.scorer = m->scorer ? m->scorer->name : "",
			.kind = m->traits.kind,
			.direction = m->traits.direction,
			.cut = m->traits.cut,
			.unit = m->traits.unit ? m->traits.unit : "",
			.judged = m->scorer && score_needs(m->scorer, m->conf->config) & NEEDS_JUDGE,
			.weight = m->conf->weight,
		};
		if (m->conf->negated && m->scorer)
			h->metric[k].scorer = arena_fmt(r->arena, "not-%s", m->scorer->name);
	}
	if (s->asserts)
		h->metric[s->nmetric] = (struct metric_head){
			.name = "assert", .scorer = "assert", .kind = METRIC_BINARY,
			.direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "", .weight = 1,
		};
	double cost_hi = NAN;
	if (!cost_range(&cost_hi, r, s))
		cost_hi = NAN;
	builtin_heads(h->metric + s->nmetric + s->asserts, r->o.deadline_ms, s->conf->max_calls,
		      cost_hi);
}

void plan_heads(struct run *r)
{
	r->head.nsuite = r->nsuite;
	r->head.suite = arena_array(r->arena, struct suite_head, r->nsuite);
	for (size_t i = 0; i < r->nsuite; i++) {
		struct suite_plan *s = &r->suite[i];
		struct suite_head *h = &r->head.suite[i];
		h->name = s->conf->name;
		h->target = s->conf->target ? s->conf->target->name : "";
		h->suite_id = s->conf->suite_id;
		if (s->conf->target)
			h->candidate_id = s->conf->target->candidate_id;
		if (s->given)
			h->candidate_id = s->given->candidate_id;
		h->role = s->role;
		h->of = s->role == SUITE_PLAIN ? NULL : r->suite[s->of].conf->name;
		h->of_metric = s->of_metric;
		h->base = s->base;
		h->reused = s->given ? r->baseline_record->head.run_id : NULL;
		h->is_new = s->conf->is_new;
		h->repeats = s->conf->repeats;
		h->cases = s->ncase;
		h->planned = s->ncase * s->conf->repeats;
		h->good = s->ncase ? s->conf->good : 0;
		h->bad = s->ncase ? s->conf->bad : 0;
		metric_heads(r, s, h);
	}
}

const struct tag *plan_tags(const json_t *vars, size_t *n, struct arena *a)
{
	struct tag *tag = arena_array(a, struct tag, json_object_size(vars));
	const char *key;
	json_t *v;
	size_t count = 0;
	json_object_foreach ((json_t *)(uintptr_t)vars, key, v) {
		struct str value = json_str(v);
		if (json_is_number(v)) {
			char *text = arena_alloc(a, NUM_TEXT);
			value = str_c(num_fmt(json_number_value(v), text));
		} else if (json_is_boolean(v)) {
			value = str_c(json_is_true(v) ? "true" : "false");
		}
		if (value.p && value.n <= TAG_BYTES_MAX)
			tag[count++] = (struct tag){ .key = str_c(key), .value = value };
	}
	*n = count;
	return tag;
}

bool plan_quarantined(const struct tcase *c, int64_t now_ms)
{
	int64_t until;
	return c->quarantined && clock_parse(c->quarantine_until, &until) && now_ms < until;
}

void plan_outcome(struct outcome *out, const struct run *r, size_t suite, size_t at,
		  unsigned sample, const struct tcase *c, struct arena *a)
{
	const struct suite_plan *s = &r->suite[suite];
	*out = (struct outcome){
		.seq = s->first_seq + at * s->conf->repeats + sample,
		.suite = (unsigned)suite,
		.case_id = c->id,
		.sample = sample,
		.cluster = c->cluster,
		.weight = c->weight,
		.cost_usd = NAN,
		.judge_usd = 0,
		.at = c->at,
		.status = plan_quarantined(c, r->head.start_ms) ? SAMPLE_QUARANTINED :
								  SAMPLE_SCORED,
	};
	out->quarantine = out->status == SAMPLE_QUARANTINED ? c->quarantine : NULL;
	out->tag = plan_tags(c->vars, &out->ntag, a);
}

/* Every planned sample told to the table, so that slices and clusters count before any call. */
static int plan_samples(struct run *r, struct verdict_table *t, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	int bad = 0;
	for (size_t i = 0; i < r->nsuite && !bad; i++)
		for (size_t k = 0; k < r->suite[i].ncase && !bad; k++) {
			struct arena_mark m = arena_mark(&scratch);
			struct tcase c;
			struct outcome o;
			bad = cases_get(r->suite[i].conf->cases, plan_case(&r->suite[i], k), &c, &scratch, err);
			for (unsigned n = 0; n < r->suite[i].conf->repeats && !bad; n++) {
				plan_outcome(&o, r, i, k, n, &c, &scratch);
				bad = verdict_table_plan(t, &o, err);
			}
			arena_rewind(&scratch, m);
		}
	arena_release(&scratch);
	return bad;
}

/* Do the rows themselves matter before any call?  Else each case counts alone, as the heads say. */
static bool rows_matter(const struct run *r)
{
	if (r->stage->early)
		return true;
	for (size_t i = 0; i < r->stage->nthreshold; i++)
		if (r->stage->threshold[i].nslice || r->stage->threshold[i].worst)
			return true;
	for (size_t i = 0; i < r->nsuite; i++)
		if (r->suite[i].conf->has_marks)
			return true;
	return false;
}

int plan_thresholds(struct run *r, struct diags *d, struct err *err)
{
	struct verdict_suite_info *info = arena_array(r->arena, struct verdict_suite_info, r->nsuite);
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct target_conf *t = r->suite[i].conf->target;
		bool local = t && t->endpoint.provider && t->endpoint.provider->local;
		info[i] = (struct verdict_suite_info){
			.streamed = t && t->endpoint.stream && !local,
			.timed = !local,
			.priced = r->prices && !local,
			.at = r->suite[i].conf->at,
		};
	}
	const char **all = arena_array(r->arena, const char *, r->project.nsuite);
	for (size_t i = 0; i < r->project.nsuite; i++)
		all[i] = r->project.suite[i].name;
	r->table = verdict_table_new(r->stage, &r->head, r->arena);
	bool rows = rows_matter(r);
	if (rows && plan_samples(r, r->table, err))
		return -1;
	struct verdict_plan_info pi = {
		.suite = info,
		.planned = rows ? r->table : NULL,
		.all_suites = all,
		.nall_suites = r->project.nsuite,
		.past = r->o.past,
	};
	if (verdict_plan_check(&r->vplan, r->stage, &pi, &r->head, r->arena, d) && !d->errors)
		return err_set(err, ERR_BUG, "thresholds were refused without a reason");
	return 0;
}

static void absorb_digest(struct sha256 *h, const struct digest *d)
{
	sha256_update(h, (struct str){ .p = (const char *)d->b, .n = DIGEST_BYTES });
}

static void absorb_text(struct sha256 *h, const char *s)
{
	sha256_update(h, (struct str){ .p = s ? s : "", .n = (s ? strlen(s) : 0) + (s != NULL) });
	sha256_update(h, STR("\x1f"));
}

static int digest_order(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_BYTES);
}

/* The stage's candidate: its only target's id, else the digest of all of them in order. */
static void stage_candidate(struct run *r)
{
	struct digest *id = arena_array(r->arena, struct digest, r->nplain);
	size_t n = 0;
	for (size_t i = 0; i < r->nplain; i++)
		id[n++] = r->head.suite[i].candidate_id;
	qsort(id, n, sizeof(*id), digest_order);
	size_t distinct = 0;
	for (size_t i = 0; i < n; i++)
		if (!distinct || !digest_eq(&id[distinct - 1], &id[i]))
			id[distinct++] = id[i];
	if (distinct == 1)
		r->head.candidate_id = id[0];
	else
		sha256(&r->head.candidate_id,
		       (struct str){ .p = (const char *)id, .n = distinct * sizeof(*id) });
}

static void absorb_place(struct sha256 *h, const struct target_conf *t)
{
	if (t && t->endpoint.place.n) {
		absorb_text(h, "place");
		sha256_update(h, t->endpoint.place);
		absorb_text(h, t->name);
	}
	if (t && t->endpoint.made_of.n) {
		absorb_text(h, "program");
		sha256_update(h, t->endpoint.made_of);
		absorb_text(h, t->name);
	}
}

/* Called in another region, the same plan is another one. */
static void absorb_places(struct sha256 *h, const struct suite_conf *s)
{
	absorb_place(h, s->target);
	for (size_t i = 0; i < s->nmetric; i++)
		absorb_place(h, s->metric[i].judge);
}

void plan_digest(struct run *r)
{
	struct sha256 h;
	stage_candidate(r);
	sha256_init(&h);
	absorb_text(&h, "gate-plan-1");
	absorb_text(&h, r->head.stage);
	absorb_digest(&h, &r->head.policy_digest);
	absorb_digest(&h, &r->prices_digest);
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_plan *s = &r->suite[i];
		absorb_text(&h, s->conf->name);
		absorb_digest(&h, &s->conf->suite_id);
		absorb_digest(&h, &r->head.suite[i].candidate_id);
		absorb_places(&h, s->conf);
		sha256_update(&h, (struct str){ .p = (const char *)&s->ncase, .n = sizeof(s->ncase) });
		if (s->pick)
			sha256_update(&h, (struct str){ .p = (const char *)s->pick,
							.n = s->ncase * sizeof(*s->pick) });
	}
	sha256_final(&h, &r->head.plan_digest);
}
