#include "call/appvars.h"

#include "doc/jsonx.h"

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

static json_t *message_json(const struct message *m)
{
	json_t *o = json_object();
	set(o, "role", json_from_str(str_c(role_name(m->role))));
	set(o, "content", json_from_str(m->text));
	if (m->tool_calls)
		set(o, "tool_calls", json_incref((json_t *)(uintptr_t)m->tool_calls));
	if (m->tool_call_id.p)
		set(o, "tool_call_id", json_from_str(m->tool_call_id));
	return o;
}

json_t *appvars_messages(const struct message *message, size_t n, struct arena *a)
{
	json_t *list = arena_json(a, json_array());
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, message_json(&message[i])))
			die_oom();
	return list;
}

const json_t *appvars(const json_t *given, const struct message *message, size_t n, struct arena *a)
{
	const struct message *last = NULL;
	if (!n)
		return given ? given : arena_json(a, json_object());
	json_t *all = arena_json(a, given ? json_copy((json_t *)(uintptr_t)given) : json_object());
	for (size_t i = 0; i < n; i++)
		if (message[i].role == ROLE_USER)
			last = &message[i];
	set(all, "messages", json_incref(appvars_messages(message, n, a)));
	if (last)
		set(all, "prompt", json_from_str(last->text));
	return all;
}

bool appvars_is_conversation(struct str name)
{
	return str_eqc(name, "messages") || str_eqc(name, "prompt");
}
