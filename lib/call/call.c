#include "call/call.h"

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/sha256.h"
#include "doc/canon.h"
#include "doc/jsonx.h"

static const char *const roles[] = {
	[ROLE_SYSTEM] = "system",
	[ROLE_USER] = "user",
	[ROLE_ASSISTANT] = "assistant",
	[ROLE_TOOL] = "tool",
};

const char *role_name(enum role r)
{
	return roles[r];
}

int role_parse(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (str_eqc(name, roles[i]))
			return (int)i;
	return str_eqc(name, "developer") ? ROLE_SYSTEM : -1;
}

/* A text member; callers write the members of an object in the order of their names, which is
 * RFC 8785's order for these. */
static void add_text(struct buf *b, const char *key, struct str s)
{
	if (!s.p)
		return;
	buf_adds(b, key);
	json_t *j = json_from_str(s);
	canon_write(b, j);
	json_decref(j);
}

static void add_json(struct buf *b, const char *key, const json_t *j)
{
	if (!j)
		return;
	buf_adds(b, key);
	canon_write(b, j);
}

/* What of the configuration shapes an answer and has no place of its own in the key; the
 * provider's name is in it. */
static void add_config(struct buf *b, const json_t *config)
{
	static const char *const apart[] = { "prompt", "params", "tools", "base_url" };
	if (!config)
		return;
	json_t *rest = json_copy((json_t *)(uintptr_t)config);
	if (!rest)
		die_oom();
	for (size_t i = 0; i < ARRAY_LEN(apart); i++)
		json_object_del(rest, apart[i]);
	if (json_object_size(rest))
		add_json(b, ",\"config\":", rest);
	json_decref(rest);
}

static void add_messages(struct buf *b, const struct call *c)
{
	buf_adds(b, ",\"messages\":[");
	for (size_t i = 0; i < c->nmessage; i++) {
		const struct message *m = &c->message[i];
		buf_adds(b, i ? ",{" : "{");
		add_text(b, "\"role\":", str_c(role_name(m->role)));
		add_text(b, ",\"text\":", m->text);
		add_json(b, ",\"thinking\":", m->thinking);
		add_text(b, ",\"tool_call_id\":", m->tool_call_id);
		add_json(b, ",\"tool_calls\":", m->tool_calls);
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

struct digest call_digest(const struct call *c)
{
	const struct endpoint *e = c->endpoint;
	struct buf b;
	buf_init(&b, SIZE_MAX / 2);
	add_text(&b, "{\"base_url\":", e->base_url.p ? e->base_url : STR(""));
	add_config(&b, e->config);
	add_json(&b, ",\"given\":", c->given);
	buf_adds(&b, c->kind == CALL_EMBED ? ",\"kind\":\"embed\"" : "");
	add_messages(&b, c);
	add_text(&b, ",\"model\":", e->model);
	add_json(&b, ",\"params\":", e->params);
	add_text(&b, ",\"place\":", e->place);
	add_json(&b, ",\"response_schema\":", c->response_schema);
	buf_addf(&b, ",\"sample\":%u", c->sample);
	add_json(&b, ",\"tools\":", e->tools);
	buf_addc(&b, '}');
	struct digest d;
	sha256(&d, buf_str(&b));
	buf_release(&b);
	return d;
}
