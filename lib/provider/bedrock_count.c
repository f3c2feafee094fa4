#include "provider/bedrock_count.h"

#include "base/b64.h"
#include "provider/answering.h"
#include "provider/bedrock_common.h"
#include "provider/bedrock_facts.h"
#include "provider/bedrock_kind.h"
#include "provider/converse_encode.h"

/* Only foundation models are counted for: "us.anthropic.…" is anthropic's. */
static int model_of(struct str *out, const struct endpoint *e, struct err *err)
{
	*out = bedrock_facts_foundation(e->model);
	return out->n ? 0 : err_set(err, ERR_REMOTE, "CountTokens knows foundation models, and '%.*s' is none",
				    STR_ARGS(str_sub(e->model, 0, 100)));
}

static void write_converse(struct jsonw *w, const struct call *c)
{
	const json_t *more = converse_param(c->endpoint->params, "additional_model_request_fields");
	jsonw_open(w, "converse", '{');
	converse_messages(w, c, true);
	converse_system(w, c, true);
	converse_tools(w, c->endpoint);
	jsonw_json(w, "additionalModelRequestFields", more);
	jsonw_close(w, '}');
}

static void write_invoke(struct jsonw *w, struct str body)
{
	struct buf b;
	buf_init(&b, 2 * body.n + 8);
	b64_encode(&b, body);
	jsonw_open(w, "invokeModel", '{');
	jsonw_str(w, "body", buf_str(&b));
	jsonw_close(w, '}');
	buf_release(&b);
}

int bedrock_count_encode(struct wire_req *out, const struct call *c, struct str body, struct arena *a, struct err *err)
{
	struct str model;
	if (model_of(&model, c->endpoint, err) ||
	    bedrock_kind_post(out, c, AWS_BEDROCK_RUNTIME, a, err, "/model/%s/count-tokens", model))
		return -1;
	struct jsonw w = bedrock_kind_body(a);
	jsonw_open(&w, "input", '{');
	if (body.p)
		write_invoke(&w, body);
	else
		write_converse(&w, c);
	jsonw_close(&w, '}');
	return bedrock_kind_body_end(out, &w, err);
}

int64_t bedrock_count_take(const json_t *answer)
{
	return answering_count(answer, "inputTokens");
}
