#include "doc/schema_impl.h"

struct uri {
	struct str scheme, authority, path, query; /* scheme with ':', authority with "//" */
};

static bool scheme_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '-' || c == '.';
}

/* `s` has no fragment. */
static struct uri split(struct str s)
{
	struct uri u = { .scheme = STR("") };
	size_t i = 0;
	while (i < s.n && scheme_char(s.p[i]))
		i++;
	if (i && i < s.n && s.p[i] == ':') {
		u.scheme = str_sub(s, 0, i + 1);
		s = str_sub(s, i + 1, s.n);
	}
	if (str_starts(s, STR("//"))) {
		size_t end = 2;
		while (end < s.n && s.p[end] != '/' && s.p[end] != '?')
			end++;
		u.authority = str_sub(s, 0, end);
		s = str_sub(s, end, s.n);
	}
	ptrdiff_t q = str_chr(s, '?', 0);
	u.path = q < 0 ? s : str_sub(s, 0, (size_t)q);
	u.query = q < 0 ? STR("") : str_sub(s, (size_t)q, s.n);
	return u;
}

static size_t last_slash(const char *p, size_t n)
{
	while (n && p[n - 1] != '/')
		n--;
	return n;
}

/* RFC 3986, §5.2.4, over whole segments. */
static struct str remove_dots(struct str path, struct arena *a)
{
	char *out = arena_alloc(a, path.n + 2);
	size_t n = 0;
	while (path.n) {
		ptrdiff_t slash = str_chr(path, '/', 1);
		size_t end = slash < 0 ? path.n : (size_t)slash;
		struct str segment = str_sub(path, 0, end);
		bool last = end == path.n;
		path = str_sub(path, end, path.n);
		if (str_eqc(segment, "/..")) {
			n = last_slash(out, n);
			n -= n > 0;
		}
		if (str_eqc(segment, "/.") || str_eqc(segment, "/..")) {
			if (last)
				out[n++] = '/';
			continue;
		}
		memcpy(out + n, segment.p, segment.n);
		n += segment.n;
	}
	return (struct str){ .p = out, .n = n };
}

static struct str merge(struct uri base, struct str path, struct arena *a)
{
	if (base.authority.n && !base.path.n)
		return str_c(arena_fmt(a, "/%.*s", STR_ARGS(path)));
	size_t keep = last_slash(base.path.p ? base.path.p : "", base.path.n);
	return str_c(arena_fmt(a, "%.*s%.*s", (int)keep, base.path.p ? base.path.p : "",
			       STR_ARGS(path)));
}

struct str schema_uri_join(struct str base, struct str ref, struct arena *a)
{
	ptrdiff_t hash = str_chr(ref, '#', 0);
	struct str fragment = hash < 0 ? STR("") : str_sub(ref, (size_t)hash, ref.n);
	ptrdiff_t base_hash = str_chr(base, '#', 0);
	struct uri r = split(hash < 0 ? ref : str_sub(ref, 0, (size_t)hash));
	struct uri b = split(base_hash < 0 ? base : str_sub(base, 0, (size_t)base_hash));
	if (!r.scheme.n) {
		r.scheme = b.scheme;
		if (!r.authority.n) {
			r.authority = b.authority;
			if (!r.path.n) {
				r.path = b.path;
				r.query = r.query.n ? r.query : b.query;
			} else {
				if (r.path.p[0] != '/')
					r.path = merge(b, r.path, a);
				r.path = remove_dots(r.path, a);
			}
		}
	}
	return str_c(arena_fmt(a, "%.*s%.*s%.*s%.*s%.*s", STR_ARGS(r.scheme), STR_ARGS(r.authority),
			       STR_ARGS(r.path), STR_ARGS(r.query), STR_ARGS(fragment)));
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct str schema_uri_cut(struct str uri, struct str *fragment, struct arena *a)
{
	ptrdiff_t hash = str_chr(uri, '#', 0);
	*fragment = (struct str){ .p = NULL };
	if (hash < 0)
		return uri;
	struct str raw = str_sub(uri, (size_t)hash + 1, uri.n);
	char *text = arena_alloc(a, raw.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < raw.n; i++) {
		int x = i + 2 < raw.n && raw.p[i] == '%' ? hex(raw.p[i + 1]) : -1;
		int y = x >= 0 ? hex(raw.p[i + 2]) : -1;
		text[n++] = y >= 0 ? (char)(x * 16 + y) : raw.p[i];
		i += y >= 0 ? 2 : 0;
	}
	*fragment = (struct str){ .p = text, .n = n };
	return str_sub(uri, 0, (size_t)hash);
}
