#include "verdict/policy.h"

#include "base/limits.h"

/* In flow YAML a slice's brace ends the plain value: "{expect: correct.mean{k=v} >= 1}". */
static bool brace_in_word(struct str line)
{
	for (ptrdiff_t at = str_chr(line, '{', 0); at >= 0;
	     at = str_chr(line, '{', (size_t)at + 1)) {
		char before = at ? line.p[at - 1] : ' ';
		bool letter = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
		if (letter)
			return true;
	}
	return false;
}

static struct str line_at(struct str text, unsigned line)
{
	struct str out = { .p = NULL };
	for (unsigned i = 0; i < line; i++)
		if (!str_line(&text, &out))
			return STR("");
	return out;
}

static void explain(struct str text, struct diags *d)
{
	if (!d->list.n)
		return;
	struct str line = line_at(text, d->list.v[d->list.n - 1].at.line);
	if (str_find(line, STR("*/"), 0) >= 0)
		diag_hint(d, "quote a threshold that starts with '*': \"*/ttft.p95 <= 800ms\"");
	else if (brace_in_word(line))
		diag_hint(d, "quote a threshold with a slice: \"correct.mean{category=refunds} >= "
			     "0.80\"");
}

int policy_read(struct policy *out, struct doc *doc, struct str text, const char *file,
		struct arena *a, struct diags *d)
{
	if (doc_parse(doc, text, doc_syntax_of(file), file, a, d)) {
		explain(text, d);
		return -1;
	}
	return policy_load(out, doc, a, d);
}

/* ---- the part a record keeps ---- */

const json_t *policy_record(const struct stage *s, struct arena *a)
{
	static const char *const keys[] = { "suites", "thresholds", "budget", "bind", "model_lifecycle", "stop" };
	json_t *out = arena_json(a, json_object());
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *j = json_object_get(s->json, keys[i]);
		if (j)
			json_object_set(out, keys[i], j);
	}
	if (s->judge)
		json_object_set(out, "judge", (json_t *)(uintptr_t)s->judge);
	return out;
}

static json_t *as_document(const struct record *rec)
{
	json_t *stage = json_deep_copy(rec->policy), *judge = json_incref(json_object_get(stage, "judge"));
	json_object_del(stage, "judge"); /* of the policy, not of the stage */
	return json_pack("{s:i, s:f, s:o*, s:{s:o}}", "version", 1, "confidence", rec->confidence, "judge", judge,
			 "stages", rec->stage ? rec->stage : "", stage ? stage : json_object());
}

int policy_from_record(struct policy *out, const struct stage **stage, const struct record *rec,
		       struct arena *a, struct err *err)
{
	struct doc *doc = arena_new(a, struct doc);
	struct diags d;
	struct buf text;
	diags_init(&d, a);
	json_t *j = as_document(rec);
	buf_init(&text, ARTIFACT_BYTES_MAX);
	if (j)
		json_write(&text, j);
	json_decref(j);
	bool whole = j && !text.over;
	int bad = !whole || doc_parse(doc, buf_str(&text), DOC_JSON, "record.json", a, &d) ||
		  policy_load(out, doc, a, &d);
	buf_release(&text);
	if (bad)
		return err_set(err, ERR_TRUST, "the record's policy does not hold: %s",
			       d.list.n ? d.list.v[0].msg : "it is no policy");
	return policy_stage(stage, out, NULL, err);
}
