/* Provider recorded: the answer is already in the case (bring your own).  No network, no time. */
#include "call/trajectory.h"
#include "doc/jsonx.h"
#include "doc/template.h"
#include "provider/provider.h"

static void take_value(struct reply *r, const json_t *answer)
{
	if (json_is_string(answer))
		buf_add(&r->text, json_str(answer));
	else
		json_write(&r->text, answer);
	if (r->text.over)
		reply_fail(r, FAIL_TOO_LARGE, false, "the recorded answer is larger than %zu bytes",
			   r->text.max);
	r->finish = FINISH_STOP;
}

/* "output", else what Bedrock Evaluations' own-answer datasets have. */
static const json_t *usual_answer(const json_t *given)
{
	const json_t *answer = json_object_get(given, "output");
	if (answer)
		return answer;
	const json_t *first = json_array_get(json_object_get(given, "modelResponses"), 0);
	return json_object_get(first, "response");
}

static void by_template(struct reply *r, struct str text, const json_t *given)
{
	struct template *t;
	struct template_error e;
	const json_t *answer = NULL;
	if (template_compile(&t, text, TEMPLATE_JINJA, r->arena, &e) ||
	    template_value(t, given, r->arena, &answer, &e)) {
		reply_fail(r, FAIL_NO_ANSWER, false, "answer '%.*s': %s", STR_ARGS(text), e.msg);
		return;
	}
	if (json_is_null(answer))
		reply_fail(r, FAIL_NO_ANSWER, false, "answer '%.*s' is null in this case",
			   STR_ARGS(text));
	else
		take_value(r, answer);
}

/* `trace` of the target, else the case's member of that name when it can be one: many cases have the
 * id of a trace under it.  A case without any says nothing of what was done. */
static const json_t *trace_of(struct reply *r, const struct call *c)
{
	struct str text = json_get_str(c->endpoint->config, "trace");
	struct template *t;
	struct template_error e;
	const json_t *trace = NULL;
	if (!text.p) {
		trace = json_object_get(c->given, "trace");
		return json_is_object(trace) || json_is_array(trace) ? trace : NULL;
	}
	if (template_compile(&t, text, TEMPLATE_JINJA, r->arena, &e) ||
	    template_value(t, c->given, r->arena, &trace, &e) || json_is_null(trace))
		return NULL;
	return trace;
}

static void take_trace(struct reply *r, const struct call *c)
{
	struct err err = ERR_INIT;
	const json_t *trace = trace_of(r, c);
	if (trace && trajectory_read(r, trace, &err))
		reply_fail(r, FAIL_MALFORMED, false, "the case's trace: %s", err.msg);
}

static void take_answer(struct reply *r, const struct call *c)
{
	struct str template = json_get_str(c->endpoint->config, "answer");
	if (template.p) {
		by_template(r, template, c->given);
		return;
	}
	const json_t *answer = usual_answer(c->given);
	if (!answer || json_is_null(answer))
		reply_fail(r, FAIL_NO_ANSWER, false,
			   "the case has no recorded answer; expected member 'output' or "
			   "'modelResponses[0].response', or set the target's 'answer'");
	else
		take_value(r, answer);
}

static void local_answer(struct reply *r, const struct call *c)
{
	take_trace(r, c);
	take_answer(r, c);
}

static const char schema[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"type\":\"object\","
	"\"properties\":{"
	"\"answer\":{\"type\":\"string\",\"minLength\":1,\"description\":\"Template that gives the "
	"answer from the case; by default its member output, else modelResponses[0].response\"},"
	"\"trace\":{\"type\":\"string\",\"minLength\":1,\"description\":\"Template that gives what was done on "
	"the way: an OpenTelemetry trace or a list of steps; by default the case's member trace\"}}}";

const struct provider_ops provider_recorded = {
	.name = "recorded",
	.help = "answers already in the case",
	.schema = schema,
	.local = true,
	.local_answer = local_answer,
};
