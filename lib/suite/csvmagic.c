#include "suite/csvmagic.h"

#include "base/num.h"
#include "base/suggest.h"
#include "doc/jsonx.h"

enum column_kind {
	COLUMN_VAR,
	COLUMN_EXPECTED,
	COLUMN_PREFIX,
	COLUMN_SUFFIX,
	COLUMN_DESCRIPTION,
	COLUMN_METRIC,
	COLUMN_THRESHOLD,
	COLUMN_ANSWER,
	COLUMN_METADATA,
	COLUMN_METADATA_LIST,
	COLUMN_ASSERT_THRESHOLD,
};

struct column {
	enum column_kind kind;
	const char *name;  /* the variable, or the metadata's key */
	size_t assertion;  /* COLUMN_EXPECTED and its threshold: which one */
};

struct csvmagic {
	struct column *column;
	size_t n;
};

static const struct {
	const char *name;
	enum column_kind kind;
} fixed[] = {
	{ "__expected", COLUMN_EXPECTED },	 { "__prefix", COLUMN_PREFIX },
	{ "__suffix", COLUMN_SUFFIX },		 { "__description", COLUMN_DESCRIPTION },
	{ "__metric", COLUMN_METRIC },		 { "__threshold", COLUMN_THRESHOLD },
	{ "__providerOutput", COLUMN_ANSWER },
};

/* "__expected" is the first, "__expected7" the seventh; 0 for anything else. */
static size_t expected_number(struct str s)
{
	int64_t n = 0;
	static const struct str head = STR_INIT("__expected");
	if (str_eq(s, head))
		return 1;
	if (!str_starts(s, head) || !num_parse_i64(str_sub(s, head.n, s.n), &n) || n < 1 || n > 999)
		return 0;
	return (size_t)n;
}

static bool take_prefixed(struct column *c, struct str name, struct arena *a)
{
	static const struct str meta = STR_INIT("__metadata:"), conf = STR_INIT("__config:");
	static const struct str list = STR_INIT("[]"), threshold = STR_INIT(":threshold");
	if (str_starts(name, meta) && name.n > meta.n) {
		bool many = str_ends(name, list);
		c->kind = many ? COLUMN_METADATA_LIST : COLUMN_METADATA;
		c->name = arena_cstr(a, str_sub(name, meta.n, name.n - (many ? list.n : 0)));
		return *c->name != '\0';
	}
	if (str_starts(name, conf) && str_ends(name, threshold)) {
		c->kind = COLUMN_ASSERT_THRESHOLD;
		c->assertion = expected_number(str_sub(name, conf.n, name.n - threshold.n));
		return c->assertion > 0;
	}
	return false;
}

static int take_magic(struct column *c, struct str name, struct pos at, struct arena *a,
		      struct err *err)
{
	struct suggest g = SUGGEST_INIT(name);
	c->assertion = expected_number(name);
	if (c->assertion) {
		c->kind = COLUMN_EXPECTED;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
		c->kind = fixed[i].kind;
		if (str_eqc(name, fixed[i].name))
			return 0;
		suggest_offer(&g, str_c(fixed[i].name));
	}
	if (take_prefixed(c, name, a))
		return 0;
	struct str best = suggest_best(&g);
	return err_at(err, at, "unknown magic column '%.*s'%s%.*s%s", STR_ARGS(name),
		      best.p ? "; did you mean '" : "; variables do not begin with '__'",
		      STR_ARGS(best), best.p ? "'?" : "");
}

int csvmagic_plan(struct csvmagic **out, const struct str *name, size_t n, const char *file,
		  struct arena *a, struct err *err)
{
	struct csvmagic *m = arena_new(a, struct csvmagic);
	struct pos at = { .file = file, .line = 1, .col = 1 };
	m->column = arena_array(a, struct column, n);
	m->n = n;
	for (size_t i = 0; i < n; i++) {
		m->column[i].name = arena_cstr(a, name[i]);
		if (str_starts(name[i], STR("__")) && take_magic(&m->column[i], name[i], at, a, err))
			return -1;
		for (size_t k = 0; k < i; k++)
			if (m->column[k].kind == m->column[i].kind &&
			    m->column[i].kind == COLUMN_EXPECTED &&
			    m->column[k].assertion == m->column[i].assertion)
				return err_at(err, at, "'__expected' and '__expected1' are the same column");
	}
	*out = m;
	return 0;
}

