#include "provider/bedrock_kind.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/bedrock_common.h"

#include <stdarg.h>

/* A session's id has at most 100 characters: "gate-", the run, '-' and a digest. */
enum { WORD_MAX = 64, RUN_MAX = 30 };

/* --- asking --- */

static const char *kind_of(const struct endpoint *e)
{
	const char *kind = json_string_value(json_object_get(e->config, "kind"));
	return kind ? kind : "model";
}

int bedrock_kind_no_schema(const struct call *c, struct err *err)
{
	if (!c->response_schema)
		return 0;
	return err_set(err, ERR_ARTIFACT, "kind '%s' cannot be held to a schema; take a model for this",
		       kind_of(c->endpoint));
}

int bedrock_kind_question(struct str *out, const struct call *c, struct err *err)
{
	if (bedrock_kind_no_schema(c, err))
		return -1;
	if (c->nmessage != 1 || c->message[0].role != ROLE_USER)
		return err_set(err, ERR_ARTIFACT, "kind '%s' takes one user message and nothing else",
			       kind_of(c->endpoint));
	*out = c->message[0].text;
	return 0;
}

int bedrock_kind_unread(const struct endpoint *e, const char *const *keys, const char **member,
			struct err *err)
{
	for (; *keys; keys++)
		if (json_object_get(e->config, *keys)) {
			*member = *keys;
			return err_set(err, ERR_ARTIFACT, "kind '%s' has no '%s' and would ignore it",
				       kind_of(e), *keys);
		}
	return 0;
}

struct str bedrock_kind_version(const json_t *guardrail, struct arena *a)
{
	const json_t *v = json_object_get(guardrail, "version");
	return json_is_integer(v) ? str_c(arena_fmt(a, "%lld", (long long)json_integer_value(v))) : json_str(v);
}

int bedrock_kind_no_draft(struct str version, const char *what, struct err *err)
{
	if (!str_eqc(version, "TSTALIASID") && !str_eqc(version, "DRAFT"))
		return 0;
	return err_set(err, ERR_ARTIFACT,
		       "'%.*s' is the working draft, which may change while it is judged; name %s",
		       STR_ARGS(version), what);
}

int bedrock_kind_post(struct wire_req *out, const struct call *c, enum aws_service service, struct arena *a,
		      struct err *err, const char *path, ...)
{
	struct buf b;
	va_list ap;
	buf_init(&b, 64 * KIB);
	va_start(ap, path);
	for (const char *p = path; *p; p++)
		if (p[0] == '%' && p[1] == 's') {
			bedrock_path_add(&b, va_arg(ap, struct str));
			p++;
		} else {
			buf_addc(&b, *p);
		}
	va_end(ap);
	struct str whole = arena_str(a, buf_str(&b));
	bool over = b.over;
	buf_release(&b);
	if (over)
		return err_set(err, ERR_ARTIFACT, "the names in the request's path are longer than %zu bytes",
			       64 * KIB);
	return bedrock_request(out, c->endpoint, service, "POST", whole, a, err);
}

struct jsonw bedrock_kind_body(struct arena *a)
{
	struct jsonw w = { .out = bedrock_body_new(a) };
	jsonw_open(&w, NULL, '{');
	return w;
}

int bedrock_kind_body_end(struct wire_req *out, struct jsonw *w, struct err *err)
{
	jsonw_close(w, '}');
	return bedrock_body(out, w->out, err);
}

struct str bedrock_kind_session(const struct call *c, struct arena *a)
{
	char hex[DIGEST_HEX];
	struct digest d = call_digest(c);
	struct str run = str_sub(json_get_str(c->endpoint->metadata, "gate-run"), 0, RUN_MAX);
	return str_c(arena_fmt(a, "gate-%.*s%s%s", STR_ARGS(run), run.n ? "-" : "", digest_hex(&d, hex)));
}

/* --- reading --- */

void bedrock_kind_whole(struct bedrock_stream *s, const struct bedrock_reader *reader, void *state, struct reply *r,
			const struct wire_status *st, const struct call *c)
{
	bedrock_stream_begin(s, reader, state, r, st, c);
	s->framed = r->streamed = false;
}

int bedrock_kind_text(struct bedrock_stream *s, struct str text)
{
	answering_text(&s->in, text);
	return answering_ceiling(&s->in);
}

bool bedrock_kind_blocked(const struct reply *r)
{
	const json_t *found;
	bool masked = false;
	size_t i;
	if (!str_eqc(json_get_str(r->guardrail, "action"), "intervened"))
		return false;
	json_array_foreach(json_object_get(r->guardrail, "policies"), i, found) {
		struct str action = json_get_str(found, "action");
		if (str_eqc(action, "blocked"))
			return true;
		masked = masked || str_eqc(action, "anonymized");
	}
	/* One that does not say why it intervened is taken at its word. */
	return !masked;
}

/* --- JSON that is kept --- */

void bedrock_kind_set(json_t *o, const char *key, json_t *value)
{
	if (!value || json_object_set_new_nocheck(o, key, value))
		die_oom();
}

void bedrock_kind_set_str(json_t *o, const char *key, struct str s)
{
	if (s.p)
		bedrock_kind_set(o, key, json_from_str(s));
}

void bedrock_kind_set_copy(json_t *o, const char *key, const json_t *value)
{
	if (value)
		bedrock_kind_set(o, key, json_deep_copy(value));
}

void bedrock_kind_append(json_t *list, json_t *value)
{
	if (!value || json_array_append_new(list, value))
		die_oom();
}

json_t *bedrock_kind_list(struct reply *r, const json_t **at)
{
	if (!*at)
		*at = arena_json(r->arena, json_array());
	return (json_t *)(uintptr_t)*at;
}

json_t *bedrock_kind_object(struct reply *r, const json_t **at)
{
	if (!*at)
		*at = arena_json(r->arena, json_object());
	return (json_t *)(uintptr_t)*at;
}

void bedrock_kind_finish(struct reply *r, enum finish finish, struct str word)
{
	r->finish = finish;
	r->finish_raw = arena_str(r->arena, str_sub(word, 0, WORD_MAX));
}
