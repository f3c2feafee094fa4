#include "score/score_assert.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "score/scorekit.h"

#include <math.h>

/* --- compiling ---------------------------------------------------------------------------------- */

/* Promptfoo's tool-used with a list means all of them, and with not- none of them: two of our scorers. */
static const json_t *retold(const json_t *item, struct arena *a)
{
	struct str type = json_get_str(item, "type");
	const json_t *value = json_object_get(item, "value");
	bool negated = str_eqc(type, "not-trajectory:tool-used");
	if (!json_is_array(value) || !(negated || str_eqc(type, "trajectory:tool-used")))
		return item;
	json_t *made = arena_json(a, json_copy((json_t *)(uintptr_t)item));
	json_object_set_new(made, "type", json_string(negated ? "forbidden-tool" : "trajectory"));
	if (!negated)
		json_object_set_new(made, "match", json_string("any-order"));
	return made;
}

static const struct scorer_ops *find(const json_t *item, bool *negated, struct str *written)
{
	struct str name = json_get_str(item, "type");
	if (!name.p)
		name = json_get_str(item, "scorer");
	*written = name;
	*negated = name.p && score_cut_not(&name);
	return name.p ? scorer_find(name) : NULL;
}

static bool is_ours(const char *key)
{
	return !strcmp(key, "type") || !strcmp(key, "scorer") || !strcmp(key, "weight") ||
	       !strcmp(key, "metric") || !strcmp(key, "config");
}

/* The members that belong to the scorer, with those of `config` beside them. */
static int child_config(const json_t **out, const json_t *item, struct arena *a, struct err *err)
{
	json_t *config = arena_json(a, json_object());
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)item, key, v)
		if (!is_ours(key))
			json_object_set(config, key, v);
	json_object_foreach(json_object_get(item, "config"), key, v) {
		if (json_object_get(config, key))
			return err_set(err, ERR_ARTIFACT, "'%s' stands in the assertion and in its config", key);
		json_object_set(config, key, v);
	}
	*out = config;
	return 0;
}

static int compile_weight(struct assert_child *c, const json_t *item, struct err *err)
{
	const json_t *w = json_object_get(item, "weight");
	c->weight = w ? json_number_value(w) : 1;
	if ((w && !json_is_number(w)) || !(c->weight >= 0) || !isfinite(c->weight))
		return err_set(err, ERR_ARTIFACT, "'weight' must be a number of at least 0");
	return 0;
}

static int compile_child(struct assert_child *c, const json_t *item, struct arena *a,
			 struct err *err)
{
	struct str written;
	if (!json_is_object(item))
		return err_set(err, ERR_ARTIFACT, "expected an object with 'type', found %s",
			       json_type_name(item));
	item = retold(item, a);
	if (json_object_get(item, "type") && json_object_get(item, "scorer"))
		return err_set(err, ERR_ARTIFACT, "'type' and 'scorer' are the same: give one");
	c->ops = find(item, &c->negated, &written);
	if (!c->ops) {
		struct str near = score_suggest(written.p ? written : STR(""));
		return err_set(err, ERR_ARTIFACT, "assertion type %s is unknown%s%.*s%s",
			       kit_show(a, written), near.n ? ", did you mean '" : "", STR_ARGS(near),
			       near.n ? "'" : "");
	}
	struct str name = json_get_str(item, "metric");
	c->name = arena_cstr(a, name.n ? name : written);
	if (compile_weight(c, item, err) < 0 || child_config(&c->config, item, a, err) < 0 ||
	    score_check_config(c->ops, c->config, a, err) < 0)
		return -1;
	score_traits_of(&c->traits, c->ops, c->config, false);
	if (c->traits.kind == METRIC_VALUE)
		return err_set(err, ERR_ARTIFACT, "'%s' measures and does not judge", c->ops->name);
	return c->ops->prepare ? c->ops->prepare(&c->prepared, c->config, a, err) : 0;
}

static size_t depth_of(const json_t *j)
{
	size_t deepest = 0;
	const char *key;
	json_t *v;
	size_t i;
	if (json_is_object(j))
		json_object_foreach((json_t *)(uintptr_t)j, key, v) {
			size_t d = depth_of(v);
			deepest = d > deepest ? d : deepest;
		}
	json_array_foreach(j, i, v) {
		size_t d = depth_of(v);
		deepest = d > deepest ? d : deepest;
	}
	return deepest + 1;
}

