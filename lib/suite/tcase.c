#include "suite/tcase.h"

#include "suite/calibration.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/suggest.h"
#include "crypto/sha256.h"
#include "doc/canon.h"
#include "suite/talkrow.h"

enum { ID_HEX_DIGITS = 12, ID_BYTES_MAX = 256 };

struct build {
	struct tcase *out;
	const json_t *row;
	json_t *vars;
	struct pos at;
	struct arena *a;
	struct err *err;
};

/* What a case may never decide; a column that happens to be called so needs another name. */
static int refuse_overrides(struct build *b, const json_t *object, const char *where)
{
	static const char *const never[] = { "provider", "providers", "host", "base_url", "judge" };
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (json_object_get(object, never[i]))
			return err_at(b->err, b->at,
				      "'%s'%s: a case cannot override provider, host or judge; for a "
				      "variable of that name write it under 'vars'",
				      never[i], where);
	return 0;
}

static json_t *own(struct build *b, json_t *j)
{
	return arena_json(b->a, j);
}

static void set(json_t *object, const char *key, const json_t *v)
{
	json_object_set(object, key, (json_t *)(uintptr_t)v);
}

/* --- assertions --- */

static int check_assert(struct build *b, const json_t *x)
{
	struct str type = json_get_str(x, "type");
	struct str value = json_get_str(x, "value");
	size_t i;
	json_t *inner;
	if (json_object_get(x, "$ref"))
		return err_at(b->err, b->at, "'$ref' in 'assert' is not supported; write the assertion");
	if (!json_is_object(x) || !type.n)
		return err_at(b->err, b->at, "an item of 'assert' needs a 'type', found %s",
			      json_type_name(x));
	if (str_starts(value, STR("file://")))
		return err_at(b->err, b->at,
			      "'%.*s' in 'assert': files are not read from cases; use a metric",
			      STR_ARGS(value));
	if (refuse_overrides(b, x, " in 'assert'"))
		return -1;
	json_array_foreach(json_object_get(x, "assert"), i, inner)
		if (check_assert(b, inner))
			return -1;
	return 0;
}

static int asserts(struct build *b)
{
	const json_t *list = json_object_get(b->row, "assert");
	const json_t *threshold = json_object_get(b->row, "threshold");
	size_t i;
	json_t *x;
	if (!list || json_is_null(list))
		return threshold && json_object_get(b->row, "vars") ?
			       err_at(b->err, b->at, "'threshold' without 'assert' decides nothing") :
			       0;
	if (!json_is_array(list) || !json_array_size(list))
		return err_at(b->err, b->at, "'assert' must be a list of assertions, found %s",
			      json_is_array(list) ? "an empty one" : json_type_name(list));
	json_array_foreach((json_t *)(uintptr_t)list, i, x)
		if (check_assert(b, x))
			return -1;
	struct rowtext text = { .vars = b->vars, .member = "assert", .at = b->at, .a = b->a };
	if (rowtext_render(&text, list, &b->out->asserts, b->err))
		return -1;
	if (!threshold || !json_object_get(b->row, "vars"))
		return 0;
	if (!json_is_number(threshold))
		return err_at(b->err, b->at, "'threshold' must be a number, found %s",
			      json_type_name(threshold));
	/* promptfoo's threshold of a test is that of the set of its assertions. */
	b->out->asserts = own(b, json_pack("[{ss sO sO}]", "type", "assert-set", "threshold", threshold,
					   "assert", b->out->asserts));
	return 0;
}

/* --- variables --- */

/* promptfoo's tests: {vars, assert, description, metadata, …}. */
static int vars_of_test(struct build *b)
{
	static const char *const known[] = { "id", "vars", "assert", "description", "metadata",
					     "weight", "cluster", "quarantine", "threshold",
					     "providerOutput", "options", "output",
					     "modelResponses", "expected", "context",
					     "trace", TALK_TURNS, TALK_TOOLS };
	const char *key;
	json_t *v;
	b->vars = own(b, json_copy(json_object_get(b->row, "vars")));
	json_object_foreach((json_t *)(uintptr_t)b->row, key, v) {
		struct suggest g = SUGGEST_INIT(str_c(key));
		bool hit = false;
		for (size_t i = 0; i < ARRAY_LEN(known); i++) {
			hit = hit || !strcmp(key, known[i]);
			suggest_offer(&g, str_c(known[i]));
		}
		struct str best = suggest_best(&g);
		if (!hit)
			return err_at(b->err, b->at, "'%s' is not supported in a case%s%.*s%s", key,
				      best.p ? "; did you mean '" : "", STR_ARGS(best),
				      best.p ? "'?" : "");
	}
	return 0;
}

