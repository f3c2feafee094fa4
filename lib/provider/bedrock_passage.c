#include "provider/bedrock_passage.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_kind.h"

/* --- what comes back --- */

/* A row of a table as "column: value, column: value". */
static void add_row(struct buf *b, const json_t *row)
{
	size_t i;
	const json_t *cell;
	json_array_foreach(row, i, cell) {
		buf_adds(b, b->n ? ", " : "");
		buf_add(b, json_get_str(cell, "columnName"));
		buf_adds(b, ": ");
		buf_add(b, json_get_str(cell, "columnValue"));
	}
}

/* The words of a passage: its text, a row, or what is said of its sound or picture. */
static json_t *text_of(const json_t *content)
{
	struct str text = json_get_str(content, "text");
	if (!text.p)
		text = json_get_str(json_object_get(content, "audio"), "transcription");
	if (!text.p)
		text = json_get_str(json_object_get(content, "video"), "summary");
	if (text.p)
		return json_from_str(text);
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	add_row(&b, json_object_get(content, "row"));
	json_t *j = json_from_str(buf_str(&b));
	buf_release(&b);
	return j;
}

/* A location holds one object, "s3Location" or another, with one member that says where. */
static struct str source_of(const json_t *location)
{
	static const char *const words[] = { "uri", "url", "id", "query" };
	const char *key;
	json_t *at;
	json_object_foreach((json_t *)(uintptr_t)location, key, at)
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (json_get_str(at, words[i]).n)
				return json_get_str(at, words[i]);
	return (struct str){ .p = NULL };
}

static struct str id_of(const json_t *result)
{
	struct str id = json_get_str(result, "documentId");
	return id.n ? id : json_get_str(json_object_get(result, "metadata"), "x-amz-bedrock-kb-chunk-id");
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);
	return x == y || (x && y && json_equal(x, y));
}

size_t bedrock_passage_add(struct reply *r, const json_t *result, bool once)
{
	json_t *all = bedrock_kind_list(r, &r->contexts), *p = json_object();
	const json_t *score = json_object_get(result, "score"), *there;
	size_t i, n = json_array_size(all);
	bedrock_kind_set(p, "text", text_of(json_object_get(result, "content")));
	bedrock_kind_set_str(p, "source", source_of(json_object_get(result, "location")));
	bedrock_kind_set_copy(p, "score", json_is_number(score) ? score : NULL);
	bedrock_kind_set_str(p, "id", id_of(result));
	if (once)
		json_array_foreach(all, i, there)
			if (same(there, p, "text") && same(there, p, "source") && same(there, p, "id")) {
				json_decref(p);
				return i;
			}
	bedrock_kind_append(all, p);
	return n;
}

void bedrock_passage_cite(struct reply *r, const json_t *part, const json_t *references)
{
	const json_t *text = json_object_get(part, "textResponsePart"), *span = json_object_get(text, "span");
	const json_t *reference;
	size_t i;
	if (!json_array_size(references))
		return;
	json_t *detail = bedrock_kind_object(r, &r->detail), *one = json_object(), *places = json_array();
	json_array_foreach(references, i, reference)
		bedrock_kind_append(places, json_integer((json_int_t)bedrock_passage_add(r, reference, true)));
	bedrock_kind_set_copy(one, "start", json_object_get(span, "start"));
	bedrock_kind_set_copy(one, "end", json_object_get(span, "end"));
	bedrock_kind_set(one, "contexts", places);
	if (!json_object_get(detail, "citations"))
		bedrock_kind_set(detail, "citations", json_array());
	bedrock_kind_append(json_object_get(detail, "citations"), one);
}

void bedrock_passage_intervened(struct reply *r, struct str action)
{
	bool blocked = str_eqc(action, "INTERVENED");
	bedrock_kind_finish(r, blocked ? FINISH_BLOCKED : FINISH_STOP, action);
	if (action.n)
		bedrock_kind_set(bedrock_kind_object(r, &r->guardrail), "action",
				 json_string(blocked ? "intervened" : "none"));
}

/* --- what is asked --- */

static void rerank(struct jsonw *w, const json_t *rerank)
{
	const json_t *results = json_object_get(rerank, "results");
	jsonw_open(w, "rerankingConfiguration", '{');
	jsonw_text(w, "type", "BEDROCK_RERANKING_MODEL");
	jsonw_open(w, "bedrockRerankingConfiguration", '{');
	jsonw_open(w, "modelConfiguration", '{');
	jsonw_str(w, "modelArn", json_get_str(rerank, "model"));
	jsonw_close(w, '}');
	jsonw_json(w, "numberOfRerankedResults", results);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

/* Without any, the service's own settings hold, whatever kind of knowledge base it is. */
static bool has_search(const json_t *retrieval)
{
	static const char *const keys[] = { "results", "search", "filter", "rerank" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_object_get(retrieval, keys[i]))
			return true;
	return false;
}

void bedrock_passage_search(struct jsonw *w, const json_t *retrieval)
{
	struct str search = json_get_str(retrieval, "search");
	const json_t *by = json_object_get(retrieval, "rerank");
	bool managed = json_is_true(json_object_get(retrieval, "managed"));
	if (!has_search(retrieval))
		return;
	jsonw_open(w, "retrievalConfiguration", '{');
	jsonw_open(w, managed ? "managedSearchConfiguration" : "vectorSearchConfiguration", '{');
	jsonw_json(w, "numberOfResults", json_object_get(retrieval, "results"));
	if (search.n)
		jsonw_text(w, "overrideSearchType", str_eqc(search, "hybrid") ? "HYBRID" : "SEMANTIC");
	jsonw_json(w, "filter", json_object_get(retrieval, "filter"));
	if (by)
		rerank(w, by);
	jsonw_close(w, '}');
	jsonw_close(w, '}');
}

int bedrock_passage_check(const json_t *retrieval, struct err *err)
{
	if (!json_is_true(json_object_get(retrieval, "managed")) || !json_object_get(retrieval, "search"))
		return 0;
	return err_set(err, ERR_ARTIFACT, "retrieval: a managed knowledge base has no 'search' and would ignore it");
}

void bedrock_passage_guardrail(struct jsonw *w, const json_t *guardrail, struct arena *a)
{
	if (!guardrail)
		return;
	jsonw_open(w, "guardrailConfiguration", '{');
	jsonw_str(w, "guardrailId", json_get_str(guardrail, "id"));
	jsonw_str(w, "guardrailVersion", bedrock_kind_version(guardrail, a));
	jsonw_close(w, '}');
}
