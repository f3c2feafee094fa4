#include "verdict/policy_threshold.h"

#include "base/auto.h"
#include "base/num.h"

#include <math.h>

enum { COMPOSED_MAX = 4096 };

struct compose {
	struct threshold t; /* container and parts */
	struct buf text;
};

static void compose_release(struct compose *c)
{
	buf_release(&c->text);
}

static void add_part(struct compose *c, const char *key, const char *before)
{
	buf_adds(&c->text, before);
	c->t.part[c->t.npart++] = (struct threshold_part){ .offset = c->text.n, .key = key };
}

/* {key: value} as the text of a slice. */
static void add_slice_object(struct compose *c, const json_t *slice)
{
	const char *key;
	json_t *value;
	const char *sep = "{";
	char num[NUM_TEXT];
	json_object_foreach((json_t *)slice, key, value)
	{
		buf_addf(&c->text, "%s%s=\"", sep, key);
		sep = ", ";
		struct str s = json_str(value);
		if (json_is_number(value))
			s = str_c(num_fmt(json_number_value(value), num));
		else if (json_is_boolean(value))
			s = str_c(json_is_true(value) ? "true" : "false");
		for (size_t i = 0; i < s.n; i++) {
			if (s.p[i] == '"' || s.p[i] == '\\')
				buf_addc(&c->text, '\\');
			buf_addc(&c->text, s.p[i]);
		}
		buf_addc(&c->text, '"');
	}
	buf_addc(&c->text, '}');
}

static void add_slice(struct compose *c, const json_t *slice)
{
	if (json_is_object(slice)) {
		add_part(c, "slice", "");
		add_slice_object(c, slice);
		return;
	}
	struct str s = str_trim(json_str(slice));
	bool worst = str_starts(s, STR("worst"));
	bool bare = !worst && !str_starts(s, STR("{"));
	add_part(c, "slice", worst ? " " : bare ? "{" : "");
	buf_add(&c->text, s);
	if (bare)
		buf_addc(&c->text, '}');
}

static void add_bound(struct compose *c, const json_t *bound)
{
	char num[NUM_TEXT];
	add_part(c, "bound", " ");
	if (json_is_number(bound))
		buf_adds(&c->text, num_fmt(json_number_value(bound), num));
	else
		buf_add(&c->text, json_str(bound));
}

/* The parts of the long form as one text of the same grammar, so that there is one grammar. */
static void compose(struct compose *c, const json_t *j)
{
	c->t.container = j;
	add_part(c, "metric", "");
	buf_add(&c->text, json_get_str(j, "metric"));
	add_part(c, "aggregate", ".");
	buf_add(&c->text, json_get_str(j, "aggregate"));
	if (json_object_get(j, "slice"))
		add_slice(c, json_object_get(j, "slice"));
	add_part(c, "op", " ");
	buf_add(&c->text, json_get_str(j, "op"));
	add_bound(c, json_object_get(j, "bound"));
}

struct pos policy_threshold_pos(const struct threshold *t, const struct doc *doc, size_t offset)
{
	const struct threshold_part *p = &t->part[0];
	for (size_t i = 1; i < t->npart; i++)
		if (t->part[i].offset <= offset)
			p = &t->part[i];
	const json_t *j = p->key ? json_object_get(t->container, p->key)
				 : json_array_get(t->container, p->index);
	if (p->key && !j)
		return doc_pos_of(doc, t->container);
	if (p->key && !json_is_string(j))
		return doc_pos_member(doc, t->container, p->key);
	/* A composed text may lack the spaces of the written one. */
	size_t inside = offset > p->offset ? offset - p->offset : 0;
	return doc_pos_inside(doc, t->container, p->key, p->index, inside);
}

static int parse_text(struct threshold *out, const struct threshold *place, const struct doc *doc,
		      struct str text, struct arena *a, struct diags *d)
{
	struct threshold_fault fault = { .offset = 0 };
	struct threshold t;
	if (threshold_parse(&t, text, a, &fault)) {
		diag_add(d, policy_threshold_pos(place, doc, fault.offset), "bad-threshold", "%s",
			 fault.msg);
		if (fault.hint[0])
			diag_hint(d, "%s", fault.hint);
		return -1;
	}
	t.container = place->container;
	memcpy(t.part, place->part, sizeof t.part);
	t.npart = place->npart;
	t.at = policy_threshold_pos(place, doc, 0);
	*out = t;
	return 0;
}

