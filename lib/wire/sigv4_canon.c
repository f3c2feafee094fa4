#include "wire/sigv4_canon.h"

#include "base/auto.h"
#include "base/b64.h"
#include "base/limits.h"
#include "wire/sigv4.h"
#include "wire/url.h"

#include <stdlib.h>
#include <string.h>

enum { METHOD_MAX = 64 };

struct target {
	struct str host, path, query; /* as the url has them; the query without its '?' */
};

struct field {
	struct str name, value; /* lower case; blanks squeezed */
};

struct fields {
	VEC(struct field) list;
	size_t bytes;
};

static bool alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool made_of(struct str s, const char *also)
{
	for (size_t i = 0; i < s.n; i++)
		if (!alnum(s.p[i]) && (!s.p[i] || !strchr(also, s.p[i])))
			return false;
	return s.n > 0;
}

static bool is_token(struct str s)
{
	return made_of(s, "!#$%&'*+-.^_`|~");
}

static int parse_target(struct target *out, struct str url, struct err *err)
{
	ptrdiff_t colon = str_find(url, STR("://"), 0);
	if (colon < 0 || url.n > SIGV4_URL_MAX)
		return err_set(err, ERR_ARTIFACT, "a URL without scheme, or of %zu bytes, cannot be signed",
			       url.n);
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] < 0x20 || url.p[i] == 0x7f || url.p[i] == '#')
			return err_set(err, ERR_ARTIFACT, "URL has a control byte or '#' at %zu", i + 1);
	bool tls = str_ieq(str_sub(url, 0, (size_t)colon), STR("https"));
	struct str rest = str_sub(url, (size_t)colon + 3, url.n);
	size_t end = 0;
	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
		end++;
	struct str host = str_sub(rest, 0, end), port = tls ? STR(":443") : STR(":80");
	if (str_ends(host, port))
		host = str_sub(host, 0, host.n - port.n);
	if (!host.n || !made_of(host, "-._:[]"))
		return err_set(err, ERR_ARTIFACT, "a URL without a plain host cannot be signed");
	rest = str_sub(rest, end, rest.n);
	if (str_cut(&rest, '?', &out->path))
		out->query = rest;
	out->host = host;
	return 0;
}

/* --- canonical path and query -------------------------------------------------------------- */

/* Without empty and dot segments.  A closing slash stays when anything is left. */
static struct str without_dots(struct str path, struct arena *a)
{
	char *p = arena_alloc(a, path.n + 2);
	size_t n = 0;
	struct str rest = path, seg;
	while (str_cut(&rest, '/', &seg)) {
		if (!seg.n || str_eqc(seg, "."))
			continue;
		if (str_eqc(seg, "..")) {
			while (n && p[--n] != '/')
				;
			continue;
		}
		p[n++] = '/';
		memcpy(p + n, seg.p, seg.n);
		n += seg.n;
	}
	if (!n || str_ends(path, STR("/")))
		p[n++] = '/';
	return (struct str){ .p = p, .n = n };
}

static void add_path(struct buf *out, struct str path, unsigned flags, struct arena *a)
{
	if (!path.n)
		path = STR("/");
	if (!(flags & SIGV4_PATH_AS_IS))
		path = without_dots(path, a);
	if (flags & SIGV4_ENCODE_ONCE)
		buf_add(out, path);
	else
		url_encode(out, path, "/");
}

/* Decoded, then encoded in the one canonical way. */
static struct str recoded(struct str s, struct buf *tmp, struct arena *a)
{
	buf_reset(tmp);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '%' && hex_decode(str_sub(s, i + 1, i + 3), &c, 1))
			i += 2;
		else
			c = (unsigned char)s.p[i];
		url_encode(tmp, (struct str){ .p = (const char *)&c, .n = 1 }, "");
	}
	return arena_str(a, buf_str(tmp));
}

static int by_name_then_value(const void *x, const void *y)
{
	const struct field *a = x, *b = y;
	int order = str_cmp(a->name, b->name);
	return order ? order : str_cmp(a->value, b->value);
}

static int add_query(struct buf *out, struct str query, struct arena *a, struct err *err)
{
	struct fields pairs = { .bytes = 0 };
	AUTO(buf_release) struct buf tmp;
	struct str rest = query, pair, name;
	buf_init(&tmp, 3 * SIGV4_URL_MAX);
	while (rest.n && str_cut(&rest, '&', &pair)) {
		if (!pair.n)
			continue;
		if (pairs.list.n == SIGV4_QUERY_MAX)
			return err_set(err, ERR_ARTIFACT, "a URL with more than %d query parameters "
							  "cannot be signed",
				       SIGV4_QUERY_MAX);
		str_cut(&pair, '=', &name);
		struct str key = recoded(name, &tmp, a), value = recoded(pair, &tmp, a);
		*vec_push(&pairs.list, a) = (struct field){ .name = key, .value = value };
	}
	if (pairs.list.n)
		qsort(pairs.list.v, pairs.list.n, sizeof(*pairs.list.v), by_name_then_value);
	for (size_t i = 0; i < pairs.list.n; i++) {
		buf_adds(out, i ? "&" : "");
		buf_add(out, pairs.list.v[i].name);
		buf_addc(out, '=');
		buf_add(out, pairs.list.v[i].value);
	}
	return 0;
}

/* --- canonical headers --------------------------------------------------------------------- */

static struct str lower(struct str s, struct arena *a)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 'a' - 'A');
	return (struct str){ .p = p, .n = s.n };
}