static int options_of_test(struct build *b)
{
	const json_t *options = json_object_get(b->row, "options");
	bool expand = !json_is_true(json_object_get(options, "disableVarExpansion"));
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)options, key, v) {
		if (!strcmp(key, "prefix"))
			set(b->vars, "__prefix", v);
		else if (!strcmp(key, "suffix"))
			set(b->vars, "__suffix", v);
		else if (strcmp(key, "disableVarExpansion") != 0)
			return err_at(b->err, b->at, "'options.%s' is not supported in a case", key);
	}
	json_object_foreach(b->vars, key, v) {
		if (json_is_array(v) && expand)
			return err_at(b->err, b->at,
				      "the list in 'vars.%s' means several cases to promptfoo; write them "
				      "out, or set options.disableVarExpansion: true",
				      key);
		if (str_starts(json_str(v), STR("file://")))
			return err_at(b->err, b->at,
				      "'vars.%s' names a file; files are not read from cases, write "
				      "the value",
				      key);
	}
	return 0;
}

/* Members beside `vars` that a template, a slice or a recorded answer reads. */
static int beside_vars(struct build *b)
{
	static const char *const lifted[] = { "output", "modelResponses", "expected", "context",
					      "trace" };
	const json_t *metadata = json_object_get(b->row, "metadata");
	const json_t *answer = json_object_get(b->row, "providerOutput");
	const char *key;
	json_t *v;
	for (size_t i = 0; i < ARRAY_LEN(lifted); i++)
		if (json_object_get(b->row, lifted[i]) && !json_object_get(b->vars, lifted[i]))
			set(b->vars, lifted[i], json_object_get(b->row, lifted[i]));
	if (answer)
		set(b->vars, "output", answer);
	json_object_foreach((json_t *)(uintptr_t)metadata, key, v) {
		const json_t *other = json_object_get(b->vars, key);
		if (other && !json_equal(other, v))
			return err_at(b->err, b->at, "'%s' has one value in vars and another in metadata",
				      key);
		set(b->vars, key, v);
	}
	return 0;
}

static int native_vars(struct build *b)
{
	const char *key;
	json_t *v;
	if (refuse_overrides(b, b->row, ""))
		return -1;
	json_object_foreach((json_t *)(uintptr_t)b->row, key, v)
		if (!strncmp(key, "__", 2) && strcmp(key, "__prefix") != 0 &&
		    strcmp(key, "__suffix") != 0)
			return err_at(b->err, b->at, "'%s' has a meaning in CSV files only; use 'assert'",
				      key);
	if (json_is_array(json_object_get(b->row, "conversationTurns")))
		return err_at(b->err, b->at,
			      "'conversationTurns' is not read; write the conversation as 'turns'");
	const json_t *reference = json_object_get(b->row, "referenceResponse");
	/* Bedrock Evaluations' name for what is expected. */
	bool expected = json_is_string(reference) && !json_object_get(b->row, "expected");
	bool talk = json_object_get(b->row, TALK_TURNS) || json_object_get(b->row, TALK_TOOLS);
	b->vars = (json_t *)(uintptr_t)b->row;
	if (expected || talk)
		b->vars = own(b, json_copy((json_t *)(uintptr_t)b->row));
	if (expected)
		set(b->vars, "expected", reference);
	/* What comes later in a conversation is no variable: no prompt may see it. */
	if (talk) {
		json_object_del(b->vars, TALK_TURNS);
		json_object_del(b->vars, TALK_TOOLS);
	}
	return 0;
}

static int variables(struct build *b)
{
	if (json_is_object(json_object_get(b->row, "vars"))) {
		if (vars_of_test(b) || options_of_test(b) || beside_vars(b))
			return -1;
	} else if (json_object_get(b->row, "vars")) {
		return err_at(b->err, b->at, "'vars' must be an object, found %s",
			      json_type_name(json_object_get(b->row, "vars")));
	} else if (native_vars(b)) {
		return -1;
	}
	b->out->vars = b->vars;
	return 0;
}

/* --- the rest --- */

