#include "provider/http_request.h"

#include "base/buf.h"
#include "base/limits.h"
#include "call/appvars.h"
#include "doc/jsonx.h"
#include "doc/template.h"
#include "provider/apprender.h"
#include "wire/url.h"

static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };
#define FORM "application/x-www-form-urlencoded"

static const char *method_of(const json_t *config)
{
	struct str said = json_get_str(config, "method");
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (str_eqc(said, methods[i]))
			return methods[i];
	return json_object_get(config, "body") ? "POST" : "GET";
}

/* --- the URL ------------------------------------------------------------------------------------ */

/* "https://host:port" */
static struct str authority(struct str url)
{
	ptrdiff_t mark = str_find(url, STR("://"), 0);
	size_t end = mark < 0 ? 0 : (size_t)mark + 3;
	while (end < url.n && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != '#')
		end++;
	return str_sub(url, 0, end);
}

/* A value that makes a path go up asks for something else than the target's author wrote. */
static int check_path(struct str path, struct err *err)
{
	struct str rest, segment;
	str_cut(&path, '?', &rest);
	while (str_cut(&rest, '/', &segment))
		if (str_eqc(segment, "..") || str_eqc(segment, "."))
			return err_set(err, ERR_ARTIFACT, "a segment of the URL's path becomes '%.*s'",
				       STR_ARGS(segment));
	return 0;
}

static int encode_url(struct wire_req *out, const json_t *config, const json_t *vars, struct arena *a,
		      struct err *err)
{
	struct url u;
	if (apprender_encoded(&out->url, json_get_str(config, "url"), vars, a, err) ||
	    url_parse(&u, out->url, a, err))
		return -1;
	return check_path(u.path, err);
}

/* --- headers ------------------------------------------------------------------------------------ */

static struct str header_of(const struct wire_req *req, const char *name)
{
	for (size_t i = 0; i < req->header.n; i++)
		if (str_ieq(req->header.v[i].name, str_c(name)))
			return req->header.v[i].value;
	return (struct str){ .p = NULL };
}

static void add_header(struct wire_req *out, const char *name, struct str value, struct arena *a)
{
	if (!header_of(out, name).p)
		*vec_push(&out->header, a) = (struct wire_header){ str_c(name), value };
}

static int check_value(const char *name, struct str value, struct err *err)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return err_set(err, ERR_ARTIFACT, "header '%s' would hold byte 0x%02x, which would end or "
							  "break it", name, c);
	}
	return 0;
}

static int encode_headers(struct wire_req *out, const json_t *config, const json_t *vars, struct arena *a,
			  struct err *err)
{
	const char *name;
	json_t *v;
	json_object_foreach(json_object_get(config, "headers"), name, v) {
		struct str value;
		if (apprender_text(&value, json_str(v), vars, a, err) || check_value(name, value, err))
			return -1;
		*vec_push(&out->header, a) = (struct wire_header){ str_c(name), value };
	}
	return 0;
}

/* --- the body ----------------------------------------------------------------------------------- */

/* Text that begins like JSON is JSON: a value set into it as text could break out of its quotes. */
static bool looks_like_json(struct str text)
{
	struct str s = str_trim(text);
	return s.n && (s.p[0] == '[' || (s.p[0] == '{' && !(s.n > 1 && strchr("{%#", s.p[1]))));
}

static const json_t *parse_json(struct str text, struct arena *a, struct err *err)
{
	const char *why = "";
	const json_t *j = json_lenient_unique(a, text, &why);
	if (!j)
		err_set(err, ERR_ARTIFACT, "the body begins like JSON and is none: %s (a template stands inside of "
					   "quotes there: \"{{x}}\" keeps the type of x)", why);
	return j;
}

static int add_pair(struct buf *b, const char *key, const json_t *v, struct err *err)
{
	if (json_is_array(v) || json_is_object(v))
		return err_set(err, ERR_ARTIFACT, "'%s' of the body is %s; a form holds texts, numbers and booleans",
			       key, json_type_name(v));
	buf_adds(b, b->n ? "&" : "");
	url_encode(b, str_c(key), "");
	buf_addc(b, '=');
	struct buf text;
	buf_init(&text, REQUEST_BYTES_MAX);
	if (json_is_string(v))
		buf_add(&text, json_str(v));
	else
		json_write(&text, v);
	url_encode(b, buf_str(&text), "");
	buf_release(&text);
	return 0;
}

