#include "serve_bedrock.h"

#include "base/b64.h"

enum { BODY_MAX = 64 * 1024 * 1024 };

static void chunk(struct plan *p, struct str json)
{
	struct buf b;
	buf_init(&b, BODY_MAX);
	buf_adds(&b, "{\"bytes\":\"");
	b64_encode(&b, json);
	buf_adds(&b, "\",\"p\":\"abc\"}");
	bedrock_frame(p, "event", STR("chunk"), buf_str(&b));
	buf_release(&b);
}

static void delta(struct plan *p, struct str text)
{
	struct buf b;
	buf_init(&b, BODY_MAX);
	buf_adds(&b, "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":");
	buf_add_json(&b, text);
	buf_adds(&b, "}}");
	chunk(p, buf_str(&b));
	buf_release(&b);
}

/* In two pieces, with the fault between them. */
static void answer_stream(struct plan *p, const struct rule *r, struct str text)
{
	plan_head(p, r->status, "application/vnd.amazon.eventstream", "x-amzn-RequestId: req-2\r\n", -1);
	chunk(p, STR("{\"type\":\"message_start\",\"message\":{\"id\":\"msg-1\",\"type\":\"message\",\"model\":\"claude-served\","
		     "\"content\":[],\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}"));
	delta(p, str_sub(text, 0, text.n / 2));
	if (r->fault == FAULT_ERROR_IN_STREAM)
		bedrock_frame(p, "exception", STR("modelStreamErrorException"), STR("{\"message\":\"stopped here\"}"));
	if (r->fault != FAULT_ERROR_IN_STREAM && r->fault != FAULT_NO_FINISH) {
		delta(p, str_sub(text, text.n / 2, text.n));
		chunk(p, STR("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}"));
		chunk(p, STR("{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"inputTokenCount\":10,"
			     "\"outputTokenCount\":2,\"invocationLatency\":12,\"firstByteLatency\":5}}"));
	}
	plan_end(p);
}

static void answer_whole(struct plan *p, const struct rule *r, struct str text)
{
	struct buf b;
	buf_init(&b, BODY_MAX);
	buf_adds(&b, "{\"id\":\"msg-1\",\"type\":\"message\",\"model\":\"claude-served\",\"content\":[{\"type\":\"text\",\"text\":");
	buf_add_json(&b, text);
	buf_adds(&b, "}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":10,\"output_tokens\":2}}");
	plan_head(p, r->status, "application/json",
		  "x-amzn-RequestId: req-2\r\nX-Amzn-Bedrock-Input-Token-Count: 10\r\nX-Amzn-Bedrock-Output-Token-Count: 2\r\n",
		  (int64_t)b.n);
	plan_body(p, buf_str(&b));
	buf_release(&b);
}

void invoke_answer(struct plan *p, const struct rule *r, struct str text, bool stream)
{
	if (stream)
		answer_stream(p, r, text);
	else
		answer_whole(p, r, text);
}