/* --- the mini-language of __expected: [not-]type[(threshold)][:value] --- */

static const char *const types[] = {
	"equals", "contains", "icontains", "contains-all", "contains-any", "icontains-all",
	"icontains-any", "starts-with", "regex", "word-count", "is-json", "contains-json", "is-xml",
	"contains-xml", "is-html", "contains-html", "is-sql", "contains-sql", "is-refusal",
	"is-valid-function-call", "is-valid-openai-function-call", "is-valid-openai-tools-call",
	"tool-call-f1", "finish-reason", "guardrails", "cost", "latency", "perplexity",
	"perplexity-score", "levenshtein", "rouge-n", "bleu", "gleu", "meteor", "similar",
	"classifier", "moderation", "llm-rubric", "g-eval", "model-graded-closedqa", "factuality",
	"model-graded-factuality", "answer-relevance", "context-recall", "context-relevance",
	"context-faithfulness", "conversation-relevance", "pi", "webhook", "javascript", "python",
	"ruby", "numeric", "choice", "exact-match", "token-f1",
};

static bool known_type(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_eqc(s, types[i]))
			return true;
	return false;
}

static struct str near_type(struct str s)
{
	struct suggest g = SUGGEST_INIT(s);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		suggest_offer(&g, str_c(types[i]));
	return suggest_best(&g);
}

struct mini {
	struct str type;      /* with any "not-" */
	struct str value;     /* absent: no colon */
	bool has_threshold;
	double threshold;
};