/* Trimmed, and each run of blanks one space. */
static struct str squeezed(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;
	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		bool blank = s.p[i] == ' ' || s.p[i] == '\t';
		if (!blank)
			p[n++] = s.p[i];
		else if (p[n - 1] != ' ')
			p[n++] = ' ';
	}
	return (struct str){ .p = p, .n = n };
}

static bool value_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c < 0x20 && c != '\t') || c >= 0x7f)
			return false;
	}
	return true;
}

static bool one_of(struct str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqc(name, list[i]))
			return true;
	return false;
}

/* What libcurl, a proxy or a trace may add to or change after signing. */
static bool goes_unsigned(struct str name)
{
	static const char *const list[] = {
		"accept",       "cache-control", "connection", "expect",
		"from",         "keep-alive",    "max-forwards", "pragma",
		"referer",      "te",            "trailer",    "transfer-encoding",
		"upgrade",      "user-agent",    "x-amzn-trace-id",
	};
	return one_of(name, list, ARRAY_LEN(list)) || str_starts(name, STR("proxy-")) ||
	       str_starts(name, STR("sec-"));
}

/* Kept in order of name; those of one name in the order sent. */
static int add_field(struct fields *f, struct str name, struct str value, struct arena *a,
		     struct err *err)
{
	f->bytes += name.n + value.n;
	if (f->list.n == SIGV4_HEADERS_MAX || f->bytes > SIGV4_HEADER_BYTES_MAX)
		return err_set(err, ERR_ARTIFACT, "more than %d headers or %zu bytes of them cannot be "
						  "signed",
			       SIGV4_HEADERS_MAX, SIGV4_HEADER_BYTES_MAX);
	(void)*vec_push(&f->list, a);
	size_t i = f->list.n - 1;
	for (; i && str_cmp(f->list.v[i - 1].name, name) > 0; i--)
		f->list.v[i] = f->list.v[i - 1];
	f->list.v[i] = (struct field){ .name = name, .value = value };
	return 0;
}

static int add_header(struct fields *f, struct wire_header h, struct arena *a, struct err *err)
{
	static const char *const ours[] = { "host", "authorization", "x-amz-date",
					    "x-amz-security-token", "x-amz-content-sha256" };
	struct str name = lower(h.name, a);
	if (!is_token(name) || !value_ok(h.value))
		return err_set(err, ERR_ARTIFACT, "header %zu has a control byte, or one that is not "
						  "ASCII; it cannot be signed",
			       f->list.n + 1);
	if (one_of(name, ours, ARRAY_LEN(ours)))
		return err_set(err, ERR_ARTIFACT, "header '%.*s' is set by the AWS signature; remove it",
			       STR_ARGS(name));
	if (goes_unsigned(name))
		return 0;
	return add_field(f, name, squeezed(h.value, a), a, err);
}

static int collect(struct fields *f, struct str host, const struct sigv4_canon *c, struct arena *a,
		   struct err *err)
{
	if (add_field(f, STR("host"), host, a, err))
		return -1;
	for (size_t i = 0; i < c->nadded; i++)
		if (add_field(f, lower(c->added[i].name, a), c->added[i].value, a, err))
			return -1;
	for (size_t i = 0; i < c->req->header.n; i++)
		if (add_header(f, c->req->header.v[i], a, err))
			return -1;
	return 0;
}

static bool same_as_before(const struct fields *f, size_t i)
{
	return i && str_eq(f->list.v[i].name, f->list.v[i - 1].name);
}

static void add_fields(struct buf *out, const struct fields *f)
{
	for (size_t i = 0; i < f->list.n; i++) {
		if (same_as_before(f, i)) {
			buf_addc(out, ',');
		} else {
			buf_adds(out, i ? "\n" : "");
			buf_add(out, f->list.v[i].name);
			buf_addc(out, ':');
		}
		buf_add(out, f->list.v[i].value);
	}
	buf_adds(out, "\n\n");
}

static struct str name_list(const struct fields *f, struct arena *a)
{
	char *p = arena_alloc(a, f->bytes + f->list.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < f->list.n; i++) {
		if (same_as_before(f, i))
			continue;
		if (n)
			p[n++] = ';';
		memcpy(p + n, f->list.v[i].name.p, f->list.v[i].name.n);
		n += f->list.v[i].name.n;
	}
	return (struct str){ .p = p, .n = n };
}

int sigv4_canonical(struct sigv4_canon *c, struct arena *a, struct err *err)
{
	struct target t = { .query = { .p = NULL } };
	struct fields f = { .bytes = 0 };
	const struct wire_req *req = c->req;
	AUTO(buf_release) struct buf b;
	buf_init(&b, 8 * SIGV4_URL_MAX + 2 * SIGV4_HEADER_BYTES_MAX + 4 * KIB);
	if (!is_token(str_c(req->method)) || strlen(req->method) > METHOD_MAX)
		return err_set(err, ERR_BUG, "no HTTP method");
	if (parse_target(&t, req->url, err) || collect(&f, t.host, c, a, err))
		return -1;
	buf_addf(&b, "%s\n", req->method);
	add_path(&b, t.path, c->flags, a);
	buf_addc(&b, '\n');
	if (add_query(&b, t.query, a, err))
		return -1;
	buf_addc(&b, '\n');
	add_fields(&b, &f);
	c->signed_names = name_list(&f, a);
	buf_add(&b, c->signed_names);
	buf_addc(&b, '\n');
	buf_add(&b, c->body_hash);
	if (b.over)
		return err_set(err, ERR_ARTIFACT, "the request is too large to be signed");
	c->text = arena_str(a, buf_str(&b));
	return 0;
}
