#include "call/trajectory.h"

#include "base/limits.h"
#include "call/otel_trace.h"
#include "doc/jsonx.h"

static const struct alias {
	const char *theirs, *ours;
} aliases[] = {
	{ "tool", "name" },	   { "tool_name", "name" },	    { "args", "arguments" },
	{ "input", "arguments" }, { "tool_input", "arguments" }, { "output", "result" },
};

static const char *our_name(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (!strcmp(key, aliases[i].theirs))
			return aliases[i].ours;
	return key;
}

static void read_arguments(json_t *step, struct arena *a)
{
	const json_t *arguments = json_object_get(step, "arguments");
	const char *why;
	if (!json_is_string(arguments))
		return;
	const json_t *read = json_lenient(a, json_str(arguments), &why);
	if (read)
		json_object_set(step, "arguments", (json_t *)(uintptr_t)read);
}

static int copy_members(json_t *out, const json_t *step, size_t i, struct err *err)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)step, key, v) {
		if (json_object_get(out, our_name(key)))
			return err_set(err, ERR_ARTIFACT, "step %zu of the trajectory has two members for '%s'",
				       i + 1, our_name(key));
		json_object_set(out, our_name(key), v);
	}
	return 0;
}

static int add_step(json_t *list, const json_t *step, size_t i, struct arena *a, struct err *err)
{
	json_t *o = json_object();
	json_array_append_new(list, o);
	if (json_is_string(step))
		json_object_set(o, "name", (json_t *)(uintptr_t)step);
	else if (!json_is_object(step))
		return err_set(err, ERR_ARTIFACT, "step %zu of the trajectory is no object but %s", i + 1,
			       json_type_name(step));
	else if (copy_members(o, step, i, err))
		return -1;
	if (!json_object_get(o, "kind"))
		json_object_set_new(o, "kind", json_string("tool"));
	struct str kind = json_get_str(o, "kind");
	static const char *const texts[] = { "kind", "name", "text", "finish" };
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		if (json_object_get(o, texts[k]) && !json_is_string(json_object_get(o, texts[k])))
			return err_set(err, ERR_ARTIFACT, "'%s' of step %zu of the trajectory is no text", texts[k],
				       i + 1);
	if (!kind.n || (json_object_get(o, "times") && !json_is_object(json_object_get(o, "times"))))
		return err_set(err, ERR_ARTIFACT, "'%s' of step %zu of the trajectory is not what it should be",
			       kind.n ? "times" : "kind", i + 1);
	if (str_eqc(kind, "tool") && !json_get_str(o, "name").n)
		return err_set(err, ERR_ARTIFACT, "step %zu of the trajectory names no tool", i + 1);
	read_arguments(o, a);
	return 0;
}

static int read_steps(struct reply *r, const json_t *value, struct err *err)
{
	json_t *list = arena_json(r->arena, json_array());
	size_t i;
	json_t *step;
	if (json_array_size(value) > TRACE_SPANS_MAX)
		return err_set(err, ERR_ARTIFACT, "the trajectory has more than %zu steps", TRACE_SPANS_MAX);
	json_array_foreach((json_t *)(uintptr_t)value, i, step)
		if (add_step(list, step, i, r->arena, err))
			return -1;
	r->trajectory = list;
	return 0;
}

static int read_trace(struct reply *r, const json_t *value, struct err *err)
{
	struct otel_trace t;
	if (otel_trace_read(&t, value, r->arena, err))
		return -1;
	r->trajectory = t.trajectory;
	if (!r->contexts)
		r->contexts = t.contexts;
	if (r->usage.in < 0 && r->usage.out < 0)
		r->usage = t.usage;
	return 0;
}

int trajectory_read(struct reply *r, const json_t *value, struct err *err)
{
	const char *why;
	if (json_is_string(value)) {
		value = json_lenient(r->arena, json_str(value), &why);
		if (!value)
			return err_set(err, ERR_ARTIFACT, "the trajectory is a text that is no JSON: %s", why);
	}
	if (otel_trace_is(value))
		return read_trace(r, value, err);
	if (!json_is_array(value))
		return err_set(err, ERR_ARTIFACT, "a trajectory is a list of steps or an OpenTelemetry trace "
			       "{resourceSpans: […]}, found %s", json_type_name(value));
	return read_steps(r, value, err);
}