int score_assert_compile(struct assert_set *out, const json_t *list, enum assert_rule rule,
			 double threshold, struct arena *a, struct err *err)
{
	double weights = 0;
	*out = (struct assert_set){ .rule = rule, .threshold = threshold };
	out->n = json_array_size(list);
	if (!out->n)
		return err_set(err, ERR_ARTIFACT, "list of assertions is empty");
	if (depth_of(list) > DOC_DEPTH_MAX)
		return err_set(err, ERR_ARTIFACT, "assertions are nested too deep");
	if (!isnan(threshold) && !(threshold > 0 && threshold <= 1))
		return err_set(err, ERR_ARTIFACT,
			       "'threshold' must be above 0 and at most 1, found %g: nothing could fail",
			       threshold);
	out->child = arena_array(a, struct assert_child, out->n);
	for (size_t i = 0; i < out->n; i++) {
		if (compile_child(&out->child[i], json_array_get(list, i), a, err) < 0)
			return err_wrap(err, "assertion %zu", i + 1);
		weights += out->child[i].weight;
	}
	if (!(weights > 0))
		return err_set(err, ERR_ARTIFACT, "no assertion carries weight: nothing could fail");
	return 0;
}

unsigned score_assert_needs(const json_t *list)
{
	unsigned needs = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		struct str written;
		bool negated;
		const struct scorer_ops *ops = find(item, &negated, &written);
		if (ops)
			needs |= score_needs(ops, item) & ~(unsigned)NEEDS_EXPECTED;
	}
	return needs;
}

/* --- playing ------------------------------------------------------------------------------------ */

enum phase { CHILD_NEW, CHILD_ASKED, CHILD_DONE, CHILD_LOST };

struct child_run {
	enum phase phase;
	void *state;
	size_t from, n;  /* its replies among the latest */
	double good;     /* degree of the good side, after not- */
	bool pass;
	struct str reason;
	const char *lost; /* why it could not be scored */
};

/* Does the set pass when every open child passes (or fails) in full?  Children without weight
 * decide nothing. */
static bool passes(const struct assert_set *set, const struct child_run *run, bool open_pass,
		   double *mean)
{
	double sum = 0, weights = 0;
	bool all = true, any = false;
	for (size_t i = 0; i < set->n; i++) {
		double w = set->child[i].weight;
		bool known = run[i].phase == CHILD_DONE;
		bool pass = known ? run[i].pass : open_pass;
		if (w == 0)
			continue;
		sum += w * (known ? run[i].good : open_pass);
		weights += w;
		all = all && pass;
		any = any || pass;
	}
	*mean = sum / weights;
	if (set->rule == ASSERT_ANY)
		return any;
	if (set->rule == ASSERT_ALL || isnan(set->threshold))
		return all;
	/* 0.1 + 0.2 must reach 0.3 */
	return *mean >= set->threshold - 1e-12;
}

static void child_result(struct child_run *r, const struct assert_child *c, struct score *s)
{
	bool pass = score_is_good(&c->traits, s->value);
	double good = c->traits.direction == LOWER_IS_BETTER ? 1 - s->value : s->value;
	/* not- turns what the name says: not-contains is good when absent, not-pii when clean */
	bool turn = c->negated && c->traits.direction != LOWER_IS_BETTER;
	r->pass = turn ? !pass : pass;
	r->good = turn ? 1 - good : good;
	r->reason = s->reason;
	r->phase = CHILD_DONE;
}

static void step_child(struct child_run *r, const struct assert_child *c,
		       const struct evidence *ev, struct ask *ask)
{
	struct evidence mine = *ev;
	struct score s = { .value = NAN };
	struct err err = ERR_INIT;
	mine.config = c->config;
	mine.prepared = c->prepared;
	mine.answers = r->phase == CHILD_ASKED ? ev->answers + r->from : NULL;
	mine.nanswer = r->phase == CHILD_ASKED ? r->n : 0;
	if (r->phase == CHILD_NEW)
		r->state = arena_alloc(ev->arena, c->ops->state_size + 1);
	size_t before = ask->item.n;
	int rc = c->ops->step(r->state, &mine, ask, &s, &err);
	if (rc == STEP_ASK) {
		r->phase = CHILD_ASKED;
		r->from = before;
		r->n = ask->item.n - before;
		return;
	}
	ask->item.n = before;
	if (rc == STEP_DONE && score_finish(&s, c->ops, &c->traits, false, &err) == 0) {
		child_result(r, c, &s);
		return;
	}
	r->phase = CHILD_LOST;
	r->lost = arena_fmt(ev->arena, "%s", err.msg);
}

static void tell(struct score *out, const struct assert_set *set, const struct child_run *run,
		 bool pass, double mean, const struct evidence *ev)
{
	size_t good = 0, known = 0, shown = set->n;
	for (size_t i = 0; i < set->n; i++) {
		if (run[i].phase != CHILD_DONE || set->child[i].weight == 0)
			continue;
		known++;
		good += run[i].pass;
		if (shown == set->n && run[i].pass == pass)
			shown = i;
	}
	const char *name = shown < set->n ? set->child[shown].name : "";
	struct str why = shown < set->n ? run[shown].reason : STR("");
	if (pass)
		kit_done(out, 1, ev->arena, "%zu of %zu assertion%s (score %.3f)", good, known,
			 known == 1 ? " passes" : "s pass", mean);
	else
		kit_done(out, 0, ev->arena, "%zu of %zu assertion%s (score %.3f): %s: %s", known - good,
			 known, known == 1 ? " fails" : "s fail", mean,
			 kit_line(ev->arena, str_c(name), 60), kit_line(ev->arena, why, 200));
}