static int write_form(struct buf *b, const json_t *value, struct err *err)
{
	const char *key;
	json_t *v;
	if (!json_is_object(value))
		return err_set(err, ERR_ARTIFACT, "the body of a form is an object or a text, not %s",
			       json_type_name(value));
	json_object_foreach((json_t *)(uintptr_t)value, key, v)
		if (add_pair(b, key, v, err))
			return -1;
	return 0;
}

/* The value that goes out: a string is text, anything else JSON (or a form). */
static int body_value(const json_t **out, const json_t *config, const json_t *vars, bool form, struct arena *a,
		      struct err *err)
{
	const json_t *body = json_object_get(config, "body");
	struct str text = json_str(body);
	if (json_is_string(body) && looks_like_json(text)) {
		body = parse_json(text, a, err);
		if (!body)
			return -1;
	} else if (json_is_string(body) && form) {
		if (apprender_encoded(&text, text, vars, a, err))
			return -1;
		*out = arena_json(a, json_from_str(text));
		return 0;
	}
	return apprender_value(out, body, vars, a, err);
}

static void release_body(void *p)
{
	buf_release(p);
}

static int encode_body(struct wire_req *out, const json_t *config, const json_t *vars, struct arena *a,
		       struct err *err)
{
	struct str type = header_of(out, "Content-Type");
	bool form = str_ieq(str_trim(str_sub(type, 0, sizeof(FORM) - 1)), STR(FORM));
	const json_t *value;
	if (!json_object_get(config, "body"))
		return 0;
	if (body_value(&value, config, vars, form, a, err))
		return -1;
	struct buf *b = arena_new(a, struct buf);
	buf_init(b, REQUEST_BYTES_MAX);
	arena_defer(a, release_body, b);
	int bad = 0;
	if (json_is_string(value))
		buf_add(b, json_str(value));
	else if (form)
		bad = write_form(b, value, err);
	else
		json_write(b, value);
	if (b->over)
		return err_set(err, ERR_ARTIFACT, "the request is larger than %zu bytes", REQUEST_BYTES_MAX);
	add_header(out, "Content-Type",
		   json_is_string(value) ? STR("text/plain; charset=utf-8") : STR("application/json"), a);
	out->body = buf_str(b);
	return bad;
}

/* --- the call ----------------------------------------------------------------------------------- */

struct finder {
	const char *name;
	bool found;
};

static void find_in(struct str text, struct finder *f)
{
	struct arena scratch = ARENA_INIT;
	struct template *t;
	struct template_error e;
	struct template_vars vars = { .list = { .v = NULL } };
	if (!template_is_plain(text) && !template_compile(&t, text, TEMPLATE_JINJA, &scratch, &e))
		template_vars(t, &vars, &scratch);
	for (size_t i = 0; i < vars.list.n; i++)
		f->found = f->found || str_eqc(vars.list.v[i].name, f->name);
	arena_release(&scratch);
}

static void find_below(const json_t *v, struct finder *f)
{
	const char *key;
	json_t *member;
	size_t i;
	if (json_is_string(v))
		find_in(json_str(v), f);
	json_object_foreach((json_t *)(uintptr_t)v, key, member)
		find_below(member, f);
	json_array_foreach(v, i, member)
		find_below(member, f);
}

static bool reads(const json_t *config, const char *name)
{
	static const char *const keys[] = { "url", "headers", "body" };
	struct finder f = { .name = name };
	for (size_t i = 0; i < ARRAY_LEN(keys) && !f.found; i++)
		find_below(json_object_get(config, keys[i]), &f);
	return f.found;
}

/* A system message or an earlier turn that the application is not told would be left out of a test that seems
 * to have it. */
static int check_told(const struct call *c, struct err *err)
{
	const json_t *config = c->endpoint->config;
	if (!c->nmessage || reads(config, "messages"))
		return 0;
	if (c->nmessage > 1)
		return err_set(err, ERR_ARTIFACT, "there are %zu messages, and neither url, headers nor body reads "
						  "{{messages}}, so all but the last would go nowhere", c->nmessage);
	if (reads(config, "prompt"))
		return 0;
	return err_set(err, ERR_ARTIFACT, "the target has a prompt, and neither url, headers nor body reads {{prompt}} "
					  "or {{messages}}, so it would go nowhere");
}

