#include "provider/appanswer.h"

#include "base/limits.h"
#include "call/otel_trace.h"
#include "call/trajectory.h"
#include "doc/jsonx.h"

enum { MEMBERS_SHOWN = 8, WORD_MAX = 64, LIST_MAX = 10000 };

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

static void append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value))
		die_oom();
}

static json_t *keep(const json_t *v)
{
	return json_incref((json_t *)(uintptr_t)v);
}

static const json_t *first_of(const json_t *o, const char *const *keys)
{
	for (; *keys; keys++) {
		const json_t *v = json_object_get(o, *keys);
		if (v && !json_is_null(v))
			return v;
	}
	return NULL;
}

static int malformed(struct reply *r, const char *what, size_t i, const char *why)
{
	reply_fail(r, FAIL_MALFORMED, false, "%s %zu of the answer %s", what, i + 1, why);
	return -1;
}

static bool is_list(struct reply *r, const json_t *list, const char *what)
{
	if (json_is_array(list) && json_array_size(list) <= LIST_MAX)
		return true;
	reply_fail(r, FAIL_MALFORMED, false, "the answer's %s must be a list of at most %d, found %s", what,
		   LIST_MAX, json_type_name(list));
	return false;
}

/* --- passages --------------------------------------------------------------------------------- */

static json_t *passage(const json_t *v)
{
	static const char *const texts[] = { "text", "content", "page_content", "passage", NULL };
	static const char *const sources[] = { "source", "url", "uri", "title", NULL };
	const json_t *text = json_is_string(v) ? v : first_of(v, texts);
	const json_t *source = first_of(v, sources), *score = json_object_get(v, "score");
	const json_t *id = json_object_get(v, "id");
	if (!json_is_string(text))
		return NULL;
	json_t *o = json_object();
	set(o, "text", keep(text));
	if (json_is_string(source))
		set(o, "source", keep(source));
	if (json_is_number(score))
		set(o, "score", keep(score));
	if (json_is_string(id) || json_is_integer(id))
		set(o, "id", keep(id));
	return o;
}

int appanswer_contexts(struct reply *r, const json_t *list)
{
	size_t i;
	const json_t *v;
	if (!is_list(r, list, "passages"))
		return -1;
	json_t *out = arena_json(r->arena, json_array());
	json_array_foreach(list, i, v) {
		json_t *o = passage(v);
		if (!o)
			return malformed(r, "passage", i,
					 "has no text; expected a text, or an object with 'text', 'content', "
					 "'page_content' or 'passage'");
		append(out, o);
	}
	r->contexts = out;
	return 0;
}

/* --- tool calls and steps ----------------------------------------------------------------------- */

static json_t *as_text(const json_t *v)
{
	struct buf b;
	buf_init(&b, REPLY_BYTES_MAX);
	json_write(&b, v);
	json_t *text = json_from_str(buf_str(&b));
	buf_release(&b);
	return text;
}

/* An object, or text: text that is a JSON object becomes one, anything else is its text. */
static json_t *arguments_of(struct reply *r, const json_t *v)
{
	const char *why;
	if (!v)
		return json_object();
	if (!json_is_string(v))
		return json_is_object(v) ? keep(v) : as_text(v);
	json_t *parsed = json_lenient(r->arena, json_str(v), &why);
	return json_is_object(parsed) ? json_incref(parsed) : keep(v);
}

static const char *const argument_keys[] = { "arguments", "args", "input", "parameters", NULL };

static json_t *tool(struct reply *r, const json_t *v)
{
	const json_t *fn = json_object_get(v, "function"), *id = json_object_get(v, "id");
	const json_t *of = json_is_object(fn) ? fn : v, *name = json_object_get(of, "name");
	if (!json_is_string(name) || !json_string_length(name))
		return NULL;
	json_t *o = json_object();
	set(o, "id", json_is_string(id) ? keep(id) : json_string(""));
	set(o, "name", keep(name));
	set(o, "arguments", arguments_of(r, first_of(of, argument_keys)));
	return o;
}

static json_t *longer(struct reply *r, const json_t *old)
{
	return arena_json(r->arena, old ? json_copy((json_t *)(uintptr_t)old) : json_array());
}

int appanswer_tools(struct reply *r, const json_t *list)
{
	size_t i;
	const json_t *v;
	if (!is_list(r, list, "tool calls"))
		return -1;
	json_t *out = longer(r, r->tool_calls);
	json_array_foreach(list, i, v) {
		json_t *o = tool(r, v);
		if (!o)
			return malformed(r, "tool call", i, "has no 'name'");
		append(out, o);
	}
	r->tool_calls = out;
	return 0;
}