int score_assert_step(void *state, const struct assert_set *set, const struct evidence *ev,
		      struct ask *ask, struct score *out, struct err *err)
{
	struct child_run **slot = state;
	double best, worst;
	if (!*slot)
		*slot = arena_array(ev->arena, struct child_run, set->n);
	struct child_run *run = *slot;
	struct ask mine = { .arena = ask->arena };
	for (size_t i = 0; i < set->n; i++)
		if (run[i].phase == CHILD_NEW || run[i].phase == CHILD_ASKED)
			step_child(&run[i], &set->child[i], ev, &mine);
	bool at_best = passes(set, run, true, &best), at_worst = passes(set, run, false, &worst);
	if (at_best == at_worst) { /* what is open or lost changes nothing */
		tell(out, set, run, at_best, at_best ? worst : best, ev);
		return STEP_DONE;
	}
	for (size_t i = 0; i < mine.item.n; i++)
		*vec_push(&ask->item, ask->arena) = mine.item.v[i];
	if (mine.item.n)
		return STEP_ASK;
	for (size_t i = 0; i < set->n; i++)
		if (run[i].phase == CHILD_LOST && set->child[i].weight > 0)
			return err_set(err, ERR_REMOTE, "'%s' could not be scored: %s",
				       set->child[i].name, run[i].lost);
	return err_set(err, ERR_BUG, "assertions neither pass nor fail");
}

/* --- the mini-syntax of CSV --------------------------------------------------------------------- */

struct mini {
	struct str type, threshold, value;
	bool has_value;
};

static bool type_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* type(threshold):value; false when the text does not have that shape. */
static bool split(struct mini *m, struct str s)
{
	size_t i = 0;
	while (i < s.n && type_byte(s.p[i]))
		i++;
	*m = (struct mini){ .type = str_sub(s, 0, i) };
	if (!i)
		return false;
	if (i < s.n && s.p[i] == '(') {
		ptrdiff_t close = str_chr(s, ')', i);
		if (close < 0)
			return false;
		m->threshold = str_trim(str_sub(s, i + 1, (size_t)close));
		i = (size_t)close + 1;
	}
	if (i == s.n)
		return true;
	if (s.p[i] != ':')
		return false;
	m->has_value = true;
	m->value = str_trim(str_sub(s, i + 1, s.n));
	return true;
}

static bool needs_no_value(struct str name)
{
	static const char *const names[] = { "is-json", "contains-json", "is-refusal", "pii",
					     "secrets", "latency", "cost" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqc(name, names[i]))
			return true;
	return false;
}

static bool is_code(struct str name)
{
	return str_eqc(name, "fn") || str_eqc(name, "javascript") || str_eqc(name, "python") ||
	       str_eqc(name, "eval") || str_eqc(name, "file");
}

static const json_t *equals_text(struct str text, struct arena *a)
{
	json_t *o = arena_json(a, json_object());
	json_object_set_new(o, "type", json_string("equals"));
	json_object_set_new(o, "value", json_from_str(text));
	return o;
}

static const json_t *typed(const struct mini *m, struct arena *a, struct err *err)
{
	json_t *o = arena_json(a, json_object());
	const char *why;
	json_object_set_new(o, "type", json_from_str(m->type));
	if (m->threshold.p) {
		const json_t *n = json_lenient(a, m->threshold, &why);
		if (!json_is_number(n)) {
			err_set(err, ERR_ARTIFACT, "threshold of '%.*s' must be a number, found %s",
				STR_ARGS(m->type), kit_show(a, m->threshold));
			return NULL;
		}
		json_object_set(o, "threshold", (json_t *)(uintptr_t)n);
	}
	if (m->has_value && m->value.n)
		json_object_set_new(o, "value", json_from_str(m->value));
	return o;
}

const json_t *score_assert_from_text(struct str text, struct arena *a, struct err *err)
{
	struct mini m;
	struct str s = str_trim(text);
	if (!split(&m, s))
		return equals_text(text, a);
	struct str name = m.type;
	score_cut_not(&name);
	if (m.has_value && is_code(name)) {
		err_set(err, ERR_ARTIFACT, "'%.*s:' would run code, which gate does not",
			STR_ARGS(m.type));
		return NULL;
	}
	bool known = scorer_find(name);
	if (known && (m.has_value || m.threshold.p || needs_no_value(name)))
		return typed(&m, a, err);
	struct str near = score_suggest(name);
	if (!known && m.has_value && near.n) {
		err_set(err, ERR_ARTIFACT, "assertion type '%.*s' is unknown, did you mean '%.*s'",
			STR_ARGS(m.type), STR_ARGS(near));
		return NULL;
	}
	return equals_text(text, a);
}