/* The long form has `expect`, or all of metric, aggregate, op and bound; never both. */
static int check_members(const struct doc *doc, const json_t *j, struct diags *d)
{
	static const char *const parts[] = { "metric", "aggregate", "op", "bound", "slice" };
	bool expect = json_object_get(j, "expect") != NULL;
	size_t before = d->errors;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		bool have = json_object_get(j, parts[i]) != NULL;
		if (expect && have)
			diag_add(d, doc_pos_key(doc, j, parts[i]), "bad-threshold",
				 "'%s' beside 'expect': expected one or the other", parts[i]);
		if (!expect && !have && i < 4) {
			diag_add(d, doc_pos_of(doc, j), "bad-threshold",
				 "a threshold without 'expect' needs '%s'", parts[i]);
			diag_hint(d, "as in {expect: \"correct.mean >= 0.90\", severity: warn}");
			return -1;
		}
	}
	return d->errors > before ? -1 : 0;
}

static int load_range(struct threshold *t, const struct doc *doc, const json_t *j, struct diags *d)
{
	const json_t *r = json_object_get(j, "range");
	if (!r)
		return 0;
	t->lo = json_number_value(json_array_get(r, 0));
	t->hi = json_number_value(json_array_get(r, 1));
	t->has_range = isfinite(t->lo) && isfinite(t->hi) && t->lo < t->hi;
	if (t->has_range)
		return 0;
	diag_add(d, doc_pos_member(doc, j, "range"), "bad-range",
		 "expected [lowest, highest] with lowest below highest");
	return -1;
}

/* As many repeats as a suite may ask for. */
enum { REPEATS_MAX = 1000 };

/* "8 of 10". */
static bool parse_require(struct threshold *t, struct str s)
{
	ptrdiff_t at = str_find(s, STR(" of "), 0);
	int64_t k = 0, n = 0;
	if (at < 0 || !num_parse_i64(str_trim(str_sub(s, 0, (size_t)at)), &k) ||
	    !num_parse_i64(str_trim(str_sub(s, (size_t)at + 4, s.n)), &n) || k < 1 || n < k || n > REPEATS_MAX)
		return false;
	t->require = (unsigned)k;
	t->require_of = (unsigned)n;
	return true;
}

static int load_require(struct threshold *t, const struct doc *doc, const json_t *j, struct diags *d)
{
	const json_t *r = json_object_get(j, "require");
	if (!r)
		return 0;
	struct pos at = doc_pos_member(doc, j, "require");
	if (!json_is_string(r) || !parse_require(t, json_str(r))) {
		diag_add(d, at, "bad-threshold", "'require' is no 'K of N' with K from 1 to N");
		diag_hint(d, "as in {expect: correct.pass >= 0.9, require: 8 of 10}: a case passes when 8 of its 10 repeats do");
		return -1;
	}
	if (t->agg == AGG_PASS)
		return 0;
	diag_add(d, at, "bad-threshold", "'require' is for the aggregate 'pass', not for '%s'", t->agg_text);
	return -1;
}

static int load_members(struct threshold *t, const struct doc *doc, const json_t *j,
			struct arena *a, struct diags *d)
{
	const json_t *confidence = json_object_get(j, "confidence");
	if (json_is_number(confidence))
		t->confidence = json_number_value(confidence);
	t->blocking = !str_eqc(json_get_str(j, "severity"), "warn");
	t->observed = str_eqc(json_get_str(j, "decide"), "observed");
	struct str because = json_get_str(j, "because");
	t->because = because.p ? arena_cstr(a, because) : NULL;
	return load_range(t, doc, j, d) || load_require(t, doc, j, d) ? -1 : 0;
}

static int long_form(struct threshold *out, const struct doc *doc, const json_t *j, struct arena *a,
		     struct diags *d)
{
	struct compose c AUTO(compose_release) = { .t = { .text = NULL } };
	buf_init(&c.text, COMPOSED_MAX);
	if (check_members(doc, j, d))
		return -1;
	if (json_object_get(j, "expect")) {
		c.t.container = j;
		add_part(&c, "expect", "");
		buf_add(&c.text, json_get_str(j, "expect"));
	} else {
		compose(&c, j);
	}
	if (c.text.over) {
		diag_add(d, doc_pos_of(doc, j), "bad-threshold",
			 "the threshold is longer than %d bytes", COMPOSED_MAX);
		return -1;
	}
	if (parse_text(out, &c.t, doc, buf_str(&c.text), a, d))
		return -1;
	return load_members(out, doc, j, a, d);
}

int policy_threshold(struct threshold *out, const struct doc *doc, const json_t *list, size_t index,
		     struct arena *a, struct diags *d)
{
	const json_t *j = json_array_get(list, index);
	struct threshold place = { .container = list, .npart = 1 };
	place.part[0].index = index;
	if (json_is_object(j))
		return long_form(out, doc, j, a, d);
	if (json_is_string(j))
		return parse_text(out, &place, doc, json_str(j), a, d);
	return -1; /* the schema has told */
}
