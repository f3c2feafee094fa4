#include "serve_app.h"

#include "doc/jsonx.h"
#include "serve_wire.h"

bool app_path(struct str path)
{
	return str_starts(path, STR("/app/"));
}

/* --- what it says besides its text --------------------------------------------------------------- */

static struct str finish_word(const struct rule *r)
{
	return r->finish.p ? r->finish : r->tool_calls ? STR("tool_calls") : STR("stop");
}

static void add_tools(struct buf *b, const struct rule *r)
{
	size_t i;
	const json_t *call;
	buf_adds(b, ",\"tools\":[");
	json_array_foreach(r->tool_calls, i, call) {
		buf_adds(b, i ? ",{\"id\":" : "{\"id\":");
		buf_add_json(b, json_get_str(call, "id"));
		buf_adds(b, ",\"name\":");
		buf_add_json(b, wire_tool_name(call));
		buf_adds(b, ",\"args\":");
		buf_add(b, wire_tool_arguments(call));
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void add_facts(struct buf *b, const struct rule *r, int64_t out)
{
	buf_adds(b, ",\"finish\":");
	buf_add_json(b, finish_word(r));
	add_tools(b, r);
	buf_addf(b, ",\"blocked\":%s,\"declined\":%s,\"sources\":[{\"content\":\"A passage.\",\"url\":\"kb/1\","
		    "\"score\":0.5},\"Another.\"]}",
		 str_eqc(finish_word(r), "blocked") ? "true" : "false", r->refusal.p ? "true" : "false");
	buf_adds(b, ",\"model\":");
	buf_add_json(b, wire_model(r));
	if (r->usage)
		buf_addf(b, ",\"usage\":{\"input\":%lld,\"output\":%lld}", (long long)r->tokens_in, (long long)out);
}

/* --- one body ------------------------------------------------------------------------------------- */

static void answer_json(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, WIRE_BODY_MAX);
	buf_adds(&b, "{\"id\":\"a-1\",\"reply\":{\"text\":");
	buf_add_json(&b, text);
	add_facts(&b, r, wire_count(text));
	buf_addc(&b, '}');
	wire_whole(p, r, buf_str(&b));
	buf_release(&b);
}

static void answer_text(struct plan *p, const struct rule *r, struct str text)
{
	plan_head(p, r->status, r->type ? r->type : "text/plain; charset=utf-8", r->headers ? r->headers : "",
		  (int64_t)text.n);
	size_t head = p->bytes.n;
	plan_body(p, text);
	if (r->fault == FAULT_CUT || r->fault == FAULT_STALL)
		plan_cut(p, head + text.n / 2);
}

/* --- streams -------------------------------------------------------------------------------------- */

static void sse_token(struct plan *p, struct buf *b, const struct rule *r, struct str token)
{
	(void)r;
	buf_reset(b);
	buf_adds(b, "event: token\ndata: {\"delta\":");
	buf_add_json(b, token);
	buf_adds(b, "}\n\n");
	plan_body(p, buf_str(b));
}

static void line_token(struct plan *p, struct buf *b, const struct rule *r, struct str token)
{
	(void)r;
	buf_reset(b);
	buf_adds(b, "{\"delta\":");
	buf_add_json(b, token);
	buf_adds(b, "}\n");
	plan_body(p, buf_str(b));
}

static void chunk_token(struct plan *p, struct buf *b, const struct rule *r, struct str token)
{
	(void)b;
	(void)r;
	plan_body(p, token);
}

static const struct wire_stream sse = {
	.token = sse_token,
	.half = "event: token\ndata: {\"delta\":\"ne",
	.bad = "event: token\ndata: {\"delta\": oops}\n\n",
	.error = "event: error\ndata: {\"error\":{\"message\":\"The application had an error\"}}\n\n",
};
static const struct wire_stream lines = {
	.token = line_token,
	.half = "{\"delta\":\"ne",
	.bad = "{\"delta\": oops}\n",
	.error = "{\"error\":{\"message\":\"The application had an error\"}}\n",
};
static const struct wire_stream chunks = { .token = chunk_token, .half = "half of a word", .bad = "", .error = "" };

static void end_sse(struct plan *p, struct buf *b, const struct rule *r, int64_t out)
{
	buf_reset(b);
	buf_adds(b, "event: facts\ndata: {\"reply\":{\"of\":1");
	add_facts(b, r, out);
	buf_adds(b, "}\n\n");
	plan_body(p, buf_str(b));
	if (r->fault != FAULT_NO_DONE)
		plan_body(p, STR("data: [DONE]\n\n"));
}

static void end_lines(struct plan *p, struct buf *b, const struct rule *r, int64_t out)
{
	buf_reset(b);
	buf_adds(b, "{\"reply\":{\"of\":1");
	add_facts(b, r, out);
	buf_addf(b, ",\"done\":%s}\n", r->fault == FAULT_NO_DONE ? "false" : "true");
	plan_body(p, buf_str(b));
}

static void answer_stream(struct plan *p, const struct rule *r, struct str text, const struct wire_stream *s)
{
	struct buf b;
	buf_init(&b, WIRE_BODY_MAX);
	plan_head(p, r->status,
		  s == &sse   ? "text/event-stream" :
		  s == &lines ? "application/x-ndjson" :
				"text/plain; charset=utf-8",
		  r->headers ? r->headers : "", -1);
	if (wire_tokens(p, &b, r, text, s)) {
		if (s == &sse)
			end_sse(p, &b, r, wire_count(text));
		if (s == &lines)
			end_lines(p, &b, r, wire_count(text));
		plan_end(p);
	}
	buf_release(&b);
}

void app_answer(struct plan *p, const struct rule *r, struct str path, struct str text, struct str sent)
{
	struct str said = str_starts(path, STR("/app/echo")) ? sent : r->refusal.p ? r->refusal : text;
	if (str_starts(path, STR("/app/sse")))
		answer_stream(p, r, said, &sse);
	else if (str_starts(path, STR("/app/lines")))
		answer_stream(p, r, said, &lines);
	else if (str_starts(path, STR("/app/chunks")))
		answer_stream(p, r, said, &chunks);
	else if (str_starts(path, STR("/app/text")))
		answer_text(p, r, said);
	else
		answer_json(p, r, said);
	wire_tail(p, r);
}
