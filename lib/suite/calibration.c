#include "suite/calibration.h"

#include "base/limits.h"
#include "base/num.h"
#include "suite/dataset.h"

/* ---- one row ---- */

/* 1, 0; -1: it is none. */
static int read_label(const json_t *j)
{
	static const char *const good[] = { "good", "1", "true" }, *const bad[] = { "bad", "0", "false" };
	if (json_is_boolean(j))
		return json_is_true(j);
	if (json_is_integer(j))
		return json_integer_value(j) == 1 ? 1 : json_integer_value(j) == 0 ? 0 : -1;
	for (size_t i = 0; json_is_string(j) && i < ARRAY_LEN(good); i++) {
		if (str_eqc(json_str(j), good[i]))
			return 1;
		if (str_eqc(json_str(j), bad[i]))
			return 0;
	}
	return -1;
}

static const char *shown(const json_t *j, char out[64])
{
	if (!json_is_string(j))
		return j ? json_type_name(j) : "nothing";
	snprintf(out, 64, "'%.*s'", (int)(json_string_length(j) > 40 ? 40 : json_string_length(j)), json_string_value(j));
	return out;
}

static int one_label(struct label *out, const json_t *j, struct pos at, struct err *err)
{
	char text[64];
	int is = read_label(j);
	if (is < 0)
		return err_at(err, at, "'label' must be good or bad, found %s", shown(j, text));
	out->is = (signed char)is;
	return 0;
}

/* By person, in one order for all rows; null where that person said nothing. */
static int list_of_labels(struct label *out, const json_t *list, struct pos at, struct err *err)
{
	char text[64];
	int good = 0, bad = 0;
	if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > LABEL_RATERS_MAX)
		return err_at(err, at, "'labels' must be a list of 1 to %d labels, by person", LABEL_RATERS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *j = json_array_get(list, i);
		int is = read_label(j);
		if (is < 0 && !json_is_null(j))
			return err_at(err, at, "'labels' must hold good, bad or null, found %s", shown(j, text));
		good += is == 1;
		bad += is == 0;
		out->rater[out->raters++] = (signed char)is;
	}
	if (!good && !bad)
		return err_at(err, at, "'labels' must hold at least one label, found none");
	out->is = good > bad ? 1 : good < bad ? 0 : -1;
	return 0;
}

static int check_row(const struct tcase *c, const json_t *row, struct err *err)
{
	static const char *const foreign[] = { "assert", "turns", "tool_results", "weight", "quarantine" };
	const json_t *output = json_object_get(c->vars, "output");
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (json_object_get(row, foreign[i]))
			return err_at(err, c->at, "a labelled answer has no '%s'", foreign[i]);
	if (c->weight != 1 || c->quarantined || c->talk)
		return err_at(err, c->at, "a labelled answer has no weight, quarantine or turns");
	if (!output || json_is_null(output))
		return err_at(err, c->at, "a labelled answer needs 'output', the answer that people judged");
	return 0;
}

int calibration_take(struct tcase *c, const json_t *row, struct arena *a, struct err *err)
{
	const json_t *one = json_object_get(c->vars, "label"), *list = json_object_get(c->vars, "labels");
	struct label *out = arena_new(a, struct label);
	if (check_row(c, row, err))
		return -1;
	if (one && list)
		return err_at(err, c->at, "expected 'label' or 'labels', found both");
	if (list ? list_of_labels(out, list, c->at, err) : one_label(out, one, c->at, err))
		return -1;
	json_t *vars = arena_json(a, json_copy((json_t *)(uintptr_t)c->vars));
	json_object_del(vars, "label");
	json_object_del(vars, "labels");
	c->vars = vars;
	c->label = out;
	return 0;
}

/* ---- the suite of one metric ---- */

/* The suite's target with the answers in the rows: its prompt says what was asked. */
static const struct target_conf *brought(const struct suite_conf *s, const struct metric_conf *m, struct arena *a)
{
	struct target_conf *t = arena_new(a, struct target_conf);
	*t = *s->target;
	t->name = m->with ? m->with : t->name;
	t->provider_name = STR("recorded");
	t->config = t->endpoint.config = arena_json(a, json_object());
	t->endpoint.provider = NULL;
	t->endpoint.stream = false;
	t->answer = t->trace = NULL;
	t->per_case = NULL;
	t->nreads = 0;
	t->nartifact = 0;
	return t;
}

static void check_counts(struct loader *l, const struct suite_conf *c)
{
	size_t disputed = c->ncase - c->good - c->bad;
	const char *also = disputed ? arena_fmt(l->a, " (and %zu with as many good as bad)", disputed) : "";
	if (c->good >= LABELS_EACH_LEAST && c->bad >= LABELS_EACH_LEAST)
		return;
	diag_add(l->d, c->at, "calibration", "the calibration of metric '%s' has %zu good and %zu bad label%s%s: at least %d of "
					     "each are needed",
		 c->metric->name, c->good, c->bad, num_s(c->bad), also, LABELS_EACH_LEAST);
	diag_hint(l->d, "label more answers, of the kind that is missing above all");
}

static void load_one(struct loader *l, const struct side *s, struct suite_conf *suite, struct metric_conf *m,
		     struct artifacts *artifacts, json_t *id)
{
	struct suite_conf *c = arena_new(l->a, struct suite_conf);
	size_t before = l->d->errors;
	json_t *files = NULL;
	*c = (struct suite_conf){
		.name = arena_fmt(l->a, "%s/%s@calibration", suite->name, m->name),
		.at = doc_pos_member(s->doc, m->raw, "calibration"),
		.doc = s->doc,
		.config = m->raw,
		.is_new = suite->is_new,
		.target = brought(suite, m, l->a),
		.metric = m,
		.nmetric = 1,
		.repeats = 1,
		.wanted = true,
		.labelled = true,
		.hidden = suite->hidden,
		.nhidden = suite->nhidden,
	};
	dataset_load(l, s, m->raw, "calibration", c, artifacts, &files);
	json_object_set_new(id, "calibration", files);
	ident_digest(&c->suite_id, id);
	if (!l->failed && l->d->errors == before)
		check_counts(l, c);
	m->calibration = c;
}

void calibration_load(struct loader *l, const struct side *s, struct suite_conf *suite, struct artifacts *artifacts,
		      json_t *ids)
{
	for (size_t i = 0; i < suite->nmetric && suite->target && !l->failed; i++)
		if (json_is_string(json_object_get(suite->metric[i].raw, "calibration")))
			load_one(l, s, suite, &suite->metric[i], artifacts, json_object_get(ids, suite->metric[i].name));
}
