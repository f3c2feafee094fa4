#include "provider/openai_chunk.h"

#include "doc/jsonscan.h"

/* A null or a plain string; the absent string for null. */
static struct str text_or_null(struct jsonscan *j)
{
	return jsonscan_null(j) ? (struct str){ .p = NULL } : jsonscan_plain(j);
}

static void read_delta(struct jsonscan *j, struct buf *content)
{
	struct str key;
	bool seen = false;
	if (!jsonscan_enter(j, '{'))
		return;
	while (jsonscan_member(j, &key)) {
		if (str_eqc(key, "content")) {
			j->bad |= seen;
			seen = true;
			if (!jsonscan_null(j))
				jsonscan_string(j, content);
		} else if (str_eqc(key, "role")) {
			jsonscan_plain(j);
		} else if (!jsonscan_null(j)) {
			j->bad = true; /* refusal, tool calls, reasoning, what is new */
		}
	}
}

static void read_choice(struct jsonscan *j, struct openai_chunk *out, struct buf *content)
{
	struct str key;
	bool delta = false, finish = false;
	if (!jsonscan_enter(j, '{'))
		return;
	while (jsonscan_member(j, &key)) {
		if (str_eqc(key, "delta")) {
			j->bad |= delta;
			delta = true;
			read_delta(j, content);
		} else if (str_eqc(key, "finish_reason")) {
			j->bad |= finish;
			finish = true;
			out->finish = text_or_null(j);
		} else if (str_eqc(key, "index")) {
			if (jsonscan_count(j) != 0)
				j->bad = true;
		} else if (str_eqc(key, "message") || str_eqc(key, "content_filter_results")) {
			j->bad = true;
		} else {
			jsonscan_skip(j);
		}
	}
	j->bad |= !delta;
	out->choice = true;
}

static void read_choices(struct jsonscan *j, struct openai_chunk *out, struct buf *content)
{
	if (!jsonscan_enter(j, '['))
		return;
	while (jsonscan_item(j)) {
		j->bad |= out->choice;
		read_choice(j, out, content);
	}
}

static void read_usage(struct jsonscan *j, struct openai_chunk *out)
{
	struct str key;
	if (jsonscan_null(j))
		return;
	out->tokens_in = out->tokens_out = -1;
	out->usage = true;
	if (!jsonscan_enter(j, '{'))
		return;
	while (jsonscan_member(j, &key)) {
		if (str_eqc(key, "prompt_tokens"))
			out->tokens_in = jsonscan_count(j);
		else if (str_eqc(key, "completion_tokens"))
			out->tokens_out = jsonscan_count(j);
		else if (str_eqc(key, "total_tokens"))
			jsonscan_count(j);
		else if (!jsonscan_null(j))
			j->bad = true; /* details */
	}
}

/* Errors, what a filter found, what a guardrail did: for the full decoder. */
static bool is_rare(struct str key)
{
	return str_eqc(key, "error") || str_eqc(key, "prompt_filter_results") ||
	       str_starts(key, STR("amazon-bedrock-"));
}

bool openai_chunk_read(struct openai_chunk *out, struct str text, struct buf *content)
{
	struct jsonscan j = jsonscan_of(text);
	struct str key;
	unsigned seen = 0;
	enum { ID = 1, MODEL = 2, CHOICES = 4, USAGE = 8, TIER = 16 };
	*out = (struct openai_chunk){ .tokens_in = -1, .tokens_out = -1 };
	if (!jsonscan_enter(&j, '{'))
		return false;
	while (jsonscan_member(&j, &key)) {
		unsigned bit = str_eqc(key, "id")      ? ID :
			       str_eqc(key, "model")   ? MODEL :
			       str_eqc(key, "choices") ? CHOICES :
			       str_eqc(key, "usage")   ? USAGE :
			       str_eqc(key, "service_tier") ? TIER :
							 0;
		j.bad |= (seen & bit) || is_rare(key);
		seen |= bit;
		if (bit == ID)
			out->id = text_or_null(&j);
		else if (bit == MODEL)
			out->model = text_or_null(&j);
		else if (bit == TIER)
			out->tier = text_or_null(&j);
		else if (bit == CHOICES)
			read_choices(&j, out, content);
		else if (bit == USAGE)
			read_usage(&j, out);
		else
			jsonscan_skip(&j);
	}
	return jsonscan_end(&j);
}
