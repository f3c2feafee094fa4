#include "net/proxy.h"

static const char *first_set(const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
			     const char *upper, const char *lower)
{
	const char *value = getenv_fn ? getenv_fn(ctx, upper) : NULL;
	if (getenv_fn && (!value || !*value))
		value = getenv_fn(ctx, lower);
	return value && *value ? value : NULL;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 :
				      -1;
}

/* As it is written, and as the proxy is told it: curl decodes it first. */
static void learn(struct redactor *redactor, struct str s, struct arena *a)
{
	char *plain = arena_cstr(a, s), *to = plain;
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' && i + 2 < s.n ? hex(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex(s.p[i + 2]) : -1;
		*to++ = low >= 0 ? (char)(high * 16 + low) : s.p[i];
		i += low >= 0 ? 2 : 0;
	}
	redactor_learn(redactor, s);
	redactor_learn(redactor, (struct str){ .p = plain, .n = (size_t)(to - plain) });
}

void proxy_read(struct proxy *p, const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
		struct redactor *redactor, struct arena *a)
{
	const char *url = first_set(getenv_fn, ctx, "HTTPS_PROXY", "https_proxy");
	*p = (struct proxy){ .bypass = arena_str(a, str_c(first_set(getenv_fn, ctx, "NO_PROXY",
								    "no_proxy"))) };
	if (!url)
		return;
	struct str s = str_c(url);
	ptrdiff_t slashes = str_find(s, STR("://"), 0);
	size_t from = slashes < 0 ? 0 : (size_t)slashes + 3;
	ptrdiff_t at = -1;
	for (size_t i = from; i < s.n; i++)
		if (s.p[i] == '@')
			at = (ptrdiff_t)i;
	p->url = arena_cstr(a, s);
	p->shown = p->url;
	if (at < 0)
		return;
	struct str user = str_sub(s, from, (size_t)at);
	ptrdiff_t colon = str_chr(user, ':', 0);
	/* Without a password the name is a token. */
	if (redactor)
		learn(redactor, str_sub(user, (size_t)(colon + 1), user.n), a);
	p->shown = arena_fmt(a, "%.*s%s", STR_ARGS(str_sub(s, 0, from)), url + at + 1);
}

bool proxy_applies(const struct proxy *p, struct str host)
{
	struct str rest = p->bypass, item;
	if (!p->url)
		return false;
	while (str_cut(&rest, ',', &item)) {
		item = str_trim(item);
		if (str_eqc(item, "*"))
			return false;
		if (item.n && item.p[0] == '.')
			item = str_sub(item, 1, item.n);
		if (!item.n || host.n < item.n)
			continue;
		size_t cut = host.n - item.n;
		if (str_ieq(str_sub(host, cut, host.n), item) && (!cut || host.p[cut - 1] == '.'))
			return false;
	}
	return true;
}
