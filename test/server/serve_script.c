#include "serve_script.h"

#include "serve_bedrock_kinds.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"

static const char *const fault_names[FAULT_COUNT] = {
	[FAULT_NONE] = "none",
	[FAULT_STALL] = "stall",
	[FAULT_DRIP] = "drip",
	[FAULT_CUT] = "cut",
	[FAULT_NO_DONE] = "no-done",
	[FAULT_NO_FINISH] = "no-finish",
	[FAULT_SHORT_BODY] = "short-body",
	[FAULT_MALFORMED] = "malformed",
	[FAULT_GARBAGE] = "garbage",
	[FAULT_HANG] = "hang",
	[FAULT_RESET] = "reset",
	[FAULT_RESET_MIDWAY] = "reset-midway",
	[FAULT_ERROR_IN_STREAM] = "error-in-stream",
	[FAULT_JSON_ERROR] = "json-error",
	[FAULT_EMPTY] = "empty",
	[FAULT_HTML] = "html",
	[FAULT_BAD_CRC] = "bad-crc",
};

static void rule_init(struct rule *r, struct arena *a)
{
	*r = (struct rule){ .status = 200, .stream = -1, .after = -1, .drip_ms = 100, .usage = true,
			    .tokens_in = 10, .tokens_out = -1 };
	map_init(&r->per, a);
}

void script_init(struct script *s, struct arena *a)
{
	*s = (struct script){ .arena = a };
	map_init(&s->answer, a);
	rule_init(&s->fallback, a);
}

/* --- reading -------------------------------------------------------------------------------- */

static int read_fault(struct rule *r, struct str name, struct err *err)
{
	for (int i = 0; i < FAULT_COUNT; i++) {
		if (!str_eqc(name, fault_names[i]))
			continue;
		r->fault = (enum fault)i;
		return 0;
	}
	return err_set(err, ERR_USAGE, "unknown fault '%.*s'", STR_ARGS(name));
}

static int read_headers(struct rule *r, const json_t *o, struct arena *a, struct err *err)
{
	struct buf b;
	buf_init(&b, 64 * KIB);
	json_t *object = (json_t *)(uintptr_t)o;
	if (!json_is_object(o))
		return err_set(err, ERR_USAGE, "'headers' must be an object");
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
		buf_addf(&b, "%s: %.*s\r\n", json_object_iter_key(it),
			 STR_ARGS(json_str(json_object_iter_value(it))));
	r->headers = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return 0;
}

static struct str read_body(const json_t *j, struct arena *a)
{
	struct buf b;
	if (json_is_string(j))
		return json_str(j);
	buf_init(&b, ARTIFACT_BYTES_MAX);
	json_write(&b, j);
	struct str s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

struct member {
	const char *name;
	enum { TEXT, NUMBER, BOOLEAN } type;
	size_t at;
};
#define MEMBER(n, t, field) { n, t, offsetof(struct rule, field) }

static const struct member members[] = {
	MEMBER("path", TEXT, path),		MEMBER("contains", TEXT, contains),
	MEMBER("from", NUMBER, from),		MEMBER("to", NUMBER, to),
	MEMBER("every", NUMBER, every),		MEMBER("times", NUMBER, times),
	MEMBER("per_body", BOOLEAN, per_body),	MEMBER("answer", TEXT, answer),
	MEMBER("refusal", TEXT, refusal),	MEMBER("reasoning", TEXT, reasoning),
	MEMBER("finish", TEXT, finish),		MEMBER("model", TEXT, model),
	MEMBER("latency_ms", NUMBER, latency_ms), MEMBER("token_ms", NUMBER, token_ms),
	MEMBER("drip_ms", NUMBER, drip_ms),	MEMBER("size", NUMBER, size),
	MEMBER("after", NUMBER, after),		MEMBER("usage", BOOLEAN, usage),
	MEMBER("tokens_out", NUMBER, tokens_out), MEMBER("cached", NUMBER, cached),
	MEMBER("tokens_in", NUMBER, tokens_in), MEMBER("exception", TEXT, exception),
};

/* True when `key` is one of the plain members; -1 in *bad when its value is of another type. */
static bool read_plain(struct rule *r, const char *key, const json_t *v, bool *bad)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const struct member *m = &members[i];
		char *at = (char *)r + m->at;
		if (strcmp(m->name, key) != 0)
			continue;
		struct str text = json_str(v);
		int64_t number = json_integer_value(v);
		bool boolean = json_is_true(v);
		if (m->type == TEXT)
			memcpy(at, &text, sizeof(text));
		else if (m->type == NUMBER)
			memcpy(at, &number, sizeof(number));
		else
			memcpy(at, &boolean, sizeof(boolean));
		*bad = m->type == TEXT ? !json_is_string(v) :
		       m->type == NUMBER ? !json_is_integer(v) : !json_is_boolean(v);
		return true;
	}
	return false;
}

static int read_special(struct script *s, struct rule *r, const char *key, const json_t *v,
			struct err *err)
{
	struct str k = str_c(key);
	if (str_eqc(k, "fault"))
		return read_fault(r, json_str(v), err);
	if (str_eqc(k, "headers"))
		return read_headers(r, v, s->arena, err);
	if (str_eqc(k, "body"))
		r->body = read_body(v, s->arena);
	else if (str_eqc(k, "type"))
		r->type = json_string_value(v);
	else if (str_eqc(k, "tool_calls"))
		r->tool_calls = v;
	else if (str_eqc(k, "extra"))
		r->extra = v;
	else if (str_eqc(k, "status"))
		r->status = (int)json_integer_value(v);
	else if (str_eqc(k, "stream"))
		r->stream = json_is_true(v);
	else if (str_eqc(k, "nth"))
		r->from = r->to = json_integer_value(v);
	else if (!str_eqc(k, "why"))
		return err_set(err, ERR_USAGE, "unknown member '%s' of a rule", key);
	return 0;
}

