/* is-json, contains-json, json-schema: the answer, or something in it, is JSON, and follows a schema
 * where one is given. */
#include "score/scorekit.h"

#include "base/limits.h"
#include "doc/doc.h"
#include "doc/jsonx.h"
#include "doc/schema.h"

struct wanted {
	const struct schema *schema; /* NULL: any JSON */
};

/* A schema written as JSON, or the text of a JSON or YAML file. */
static int schema_of(const json_t **out, const json_t *j, struct arena *a, struct err *err)
{
	const char *why;
	*out = j;
	if (!json_is_string(j))
		return 0;
	*out = json_lenient(a, json_str(j), &why);
	if (*out)
		return 0;
	struct diags d;
	struct doc doc;
	diags_init(&d, a);
	if (doc_parse(&doc, json_str(j), DOC_YAML, "schema", a, &d) < 0 || json_is_string(doc.root))
		return err_set(err, ERR_ARTIFACT, "'schema' is neither JSON nor YAML: %s", why);
	*out = doc.root;
	return 0;
}

static int prepare(const void **prepared, const json_t *config, struct arena *a, struct err *err)
{
	struct wanted *w = arena_new(a, struct wanted);
	const json_t *j = kit_main(config, "schema");
	struct schema *schema = NULL;
	if (j && schema_of(&j, j, a, err) < 0)
		return -1;
	if (j && schema_compile(&schema, j, NULL, a, err) < 0)
		return err_wrap(err, "'schema'");
	w->schema = schema;
	*prepared = w;
	return 0;
}

/* NULL when it follows the schema, else why not. */
static const char *misfit(const struct wanted *w, const json_t *j, struct arena *a)
{
	struct schema_report rep = { .arena = a };
	if (!w->schema || schema_valid(w->schema, j, &rep, a))
		return NULL;
	if (!rep.list.n)
		return "does not follow the schema";
	return arena_fmt(a, "%s: %s", kit_line(a, str_c(rep.list.v[0].instance), 60),
			 kit_line(a, str_c(rep.list.v[0].msg), 160));
}

static int step_whole(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		      struct err *err)
{
	(void)state;
	(void)ask;
	(void)err;
	const struct wanted *w = ev->prepared;
	const char *why;
	const json_t *j = json_lenient(ev->arena, ev->answer, &why);
	if (!j)
		return kit_done(out, 0, ev->arena, "no JSON: %s", kit_line(ev->arena, str_c(why), 160));
	why = misfit(w, j, ev->arena);
	if (why)
		return kit_done(out, 0, ev->arena, "%s", why);
	return kit_done(out, 1, ev->arena, "JSON %s%s", json_type_name(j),
			w->schema ? " that follows the schema" : "");
}

/* The end of the object or array that begins at `from`, or 0: never closed, or nested too deep.
 * *seen counts the bytes looked at. */
static size_t bracket_end(struct str s, size_t from, size_t *seen)
{
	size_t depth = 0;
	bool quoted = false;
	for (size_t i = from; i < s.n; i++) {
		char c = s.p[i];
		++*seen;
		if (quoted) {
			if (c == '\\')
				i++;
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > DOC_DEPTH_MAX)
				return 0;
		} else if ((c == '}' || c == ']') && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

static int step_inside(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		       struct err *err)
{
	(void)state;
	(void)ask;
	const struct wanted *w = ev->prepared;
	const char *why = "no JSON object or array in the answer", *ignored;
	size_t seen = 0;
	for (size_t i = 0; i < ev->answer.n; i++) {
		if (ev->answer.p[i] != '{' && ev->answer.p[i] != '[')
			continue;
		size_t end = bracket_end(ev->answer, i, &seen);
		if (seen > SCAN_BYTES_MAX)
			return err_set(err, ERR_REMOTE, "answer holds too many open brackets to search for JSON");
		struct arena_mark m = arena_mark(ev->arena);
		const json_t *j = end ? json_lenient(ev->arena, str_sub(ev->answer, i, end), &ignored) : NULL;
		const char *miss = j ? misfit(w, j, ev->arena) : NULL;
		if (j && !miss)
			return kit_done(out, 1, ev->arena, "JSON %s at byte %zu", json_type_name(j), i);
		if (j)
			why = miss; /* kept: its text lives behind the mark */
		else
			arena_rewind(ev->arena, m);
		seen += j ? end - i : 0;
	}
	return kit_done(out, 0, ev->arena, "%s", why);
}

#define SCHEMA_TYPE "{\"type\":[\"object\",\"boolean\",\"string\"]}"
#define PROPERTIES "\"properties\":{\"schema\":" SCHEMA_TYPE ",\"value\":" SCHEMA_TYPE "},"

#define JSON_SCORER(id, text, what, rule, steps)                                                 \
	const struct scorer_ops score_##id = {                                                   \
		.name = text,                                                                    \
		.help = what,                                                                    \
		.schema = KIT_OBJECT PROPERTIES rule "}",                                        \
		.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5,     \
			    .unit = "" },                                                        \
		.prepare = prepare,                                                              \
		.step = steps,                                                                   \
	}

JSON_SCORER(is_json, "is-json", "the whole answer is JSON", KIT_NONE_OR_ONE("schema"), step_whole);
JSON_SCORER(contains_json, "contains-json", "the answer contains a JSON object or array",
	    KIT_NONE_OR_ONE("schema"), step_inside);
JSON_SCORER(json_schema, "json-schema", "the answer is JSON that follows this schema",
	    KIT_ONE_OF("schema"), step_whole);