static void derive_id(struct build *b)
{
	static const char *const not_content[] = { "id", "weight", "quarantine", "assert", "cluster",
						   "description" };
	static const char *const talk[] = { TALK_TURNS, TALK_TOOLS };
	json_t *content = own(b, json_copy(b->vars));
	struct digest d;
	struct buf text;
	char hex[DIGEST_HEX];
	for (size_t i = 0; i < ARRAY_LEN(not_content); i++)
		json_object_del(content, not_content[i]);
	for (size_t i = 0; i < ARRAY_LEN(talk); i++)
		if (json_object_get(b->row, talk[i]))
			set(content, talk[i], json_object_get(b->row, talk[i]));
	buf_init(&text, ROW_BYTES_MAX * 8);
	canon_write(&text, content);
	sha256(&d, buf_str(&text));
	buf_release(&text);
	digest_hex(&d, hex);
	b->out->id = arena_str(b->a, (struct str){ .p = hex, .n = ID_HEX_DIGITS });
}

static int identity(struct build *b, bool *derived)
{
	const json_t *id = json_object_get(b->row, "id");
	*derived = !id || json_is_null(id) || (json_is_string(id) && !json_string_length(id));
	if (*derived) {
		derive_id(b);
		return 0;
	}
	if (!json_is_string(id) && !json_is_integer(id))
		return err_at(b->err, b->at, "'id' must be a text or an integer, found %s",
			      json_type_name(id));
	b->out->id = rowtext_scalar(id, b->a);
	for (size_t i = 0; i < b->out->id.n; i++)
		if ((unsigned char)b->out->id.p[i] < 0x20 || b->out->id.p[i] == 0x7f)
			return err_at(b->err, b->at, "'id' holds a control character");
	if (b->out->id.n > ID_BYTES_MAX)
		return err_at(b->err, b->at, "'id' has %zu bytes; at most %d", b->out->id.n,
			      ID_BYTES_MAX);
	return 0;
}

static int weight(struct build *b)
{
	const json_t *w = json_object_get(b->row, "weight");
	double x = 1;
	bool ok = !w || json_is_null(w);
	if (json_is_number(w)) {
		x = json_number_value(w);
		ok = true;
	} else if (json_is_string(w)) {
		ok = num_parse(json_str(w), &x); /* a CSV column */
	}
	if (!ok || !(x > 0) || x > 1e9)
		return err_at(b->err, b->at, "'weight' must be a number above 0, found %s",
			      ok ? "another" : json_type_name(w));
	b->out->weight = x;
	return 0;
}

static int cluster(struct build *b, const struct tcase_opts *o)
{
	const char *key = o->cluster ? o->cluster : "cluster";
	const json_t *v = json_object_get(b->row, key);
	if (!v)
		v = json_object_get(b->vars, key);
	b->out->cluster = b->out->id;
	if (!v && !o->cluster)
		return 0;
	struct str text = rowtext_scalar(v, b->a);
	if (!text.n)
		return err_at(b->err, b->at, "the suite's cluster is '%s', and this case has %s", key,
			      v ? "no plain value there" : "none");
	b->out->cluster = text;
	return 0;
}

static int quarantine(struct build *b)
{
	const json_t *q = json_object_get(b->row, "quarantine");
	const char *key;
	json_t *v;
	int64_t when;
	if (!q || json_is_null(q))
		return 0;
	if (!json_is_object(q))
		return err_at(b->err, b->at, "'quarantine' must be {until, owner, reason}, found %s",
			      json_type_name(q));
	json_object_foreach((json_t *)(uintptr_t)q, key, v)
		if ((strcmp(key, "until") && strcmp(key, "owner") && strcmp(key, "reason")) ||
		    !json_is_string(v))
			return err_at(b->err, b->at,
				      "'quarantine.%s': expected until, owner and reason, all texts", key);
	b->out->quarantined = true;
	b->out->quarantine_until = json_get_str(q, "until");
	b->out->quarantine = q;
	if (!clock_parse(b->out->quarantine_until, &when))
		return err_at(b->err, b->at,
			      "'quarantine.until' must be a date such as 2026-12-31, found '%.*s'",
			      STR_ARGS(b->out->quarantine_until));
	return 0;
}

int tcase_build(struct tcase *out, const json_t *row, struct pos at, const struct tcase_opts *o,
		bool *derived, struct arena *a, struct err *err)
{
	struct build b = { .out = out, .row = row, .at = at, .a = a, .err = err };
	*out = (struct tcase){ .at = at };
	if (!json_is_object(row))
		return err_at(err, at, "a case must be an object, found %s", json_type_name(row));
	if (variables(&b) || identity(&b, derived) || weight(&b) || cluster(&b, o) ||
	    quarantine(&b) ||
	    talkrow_build(&out->talk, row, out->vars, o->max_steps, at, a, err))
		return -1;
	if (o->labelled)
		return calibration_take(out, row, a, err);
	return asserts(&b);
}
