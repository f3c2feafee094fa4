#include "suite/talkrow.h"

#include "base/suggest.h"
#include "doc/jsonx.h"

struct talkrow {
	struct rowtext text;
	struct err *err;
};

/* The first member that is none of these; NULL when there is none. */
static const char *stranger(const json_t *object, const char *const *known, size_t n)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)object, key, v) {
		size_t i = 0;
		while (i < n && strcmp(key, known[i]) != 0)
			i++;
		if (i == n)
			return key;
	}
	return NULL;
}

static int refuse_stranger(struct talkrow *b, const json_t *object, const char *const *known, size_t n,
			   const char *of)
{
	const char *key = stranger(object, known, n);
	if (!key)
		return 0;
	struct suggest g = SUGGEST_INIT(str_c(key));
	for (size_t i = 0; i < n; i++)
		suggest_offer(&g, str_c(known[i]));
	struct str best = suggest_best(&g);
	return err_at(b->err, b->text.at, "%s has no '%s'%s%.*s%s", of, key,
		      best.p ? "; did you mean '" : "", STR_ARGS(best), best.p ? "'?" : "");
}

/* {when?, result} of a tool; `of` names it. */
static int check_rule(struct talkrow *b, const json_t *rule, const char *of)
{
	const json_t *when = json_object_get(rule, "when");
	if (!json_object_get(rule, "result"))
		return err_at(b->err, b->text.at, "%s has no 'result'", of);
	if (when && !json_is_object(when))
		return err_at(b->err, b->text.at, "'when' of %s must be an object of arguments, found %s",
			      of, json_type_name(when));
	return 0;
}

/* --- turns --- */

static int user_turn(struct talkrow *b, json_t *out, const json_t *text)
{
	struct str s = rowtext_scalar(text, b->text.a);
	if (!s.n)
		return err_at(b->err, b->text.at, "what the user says in 'turns' must be a text that is not "
			      "empty, found %s", json_is_string(text) ? "an empty one" : json_type_name(text));
	json_array_append_new(out, json_pack("{so}", "user", json_from_str(s)));
	return 0;
}

static int tool_turn(struct talkrow *b, json_t *out, const json_t *t)
{
	static const char *const known[] = { "tool", "when", "result" };
	if (refuse_stranger(b, t, known, ARRAY_LEN(known), "a tool's result in 'turns'"))
		return -1;
	if (!json_get_str(t, "tool").n)
		return err_at(b->err, b->text.at, "'tool' in 'turns' must be the tool's name");
	if (check_rule(b, t, "a tool's result in 'turns'"))
		return -1;
	json_array_append(out, (json_t *)(uintptr_t)t);
	return 0;
}

static int one_turn(struct talkrow *b, json_t *out, const json_t *t)
{
	static const char *const known[] = { "user", "tool", "result" };
	if (json_is_string(t))
		return user_turn(b, out, t);
	if (json_object_get(t, "tool") && !json_object_get(t, "user"))
		return tool_turn(b, out, t);
	if (!json_is_object(t) || !json_object_size(t))
		return err_at(b->err, b->text.at, "an item of 'turns' is a text, {user: TEXT} or "
			      "{tool: NAME, result: VALUE}, found %s", json_type_name(t));
	if (refuse_stranger(b, t, known, ARRAY_LEN(known), "an item of 'turns'"))
		return -1;
	if (json_object_size(t) != 1 || !json_object_get(t, "user"))
		return err_at(b->err, b->text.at, "an item of 'turns' is either {user: TEXT} or "
			      "{tool: NAME, result: VALUE}");
	return user_turn(b, out, json_object_get(t, "user"));
}

static int turns(struct talkrow *b, const json_t *list, const json_t **out)
{
	size_t i;
	json_t *t;
	if (!json_is_array(list))
		return err_at(b->err, b->text.at, "'turns' must be a list of what happens in the "
			      "conversation, found %s; for a variable of that name write it under 'vars'",
			      json_type_name(list));
	if (!json_array_size(list) || json_array_size(list) > TALK_TURNS_MAX)
		return err_at(b->err, b->text.at, "'turns' has %zu items; from 1 to %d",
			      json_array_size(list), TALK_TURNS_MAX);
	json_t *made = arena_json(b->text.a, json_array());
	b->text.member = TALK_TURNS;
	if (rowtext_render(&b->text, list, &list, b->err))
		return -1;
	json_array_foreach((json_t *)(uintptr_t)list, i, t)
		if (one_turn(b, made, t))
			return -1;
	*out = made;
	return 0;
}

/* --- results that hold whenever the tool is called --- */

static int rules(struct talkrow *b, const char *name, const json_t *list)
{
	static const char *const known[] = { "when", "result" };
	const char *of = arena_fmt(b->text.a, "an item of 'tool_results.%s'", name);
	size_t i;
	json_t *rule;
	json_array_foreach((json_t *)(uintptr_t)list, i, rule) {
		if (!json_is_object(rule))
			return err_at(b->err, b->text.at, "%s must be {when: ARGUMENTS, result: VALUE}, found "
				      "%s; a list as the result itself is written [{result: […]}]",
				      of, json_type_name(rule));
		if (refuse_stranger(b, rule, known, ARRAY_LEN(known), of) || check_rule(b, rule, of))
			return -1;
	}
	return json_array_size(list) ? 0 : err_at(b->err, b->text.at, "'tool_results.%s' is empty", name);
}

/* A list is a list of rules; anything else the result itself. */
static int tool(struct talkrow *b, json_t *out, const char *name, const json_t *value)
{
	static const char *const known[] = { "when", "result" };
	if (json_is_array(value)) {
		json_object_set(out, name, (json_t *)(uintptr_t)value);
		return rules(b, name, value);
	}
	if (json_object_get(value, "result") && !stranger(value, known, ARRAY_LEN(known)))
		return err_at(b->err, b->text.at, "'tool_results.%s': is 'result' the tool's own word or ours? "
			      "Write [{result: VALUE}], with the whole object as VALUE if it is its own", name);
	json_object_set_new(out, name, json_pack("[{sO}]", "result", value));
	return 0;
}

static int tools(struct talkrow *b, const json_t *object, const json_t **out)
{
	const char *name;
	json_t *v;
	if (!json_is_object(object) || !json_object_size(object))
		return err_at(b->err, b->text.at, "'tool_results' must be an object of results by the tool's "
			      "name, found %s; for a variable of that name write it under 'vars'",
			      json_is_object(object) ? "an empty one" : json_type_name(object));
	json_t *made = arena_json(b->text.a, json_object());
	b->text.member = TALK_TOOLS;
	if (rowtext_render(&b->text, object, &object, b->err))
		return -1;
	json_object_foreach((json_t *)(uintptr_t)object, name, v)
		if (tool(b, made, name, v))
			return -1;
	*out = made;
	return 0;
}

/* --- public --- */

int talkrow_build(const struct talk **out, const json_t *row, const json_t *vars,
		  unsigned max_steps, struct pos at, struct arena *a, struct err *err)
{
	const json_t *list = json_object_get(row, TALK_TURNS), *object = json_object_get(row, TALK_TOOLS);
	struct talkrow b = { .text = { .vars = vars, .at = at, .a = a }, .err = err };
	*out = NULL;
	if (!list && !object)
		return 0;
	struct talk *t = arena_new(a, struct talk);
	t->max_steps = max_steps ? max_steps : TALK_STEPS;
	if ((list && turns(&b, list, &t->turns)) || (object && tools(&b, object, &t->tools)))
		return -1;
	*out = t;
	return 0;
}