/* The leading name, when what follows it can be an assertion; absent: a plain text. */
static struct str split_mini(struct str s, struct mini *m)
{
	size_t i = 0;
	while (i < s.n && ((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
			   s.p[i] == '-'))
		i++;
	struct str name = str_sub(s, 0, i);
	if (i < s.n && s.p[i] == '(') {
		ptrdiff_t close = str_chr(s, ')', i);
		if (close < 0 || !num_parse(str_sub(s, i + 1, (size_t)close), &m->threshold))
			return (struct str){ .p = NULL };
		m->has_threshold = true;
		i = (size_t)close + 1;
	}
	if (i < s.n && s.p[i] == ':')
		m->value = str_trim(str_sub(s, i + 1, s.n));
	else if (i < s.n)
		return (struct str){ .p = NULL };
	m->type = name;
	return str_starts(name, STR("not-")) ? str_sub(name, 4, name.n) : name;
}

static bool takes_list(struct str base)
{
	return str_ends(base, STR("-any")) || str_ends(base, STR("-all"));
}

/* "a, b" or "a,\"b,c\"" as a list. */
static json_t *split_list(struct str s)
{
	json_t *list = json_array();
	while (s.n) {
		struct str item;
		s = str_trim(s);
		ptrdiff_t close = s.n && s.p[0] == '"' ? str_chr(s, '"', 1) : -1;
		if (close > 0) {
			item = str_sub(s, 1, (size_t)close);
			s = str_sub(s, (size_t)close + 1, s.n);
			struct str gap;
			str_cut(&s, ',', &gap);
		} else {
			str_cut(&s, ',', &item);
			item = str_trim(item);
		}
		json_array_append_new(list, json_from_str(item));
	}
	return list;
}

static json_t *assertion(struct str type, struct str base, const struct mini *m)
{
	json_t *x = json_object();
	json_object_set_new(x, "type", json_from_str(type));
	if (m->value.p)
		json_object_set_new(x, "value", takes_list(base) ? split_list(m->value) :
								   json_from_str(m->value));
	if (m->has_threshold)
		json_object_set_new(x, "threshold", json_real(m->threshold));
	return x;
}

static int parse_mini(struct str text, struct pos at, json_t **out, struct err *err)
{
	struct mini m = { .value = { .p = NULL } };
	struct str whole = str_trim(text), base = split_mini(whole, &m);
	if (base.p && known_type(base)) {
		*out = assertion(m.type, base, &m);
		return 0;
	}
	if (base.p && m.value.p && (str_eqc(base, "grade"))) {
		*out = assertion(STR("llm-rubric"), base, &m);
		return 0;
	}
	if (base.p && m.value.p && (str_eqc(base, "fn") || str_eqc(base, "eval") ||
				    str_eqc(base, "file")))
		return err_at(err, at, "'%.*s:' in __expected runs code, which is not supported",
			      STR_ARGS(base));
	struct str near = base.p && base.n > 3 && (m.value.p || m.has_threshold) ?
				  near_type(base) :
				  (struct str){ .p = NULL };
	if (near.p)
		return err_at(err, at, "unknown assertion '%.*s' in __expected; did you mean '%.*s'?",
			      STR_ARGS(base), STR_ARGS(near));
	m = (struct mini){ .value = whole };
	*out = assertion(STR("equals"), STR("equals"), &m);
	return 0;
}

/* --- rows --- */

struct row {
	const struct csvmagic *m;
	const struct str *field;
	size_t n;
	struct pos at;
	json_t *vars, *test, *asserts;
	struct err *err;
};

static struct str of_kind(const struct row *r, enum column_kind kind, size_t assertion)
{
	for (size_t i = 0; i < r->m->n && i < r->n; i++)
		if (r->m->column[i].kind == kind && r->m->column[i].assertion == assertion)
			return r->field[i];
	return (struct str){ .p = NULL };
}

static int expected(struct row *r, size_t assertion, struct str text)
{
	json_t *x = NULL;
	double t;
	struct str metric = of_kind(r, COLUMN_METRIC, 0);
	struct str threshold = of_kind(r, COLUMN_ASSERT_THRESHOLD, assertion);
	if (!str_trim(text).n)
		return 0;
	if (parse_mini(text, r->at, &x, r->err))
		return -1;
	json_array_append_new(r->asserts, x);
	if (metric.n)
		json_object_set_new(x, "metric", json_from_str(metric));
	if (!threshold.n)
		return 0;
	if (!num_parse(str_trim(threshold), &t))
		return err_at(r->err, r->at, "the threshold '%.*s' is no number", STR_ARGS(threshold));
	json_object_set_new(x, "threshold", json_real(t));
	return 0;
}

static int whole_threshold(struct row *r, struct str text)
{
	double t;
	if (!str_trim(text).n)
		return 0;
	if (!num_parse(str_trim(text), &t))
		return err_at(r->err, r->at, "'__threshold' must be a number, found '%.*s'",
			      STR_ARGS(text));
	json_object_set_new(r->test, "threshold", json_real(t));
	return 0;
}

static void member(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static int column(struct row *r, const struct column *c, struct str text)
{
	/* These belong to the case, not to its prompt. */
	bool own = !strcmp(c->name, "id") || !strcmp(c->name, "weight") || !strcmp(c->name, "cluster");
	switch (c->kind) {
	case COLUMN_VAR:
		member(r->vars, c->name, json_from_str(text));
		if (own && text.n)
			member(r->test, c->name, json_from_str(text));
		return 0;
	case COLUMN_EXPECTED:
		return expected(r, c->assertion, text);
	case COLUMN_PREFIX:
	case COLUMN_SUFFIX:
		if (text.n)
			member(r->vars, c->kind == COLUMN_PREFIX ? "__prefix" : "__suffix",
			       json_from_str(text));
		return 0;
	case COLUMN_THRESHOLD:
		return whole_threshold(r, text);
	case COLUMN_ANSWER:
		if (text.n)
			member(r->test, "providerOutput", json_from_str(text));
		return 0;
	case COLUMN_METADATA:
		member(json_object_get(r->test, "metadata"), c->name, json_from_str(text));
		return 0;
	case COLUMN_METADATA_LIST:
		member(json_object_get(r->test, "metadata"), c->name, split_list(text));
		return 0;
	case COLUMN_DESCRIPTION:
	case COLUMN_METRIC:
	case COLUMN_ASSERT_THRESHOLD:
		break;
	}
	return 0;
}

int csvmagic_row(const struct csvmagic *m, const struct str *field, size_t n, struct pos at,
		 json_t **out, struct arena *a, struct err *err)
{
	struct row r = { .m = m, .field = field, .n = n, .at = at, .err = err };
	r.test = arena_json(a, json_pack("{s{} s{} s[]}", "vars", "metadata", "assert"));
	r.vars = json_object_get(r.test, "vars");
	r.asserts = json_object_get(r.test, "assert");
	for (size_t i = 0; i < m->n && i < n; i++)
		if (column(&r, &m->column[i], field[i]))
			return -1;
	if (!json_array_size(r.asserts))
		json_object_del(r.test, "assert");
	*out = r.test;
	return 0;
}