int http_request_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const json_t *config = c->endpoint->config;
	const json_t *vars = appvars(c->given, c->message, c->nmessage, a);
	*out = (struct wire_req){
		.method = method_of(config),
		.auth = WIRE_AUTH_BEARER,
		.auth_optional = true,
	};
	if (check_told(c, err) || encode_url(out, config, vars, a, err) ||
	    encode_headers(out, config, vars, a, err) || encode_body(out, config, vars, a, err))
		return -1;
	add_header(out, "Accept",
		   c->endpoint->stream		     ? STR("text/event-stream, application/x-ndjson, */*;q=0.5") :
		   json_object_get(config, "answer") ? STR("application/json") :
						       STR("*/*"),
		   a);
	return 0;
}

/* --- before there is a case ----------------------------------------------------------------------- */

static int check_url(const struct endpoint *e, struct err *err)
{
	struct str url = json_get_str(e->config, "url"), host = authority(url);
	struct arena scratch = ARENA_INIT;
	struct url u;
	int bad = 0;
	if (str_find(url, STR("{%"), 0) >= 0 || str_find(url, STR("{#"), 0) >= 0)
		return err_set(err, ERR_ARTIFACT, "url: only {{…}} can stand in a URL; each is percent-encoded");
	if (apprender_variable(host) >= 0 || str_starts(str_trim(url), STR("{{")))
		return err_set(err, ERR_ARTIFACT, "url: the host of '%.*s' must be constant or {{bind.NAME}}; a case "
						  "cannot choose where to call", STR_ARGS(url));
	if (str_find(host, STR("{{"), 0) < 0 && url_parse(&u, host, &scratch, err))
		bad = err_wrap(err, "url");
	arena_release(&scratch);
	return bad;
}

static bool is_token(const char *name)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	return *name && strspn(name, token) == strlen(name);
}

static bool is_one_of(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (str_ieq(str_c(name), str_c(*list)))
			return true;
	return false;
}

static int check_header(const char *name, struct err *err)
{
	static const char *const ours[] = { "host", "content-length", "transfer-encoding", "connection", "expect",
					    "upgrade", "te", "trailer", "keep-alive", "proxy-connection", NULL };
	static const char *const secret[] = { "authorization", "proxy-authorization", "cookie", "x-api-key",
					      "api-key", "x-auth-token", "x-amz-security-token", NULL };
	if (!is_token(name))
		return err_set(err, ERR_ARTIFACT, "'%s' is no header name", name);
	if (is_one_of(name, ours))
		return err_set(err, ERR_ARTIFACT, "header '%s' is gate's own to write", name);
	if (is_one_of(name, secret))
		return err_set(err, ERR_ARTIFACT, "header '%s' is for a credential, which is never committed; bind it in "
						  "the policy: trust.credentials: [{host, env, header}]", name);
	return 0;
}

static int check_headers(const json_t *config, struct err *err)
{
	const char *name, *other;
	json_t *v, *w;
	json_t *headers = json_object_get(config, "headers");
	json_object_foreach(headers, name, v) {
		if (check_header(name, err))
			return -1;
		json_object_foreach(headers, other, w)
			if (other != name && str_ieq(str_c(name), str_c(other)))
				return err_set(err, ERR_ARTIFACT, "header '%s' is there twice", name);
	}
	return 0;
}

/* A member's name is written as it is: a template in it would be sent as text. */
static int check_names(const json_t *v, struct err *err)
{
	const char *key;
	json_t *member;
	size_t i;
	json_object_foreach((json_t *)(uintptr_t)v, key, member) {
		if (!template_is_plain(str_c(key)))
			return err_set(err, ERR_ARTIFACT, "'%s': names are not filled in, only values are", key);
		if (check_names(member, err))
			return -1;
	}
	json_array_foreach(v, i, member)
		if (check_names(member, err))
			return -1;
	return 0;
}

static int check_body(const json_t *config, struct err *err)
{
	const json_t *body = json_object_get(config, "body");
	struct arena scratch = ARENA_INIT;
	int bad = 0;
	if (!body)
		return 0;
	if (!strcmp(method_of(config), "GET"))
		return err_set(err, ERR_ARTIFACT, "a GET has no body; take another method");
	if (json_is_string(body) && looks_like_json(json_str(body))) {
		body = parse_json(json_str(body), &scratch, err);
		bad = body ? 0 : -1;
	}
	if (!bad)
		bad = check_names(body, err);
	arena_release(&scratch);
	return bad;
}

int http_request_check(const struct endpoint *e, const char **member, struct err *err)
{
	*member = "url";
	if (check_url(e, err))
		return -1;
	*member = "headers";
	if (check_headers(e->config, err))
		return -1;
	*member = "body";
	return check_body(e->config, err);
}
