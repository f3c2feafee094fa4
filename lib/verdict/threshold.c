#include "verdict/threshold.h"

#include "base/err.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>

const char threshold_aggregates[] =
	"mean rate pass p50 p75 p90 p95 p99 pass@k pass^k min max sum count";

static const struct {
	const char *name, *sign;
} op_names[] = {
	[OP_GE] = { ">=", "≥" },
	[OP_GT] = { ">", ">" },
	[OP_LE] = { "<=", "≤" },
	[OP_LT] = { "<", "<" },
	[OP_EQ] = { "==", "=" },
	[OP_NOT_BELOW] = { "not-below", "not below" },
	[OP_NOT_ABOVE] = { "not-above", "not above" },
};

static const struct {
	const char *name;
	enum aggregate agg;
	double q;
} aggregates[] = {
	{ "mean", AGG_MEAN, 0 },       { "rate", AGG_RATE, 0 },	      { "pass", AGG_PASS, 0 },
	{ "p50", AGG_QUANTILE, 0.50 }, { "p75", AGG_QUANTILE, 0.75 }, { "p90", AGG_QUANTILE, 0.90 },
	{ "p95", AGG_QUANTILE, 0.95 }, { "p99", AGG_QUANTILE, 0.99 }, { "min", AGG_MIN, 0 },
	{ "max", AGG_MAX, 0 },	       { "sum", AGG_SUM, 0 },	      { "count", AGG_COUNT, 0 },
};

static const char *const spend_names[] = { "usd", "tokens", "calls" };

static const struct {
	const char *name;
	enum bound_unit unit;
	double factor;
	const char *shown;
} units[] = {
	{ "%", BOUND_PERCENT, 0.01, "%" },    { "ms", BOUND_MS, 1, " ms" },
	{ "s", BOUND_MS, 1e3, " s" },	      { "m", BOUND_MS, 60e3, " m" },
	{ "h", BOUND_MS, 3600e3, " h" },      { "tok/s", BOUND_TOK_S, 1, " tok/s" },
	{ "tok", BOUND_TOK, 1, " tok" },      { "k", BOUND_TOK, 1e3, "k tok" },
	{ "M", BOUND_TOK, 1e6, "M tok" },     { "k tok", BOUND_TOK, 1e3, "k tok" },
	{ "M tok", BOUND_TOK, 1e6, "M tok" },
};

struct scan {
	struct str text;
	size_t at;
	struct arena *arena;
	struct threshold_fault *fault;
};

const char *threshold_op_text(enum threshold_op op)
{
	return op_names[op].name;
}

const char *threshold_op_sign(enum threshold_op op)
{
	return op_names[op].sign;
}

bool threshold_needs_baseline(const struct threshold *t)
{
	return t->bound.baseline;
}

bool threshold_wants_high(const struct threshold *t)
{
	return t->op == OP_GE || t->op == OP_GT || t->op == OP_NOT_BELOW;
}