static int read_rule(struct script *s, const json_t *o, struct err *err)
{
	struct rule *r = vec_push(&s->rule, s->arena);
	rule_init(r, s->arena);
	json_t *object = (json_t *)(uintptr_t)o;
	if (!json_is_object(o))
		return err_set(err, ERR_USAGE, "a rule must be an object");
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
		const char *key = json_object_iter_key(it);
		bool bad = false;
		if (!read_plain(r, key, json_object_iter_value(it), &bad) &&
		    read_special(s, r, key, json_object_iter_value(it), err))
			return -1;
		if (bad)
			return err_set(err, ERR_USAGE, "member '%s' of a rule has the wrong type", key);
	}
	return 0;
}

static void read_answers(struct script *s, const json_t *o)
{
	json_t *object = (json_t *)(uintptr_t)o;
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it)) {
		struct str *text = arena_new(s->arena, struct str);
		*text = json_str(json_object_iter_value(it));
		map_put(&s->answer, str_c(json_object_iter_key(it)), text);
	}
}

int script_load(struct script *s, const char *path, struct err *err)
{
	struct str text;
	const char *why;
	if (fs_read(&text, path, 64 * MIB, s->arena, err))
		return -1;
	const json_t *root = json_lenient(s->arena, text, &why), *rule;
	size_t i;
	if (!json_is_object(root))
		return err_set(err, ERR_USAGE, "'%s' is no JSON object", path);
	read_answers(s, json_object_get(root, "answers"));
	aws_rules_read(&s->aws, json_object_get(root, "aws"));
	json_array_foreach(json_object_get(root, "rules"), i, rule)
		if (read_rule(s, rule, err))
			return err_wrap(err, "rule %zu of '%s'", i + 1, path);
	return 0;
}

/* --- matching ------------------------------------------------------------------------------- */

static bool spend(struct rule *r, struct str body)
{
	if (!r->times)
		return true;
	if (!r->per_body)
		return r->used++ < r->times;
	int64_t *n = map_get(&r->per, body);
	if (!n) {
		n = arena_new(r->per.arena, int64_t);
		map_put(&r->per, body, n);
	}
	return (*n)++ < r->times;
}

struct rule *script_match(struct script *s, struct str path, struct str body)
{
	for (size_t i = 0; i < s->rule.n; i++) {
		struct rule *r = &s->rule.v[i];
		if (r->path.p && !str_starts(path, r->path))
			continue;
		if (r->contains.p && str_find(body, r->contains, 0) < 0)
			continue;
		r->seen++;
		if ((r->from && r->seen < r->from) || (r->to && r->seen > r->to) ||
		    (r->every && r->seen % r->every) || !spend(r, body))
			continue;
		return r;
	}
	return &s->fallback;
}

/* --- answers -------------------------------------------------------------------------------- */

/* A text, or the last of a list of blocks that has one. */
static struct str content_text(const json_t *content)
{
	struct str text = json_str(content);
	for (size_t i = json_array_size(content); i-- > 0 && !text.p; )
		text = json_get_str(json_array_get(content, i), "text");
	return text;
}

struct str script_user(struct str body, struct arena *a)
{
	const char *why;
	const json_t *root = json_lenient(a, body, &why), *messages = json_object_get(root, "messages");
	struct str question = bedrock_kinds_question(root);
	if (question.p)
		return question;
	if (!messages)
		messages = json_object_get(root, "input");
	for (size_t i = json_array_size(messages); i-- > 0; ) {
		const json_t *m = json_array_get(messages, i);
		if (str_eqc(json_get_str(m, "role"), "user"))
			return content_text(json_object_get(m, "content"));
	}
	return json_is_string(messages) ? json_str(messages) : STR("");
}

static struct str insert_user(struct str text, struct str body, struct arena *a)
{
	struct str mark = STR("{{user}}");
	ptrdiff_t at = str_find(text, mark, 0);
	if (at < 0)
		return text;
	struct str user = script_user(body, a);
	return str_c(arena_fmt(a, "%.*s%.*s%.*s", STR_ARGS(str_sub(text, 0, (size_t)at)), STR_ARGS(user),
			       STR_ARGS(str_sub(text, (size_t)at + mark.n, text.n))));
}

static const struct str *look_up(const struct script *s, struct str body, struct arena *a)
{
	const struct str *hit = map_get(&s->answer, script_user(body, a));
	for (size_t i = 0; !hit && i < s->answer.entry.n; i++)
		if (str_find(body, s->answer.entry.v[i].key, 0) >= 0)
			hit = s->answer.entry.v[i].value;
	return hit;
}

struct str script_answer(struct script *s, const struct rule *r, struct str body, struct arena *a)
{
	struct str text = r->answer;
	if (!text.p && s->answer.entry.n) {
		const struct str *hit = look_up(s, body, a);
		text = hit ? *hit : text;
	}
	text = insert_user(text.p ? text : STR("{{user}}"), body, a);
	if (r->size > 0 && text.n < (size_t)r->size) {
		char *p = arena_alloc(a, (size_t)r->size + 1);
		memset(p, 'x', (size_t)r->size);
		memcpy(p, text.p, text.n);
		text = (struct str){ .p = p, .n = (size_t)r->size };
	}
	return text;
}