static json_t *step(struct reply *r, const json_t *v)
{
	static const char *const kinds[] = { "kind", "type", NULL };
	static const char *const results[] = { "result", "output", NULL };
	const json_t *kind = first_of(v, kinds), *name = json_object_get(v, "name");
	const json_t *arguments = first_of(v, argument_keys), *result = first_of(v, results);
	if (!json_is_object(v) || (!json_is_string(kind) && !json_is_string(name)))
		return NULL;
	json_t *o = json_object();
	set(o, "kind", json_is_string(kind) ? keep(kind) : json_string("tool"));
	if (json_is_string(name))
		set(o, "name", keep(name));
	if (arguments)
		set(o, "arguments", arguments_of(r, arguments));
	if (result)
		set(o, "result", keep(result));
	return o;
}

static int steps_of_trace(struct reply *r, const json_t *trace)
{
	json_t *all = longer(r, r->trajectory);
	struct err err = ERR_INIT;
	if (trajectory_read(r, trace, &err)) {
		reply_fail(r, FAIL_MALFORMED, false, "the answer's steps: %s", err.msg);
		return -1;
	}
	json_array_extend(all, (json_t *)(uintptr_t)r->trajectory);
	r->trajectory = all;
	return 0;
}

int appanswer_steps(struct reply *r, const json_t *list)
{
	size_t i;
	const json_t *v;
	if (otel_trace_is(list))
		return steps_of_trace(r, list);
	if (!is_list(r, list, "steps"))
		return -1;
	json_t *out = longer(r, r->trajectory);
	json_array_foreach(list, i, v) {
		json_t *o = step(r, v);
		if (!o)
			return malformed(r, "step", i, "has neither 'kind' nor 'name'");
		append(out, o);
	}
	r->trajectory = out;
	return 0;
}

/* --- words and numbers -------------------------------------------------------------------------- */

int appanswer_count(struct reply *r, int64_t *out, const json_t *value, const char *what)
{
	if (!value || json_is_null(value))
		return 0;
	double x = json_number_value(value);
	if (!json_is_number(value) || !(x >= 0 && x < 9e15) || x != (double)(int64_t)x) {
		reply_fail(r, FAIL_MALFORMED, false, "the answer's %s is no count of tokens, but %s", what,
			   json_type_name(value));
		return -1;
	}
	*out = (int64_t)x;
	return 0;
}

void appanswer_finish(struct reply *r, struct str word)
{
	static const struct {
		const char *word;
		enum finish finish;
	} table[] = {
		{ "stop", FINISH_STOP },	       { "end_turn", FINISH_STOP },
		{ "stop_sequence", FINISH_STOP },      { "complete", FINISH_STOP },
		{ "completed", FINISH_STOP },	       { "done", FINISH_STOP },
		{ "length", FINISH_LENGTH },	       { "max_tokens", FINISH_LENGTH },
		{ "tool-calls", FINISH_TOOL },	       { "tool_calls", FINISH_TOOL },
		{ "tool_use", FINISH_TOOL },	       { "blocked", FINISH_BLOCKED },
		{ "content_filter", FINISH_BLOCKED },  { "content_filtered", FINISH_BLOCKED },
		{ "guardrail_intervened", FINISH_BLOCKED }, { "safety", FINISH_BLOCKED },
		{ "refused", FINISH_REFUSED },	       { "refusal", FINISH_REFUSED },
	};
	if (!word.n)
		return;
	r->finish = FINISH_OTHER;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_ieq(word, str_c(table[i].word)))
			r->finish = table[i].finish;
	r->finish_raw = arena_str(r->arena, str_sub(word, 0, WORD_MAX));
}

const char *appanswer_members(const json_t *root, struct arena *a)
{
	const char *key, *list = "";
	size_t n = 0, all = json_object_size(root);
	json_t *v;
	if (!json_is_object(root))
		return arena_fmt(a, "the answer is no object but %s", root ? json_type_name(root) : "nothing");
	json_object_foreach((json_t *)(uintptr_t)root, key, v)
		if (n++ < MEMBERS_SHOWN)
			list = arena_fmt(a, "%s%s'%s'", list, n > 1 ? ", " : "", key);
	if (!all)
		return "the answer has no members";
	return all > MEMBERS_SHOWN ? arena_fmt(a, "the answer has %s and %zu more", list, all - MEMBERS_SHOWN) :
				     arena_fmt(a, "the answer has %s", list);
}