static int fault_at(struct scan *s, size_t offset, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int fault_at(struct scan *s, size_t offset, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	s->fault->offset = offset;
	vsnprintf(s->fault->msg, sizeof s->fault->msg, fmt, ap);
	va_end(ap);
	s->fault->hint[0] = 0;
	return -1;
}

/* Returns -1, so that "return hint(…)" ends a failed parse. */
static int hint(struct scan *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int hint(struct scan *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(s->fault->hint, sizeof s->fault->hint, fmt, ap);
	va_end(ap);
	return -1;
}

static char peek(const struct scan *s)
{
	return s->at < s->text.n ? s->text.p[s->at] : 0;
}

static struct str rest(const struct scan *s)
{
	return str_sub(s->text, s->at, s->text.n);
}

static void skip_space(struct scan *s)
{
	while (s->at < s->text.n && (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n'))
		s->at++;
}

static bool take(struct scan *s, const char *word)
{
	if (!str_starts(rest(s), str_c(word)))
		return false;
	s->at += strlen(word);
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
	       c == '-' || (unsigned char)c >= 0x80;
}

static struct str take_name(struct scan *s, const char *also)
{
	size_t from = s->at;
	while (s->at < s->text.n && (is_name(peek(s)) || (peek(s) && strchr(also, peek(s)))))
		s->at++;
	return str_sub(s->text, from, s->at);
}

/* What stands at the cursor, for "found …": the next word, cut. */
static const char *found(const struct scan *s, char out[48])
{
	size_t n = 0;
	struct str r = utf8_prefix(rest(s), 24);
	while (n < r.n && (unsigned char)r.p[n] > ' ' && r.p[n] != 0x7f)
		n++;
	if (!r.n)
		return "the end";
	if (!n)
		return r.p[0] == ' ' ? "a space" : "a control character";
	snprintf(out, 48, "'%.*s'", (int)n, r.p);
	return out;
}

/* ---- [suite/]metric.aggregate ---- */

static int parse_metric(struct scan *s, struct threshold *t)
{
	char f[48];
	size_t from = s->at;
	t->metric_off = from;
	bool pooled = take(s, "*");
	struct str name = pooled ? STR("*") : take_name(s, "");
	if (!name.n) {
		fault_at(s, from, "expected a metric, found %s", found(s, f));
		return hint(s,
			    "write [suite/]metric.aggregate op bound, as in correct.mean >= 0.90");
	}
	if (peek(s) == '/') {
		s->at++;
		t->suite = arena_cstr(s->arena, name);
		t->suite_off = from;
		t->metric_off = s->at;
		name = take_name(s, "");
		if (!name.n)
			return fault_at(s, s->at, "expected a metric after '%s/', found %s",
					t->suite, found(s, f));
	} else if (pooled) {
		fault_at(s, s->at, "expected '/' after '*', found %s", found(s, f));
		return hint(s, "*/metric pools the samples of every suite that has the metric");
	}
	t->metric = arena_cstr(s->arena, name);
	return 0;
}

static int unknown_aggregate(struct scan *s, size_t from, struct str word)
{
	struct suggest sg = SUGGEST_INIT(word);
	for (size_t i = 0; i < ARRAY_LEN(aggregates); i++)
		suggest_offer(&sg, str_c(aggregates[i].name));
	fault_at(s, from, "unknown aggregate '%.*s', expected one of: %s",
		 (int)(word.n > 40 ? 40 : word.n), word.p, threshold_aggregates);
	if (str_eqc(word, "avg") || str_eqc(word, "average"))
		return hint(s, "did you mean 'mean'?");
	if (str_eqc(word, "median"))
		return hint(s, "did you mean 'p50'?");
	if (suggest_best(&sg).p)
		return hint(s, "did you mean '%.*s'?", STR_ARGS(suggest_best(&sg)));
	return -1;
}

/* pass@k and pass^k; the cursor stands on the sign. */
static int parse_pass_k(struct scan *s, struct threshold *t)
{
	char sign = peek(s);
	size_t from = ++s->at;
	unsigned k = 0;
	while (is_digit(peek(s)) && k < 100000)
		k = k * 10 + (unsigned)(s->text.p[s->at++] - '0');
	if (s->at == from || k < 1 || k > 1000 || is_name(peek(s))) {
		fault_at(s, from, "expected k from 1 to 1000 after 'pass%c'", sign);
		return hint(s, "as in pass%c3: k of the repeats of a case", sign);
	}
	t->agg = sign == '@' ? AGG_PASS_AT : AGG_PASS_ALL;
	t->k = k;
	return 0;
}

static int parse_spend(struct scan *s, struct threshold *t, struct str word)
{
	t->agg = AGG_SPEND;
	for (size_t i = 0; i < ARRAY_LEN(spend_names); i++)
		if (str_eqc(word, spend_names[i]))
			return 0;
	return fault_at(s, t->agg_off, "unknown 'spend.%.*s', expected one of: usd tokens calls",
			(int)(word.n > 40 ? 40 : word.n), word.p);
}

static int parse_aggregate(struct scan *s, struct threshold *t)
{
	char f[48];
	if (peek(s) != '.') {
		fault_at(s, s->at, "expected '.' and an aggregate after '%.60s', found %s",
			 t->metric, found(s, f));
		return hint(s, "aggregates are %s", threshold_aggregates);
	}
	s->at++;
	t->agg_off = s->at;
	struct str word = take_name(s, "");
	if (!word.n)
		return fault_at(s, s->at, "expected an aggregate after '.', found %s; one of: %s",
				found(s, f), threshold_aggregates);
	if (str_eqc(str_c(t->metric), "spend"))
		return parse_spend(s, t, word);
	if (str_eqc(word, "pass") && (peek(s) == '@' || peek(s) == '^'))
		return parse_pass_k(s, t);
	for (size_t i = 0; i < ARRAY_LEN(aggregates); i++) {
		if (!str_eqc(word, aggregates[i].name))
			continue;
		t->agg = aggregates[i].agg;
		t->q = aggregates[i].q;
		return 0;
	}
	return unknown_aggregate(s, t->agg_off, word);
}

/* ---- {slices} and worst{key} ---- */

static int parse_quoted(struct scan *s, const char **out)
{
	size_t from = s->at++;
	char *v = arena_alloc(s->arena, s->text.n - from + 1);
	size_t n = 0;
	while (s->at < s->text.n && peek(s) != '"') {
		if (peek(s) == '\\' && s->at + 1 < s->text.n)
			s->at++;
		v[n++] = s->text.p[s->at++];
	}
	if (s->at >= s->text.n)
		return fault_at(s, from, "the quoted value is not closed, expected '\"'");
	s->at++;
	*out = v;
	return 0;
}

static int parse_value(struct scan *s, const char **out)
{
	char f[48];
	if (peek(s) == '"')
		return parse_quoted(s, out);
	size_t from = s->at;
	while (s->at < s->text.n && !strchr(",}{=\"", s->text.p[s->at]))
		s->at++;
	struct str v = str_trim(str_sub(s->text, from, s->at));
	if (!v.n)
		return fault_at(s, s->at, "expected a value after '=', found %s", found(s, f));
	*out = arena_cstr(s->arena, v);
	return 0;
}

static int parse_term(struct scan *s, struct threshold *t)
{
	char f[48];
	skip_space(s);
	size_t from = s->at;
	struct str key = take_name(s, ".");
	if (!key.n) {
		fault_at(s, from, "expected key=value in the slice, found %s", found(s, f));
		return hint(s, "as in {category=refunds, lang=\"pt BR\"}");
	}
	for (size_t i = 0; i < t->nslice; i++)
		if (str_eqc(key, t->slice[i].key))
			return fault_at(s, from, "'%s' appears twice in the slice",
					t->slice[i].key);
	skip_space(s);
	if (peek(s) != '=')
		return fault_at(s, s->at, "expected '=' after '%.*s', found %s",
				(int)(key.n > 60 ? 60 : key.n), key.p, found(s, f));
	s->at++;
	if (peek(s) == '=')
		return fault_at(s, s->at, "expected a value, found '='; slices use one '='");
	skip_space(s);
	struct slice_term term = { .key = arena_cstr(s->arena, key) };
	if (parse_value(s, &term.value))
		return -1;
	t->slice[t->nslice++] = term;
	return 0;
}

enum { SLICE_TERMS_MAX = 8 };

static int parse_slice(struct scan *s, struct threshold *t)
{
	char f[48];
	size_t open = s->at++;
	t->slice_off = open;
	t->slice = arena_array(s->arena, struct slice_term, SLICE_TERMS_MAX);
	for (;;) {
		if (t->nslice == SLICE_TERMS_MAX)
			return fault_at(s, s->at, "more than %d conditions in a slice",
					SLICE_TERMS_MAX);
		if (parse_term(s, t))
			return -1;
		skip_space(s);
		if (take(s, "}"))
			return 0;
		if (s->at >= s->text.n)
			return fault_at(s, open, "the slice is not closed, expected '}'");
		if (take(s, ","))
			continue;
		fault_at(s, s->at, "expected ',' or '}' in the slice, found %s", found(s, f));
		return hint(s, "close the slice with '}', or put the value in double quotes");
	}
}

static int parse_worst(struct scan *s, struct threshold *t)
{
	char f[48];
	skip_space(s);
	if (peek(s) != '{') {
		fault_at(s, s->at, "expected '{' after 'worst', found %s", found(s, f));
		return hint(s, "as in correct.mean worst{category} >= 0.80");
	}
	size_t open = s->at++;
	skip_space(s);
	size_t from = s->at;
	struct str key = take_name(s, ".");
	if (!key.n)
		return fault_at(s, from,
				"expected the name of a case variable in 'worst{}', found %s",
				found(s, f));
	skip_space(s);
	if (peek(s) == '=') {
		fault_at(s, s->at, "expected '}' after 'worst{%.*s', found '='",
			 (int)(key.n > 60 ? 60 : key.n), key.p);
		return hint(s, "worst{key} looks at every value of key; {key=value} at one");
	}
	if (s->at >= s->text.n)
		return fault_at(s, open, "'worst{' is not closed, expected '}'");
	if (!take(s, "}"))
		return fault_at(s, s->at, "expected '}' after 'worst{%.*s', found %s",
				(int)(key.n > 60 ? 60 : key.n), key.p, found(s, f));
	t->worst = arena_cstr(s->arena, key);
	if (!t->slice_off)
		t->slice_off = open;
	return 0;
}

static int parse_slices(struct scan *s, struct threshold *t)
{
	for (;;) {
		skip_space(s);
		if (peek(s) == '{' && !t->nslice) {
			if (parse_slice(s, t))
				return -1;
		} else if (str_starts(rest(s), STR("worst")) && !t->worst) {
			s->at += 5;
			if (parse_worst(s, t))
				return -1;
		} else {
			break;
		}
	}
	if (t->agg == AGG_SPEND && (t->nslice || t->worst))
		return fault_at(s, t->slice_off, "'spend' covers the whole run and has no slices");
	return 0;
}

/* ---- op ---- */

static int parse_op(struct scan *s, struct threshold *t)
{
	static const char *const wrong[][2] = { { "=>", ">=" }, { "=<", "<=" }, { "≥", ">=" },
						{ "≤", "<=" },	{ "!=", "==" }, { "=", "==" } };
	static const enum threshold_op order[] = { OP_GE, OP_LE,	OP_EQ,	     OP_GT,
						   OP_LT, OP_NOT_BELOW, OP_NOT_ABOVE };
	char f[48];
	t->op_off = s->at;
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		t->op = order[i];
		if (take(s, threshold_op_text(order[i])))
			return 0;
	}
	fault_at(s, s->at, "expected one of >= > <= < == not-below not-above, found %s",
		 found(s, f));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (str_starts(rest(s), str_c(wrong[i][0])))
			return hint(s, "did you mean '%s'?", wrong[i][1]);
	return -1;
}

static int check_op(struct scan *s, const struct threshold *t)
{
	bool counts =
		t->agg == AGG_MIN || t->agg == AGG_MAX || t->agg == AGG_SUM || t->agg == AGG_COUNT;
	if (t->op == OP_EQ && !counts) {
		fault_at(s, t->op_off, "'==' is for count, min, max and sum, not for '%s'",
			 t->agg_text);
		return hint(s, "use >= or <=");
	}
	bool regress = t->op == OP_NOT_BELOW || t->op == OP_NOT_ABOVE;
	bool bare = t->bound.baseline && !t->bound.change;
	if (regress && !bare) {
		fault_at(s, t->bound_off, "'%s' takes 'baseline' alone", threshold_op_text(t->op));
		return hint(s, "write '%s baseline', or use >= or <= with this bound",
			    threshold_op_text(t->op));
	}
	if (t->op == OP_EQ && t->bound.baseline)
		return fault_at(s, t->bound_off, "'==' takes a number, not 'baseline'");
	if (t->agg == AGG_SPEND && t->bound.baseline)
		return fault_at(s, t->bound_off, "'spend' has no baseline, expected a number");
	return 0;
}

/* ---- bound ---- */

static size_t number_end(const struct scan *s, size_t at)
{
	const char *p = s->text.p;
	size_t n = s->text.n;
	if (at < n && (p[at] == '-' || p[at] == '+'))
		at++;
	while (at < n && (is_digit(p[at]) || p[at] == '.'))
		at++;
	if (at + 1 < n && (p[at] == 'e' || p[at] == 'E') &&
	    (is_digit(p[at + 1]) || (at + 2 < n && p[at + 1] == '-' && is_digit(p[at + 2]))))
		for (at += 2; at < n && is_digit(p[at]); at++)
			;
	return at;
}

static int take_number(struct scan *s, double *out, struct str *written)
{
	char f[48];
	size_t end = number_end(s, s->at);
	*written = str_sub(s->text, s->at, end);
	if (!written->n || !num_parse(*written, out)) {
		fault_at(s, s->at, "expected a number, found %s", found(s, f));
		return str_starts(rest(s), STR("base")) ? hint(s, "did you mean 'baseline'?") : -1;
	}
	s->at = end;
	if (peek(s) != ',')
		return 0;
	fault_at(s, s->at, "expected a unit or the end after '%.*s', found ','",
		 (int)(written->n > 40 ? 40 : written->n), written->p);
	return hint(s, "write numbers without separators and with a decimal point");
}

/* The unit after a number: all that is left of the text. */
static int take_unit(struct scan *s, struct bound *b, struct str written)
{
	skip_space(s);
	struct str word = str_trim(rest(s));
	if (!word.n) {
		b->text = arena_cstr(s->arena, written);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!str_eqc(word, units[i].name))
			continue;
		b->unit = units[i].unit;
		/* 90 % must be the double that 0.90 is: divide, as 0.01 is not exact. */
		b->value = b->unit == BOUND_PERCENT ? b->value / 100 : b->value * units[i].factor;
		b->text = arena_fmt(s->arena, "%.*s%s", STR_ARGS(written), units[i].shown);
		s->at = s->text.n;
		return 0;
	}
	char f[48];
	fault_at(s, s->at, "unknown unit or text after the bound: %s", found(s, f));
	return hint(s, "units are %% ms s m h tok tok/s, and $ in front");
}

static int parse_amount(struct scan *s, struct bound *b)
{
	struct str written;
	bool usd = take(s, "$");
	if (take_number(s, &b->value, &written))
		return -1;
	if (!usd)
		return take_unit(s, b, written);
	b->unit = BOUND_USD;
	b->text = arena_fmt(s->arena, "$%.*s", STR_ARGS(written));
	return 0;
}

static int parse_baseline(struct scan *s, struct bound *b)
{
	b->baseline = true;
	b->text = "baseline";
	skip_space(s);
	char sign = peek(s);
	if (!sign && s->at >= s->text.n)
		return 0;
	char f[48];
	if (!sign || !strchr("+-*", sign))
		return fault_at(s, s->at, "expected '-', '+' or '*' after 'baseline', found %s",
				found(s, f));
	b->change = sign;
	s->at++;
	skip_space(s);
	size_t from = s->at;
	if (peek(s) == '-' || peek(s) == '+')
		return fault_at(s, s->at, "expected a number without a sign, found %s",
				found(s, f));
	if (parse_amount(s, b))
		return -1;
	if (b->unit == BOUND_PERCENT) {
		fault_at(s, from, "'%%' after baseline could mean points or a share of it");
		return hint(s, "write 'baseline %c %g' for points or 'baseline * %g' for a share",
			    sign, b->value, sign == '-' ? 1 - b->value : 1 + b->value);
	}
	if (sign == '*' && (b->unit != BOUND_PLAIN || !(b->value > 0)))
		return fault_at(s, from, "expected a factor above 0 without a unit after '*'");
	b->text = arena_fmt(s->arena, "baseline %c %s", sign, b->text);
	return 0;
}

static int parse_bound(struct scan *s, struct threshold *t)
{
	char f[48];
	t->bound_off = s->at;
	int bad = take(s, "baseline") ? parse_baseline(s, &t->bound) : parse_amount(s, &t->bound);
	if (bad)
		return -1;
	skip_space(s);
	if (s->at < s->text.n)
		return fault_at(s, s->at, "expected the end after the bound, found %s",
				found(s, f));
	if (!isfinite(t->bound.value))
		return fault_at(s, t->bound_off, "the bound is too large");
	return 0;
}

int threshold_parse(struct threshold *out, struct str text, struct arena *a,
		    struct threshold_fault *fault)
{
	struct scan s = { .text = text, .arena = a, .fault = fault };
	struct threshold t = { .blocking = true, .confidence = NAN };
	skip_space(&s);
	if (parse_metric(&s, &t) || parse_aggregate(&s, &t))
		return -1;
	t.agg_text = arena_cstr(a, str_sub(text, t.agg_off, s.at));
	if (t.agg == AGG_SPEND && t.suite)
		return fault_at(&s, t.suite_off, "'spend' covers the whole run, not a suite");
	if (parse_slices(&s, &t) || parse_op(&s, &t))
		return -1;
	skip_space(&s);
	if (parse_bound(&s, &t) || check_op(&s, &t))
		return -1;
	t.text = arena_cstr(a, text);
	*out = t;
	return 0;
}
