/* is-valid-openai-tools-call and its kin: every tool call names a tool of the target, with arguments
 * that follow its schema. */
#include "score/scorekit.h"

#include "doc/jsonx.h"
#include "doc/schema.h"
#include "score/toolsteps.h"

/* {name, parameters}, or OpenAI's {function: {name, parameters}}. */
static const json_t *find_tool(const json_t *tools, struct str name)
{
	size_t i;
	json_t *t;
	json_array_foreach((json_t *)(uintptr_t)tools, i, t) {
		const json_t *inner = json_object_get(t, "function");
		const json_t *body = json_is_object(inner) ? inner : t;
		if (str_eq(json_get_str(body, "name"), name))
			return body;
	}
	return NULL;
}

/* 1 valid, 0 not (the reason is told), -1. */
static int check_call(const struct toolstep *s, size_t i, const json_t *tools, const struct evidence *ev,
		      struct score *out, struct err *err)
{
	const json_t *tool = find_tool(tools, s->name), *parameters = json_object_get(tool, "parameters");
	struct schema *schema;
	struct schema_report rep = { .arena = ev->arena };
	const char *name = kit_show(ev->arena, s->name);
	if (!tool)
		return kit_done(out, 0, ev->arena, "call %zu: there is no tool %s", i + 1, name), 0;
	if (s->arguments && !json_is_object(s->arguments))
		return kit_done(out, 0, ev->arena, "call %zu: the arguments of %s are no object", i + 1, name), 0;
	if (!parameters)
		return 1;
	if (schema_compile(&schema, parameters, NULL, ev->arena, err) < 0)
		return err_wrap(err, "parameters of tool %s", name);
	const json_t *arguments = s->arguments ? s->arguments : arena_json(ev->arena, json_object());
	if (schema_valid(schema, arguments, &rep, ev->arena))
		return 1;
	return kit_done(out, 0, ev->arena, "call %zu: the arguments of %s do not follow its schema: %s", i + 1,
			name, rep.list.n ? kit_line(ev->arena, str_c(rep.list.v[0].msg), 160) : "a limit"),
	       0;
}

static int step(void *state, const struct evidence *ev, struct ask *ask, struct score *out,
		struct err *err)
{
	(void)state;
	(void)ask;
	const json_t *tools = kit_main(ev->config, "tools");
	struct toolsteps t;
	if (!tools)
		tools = ev->tools;
	if (toolsteps_read(&t, ev, err))
		return -1;
	if (!json_array_size(tools))
		return err_set(err, ERR_ARTIFACT, "the target has no 'tools' to compare calls with");
	if (!t.list.n)
		return kit_done(out, 0, ev->arena, "no tool was called");
	for (size_t i = 0; i < t.list.n; i++) {
		int good = check_call(&t.list.v[i], i, tools, ev, out, err);
		if (good <= 0)
			return good < 0 ? -1 : STEP_DONE;
	}
	return kit_done(out, 1, ev->arena, "%zu valid call%s: %s", t.list.n, t.list.n == 1 ? "" : "s",
			toolsteps_show(&t, ev->arena));
}

#define TOOLS "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\"}}"

#define TOOL_CALL_SCORER(id, text)                                                               \
	const struct scorer_ops score_##id = {                                                   \
		.name = text,                                                                    \
		.help = "tools are called, with arguments that follow their schemas",            \
		.schema = KIT_OBJECT "\"properties\":{\"tools\":" TOOLS ",\"value\":" TOOLS "},"   \
			KIT_NONE_OR_ONE("tools") "}",                                              \
		.needs = NEEDS_TRACE,                                                            \
		.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5,     \
			    .unit = "" },                                                        \
		.step = step,                                                                    \
	}

TOOL_CALL_SCORER(is_valid_openai_tools_call, "is-valid-openai-tools-call");
TOOL_CALL_SCORER(is_valid_openai_function_call, "is-valid-openai-function-call");
TOOL_CALL_SCORER(is_valid_function_call, "is-valid-function-call");
