#include "net/hosts.h"

#include "wire/awshost.h"

#include <string.h>

void hosts_init(struct hosts *h, struct arena *a)
{
	*h = (struct hosts){ .arena = a };
}

static struct str lower(struct str s, struct arena *a)
{
	char *p = arena_cstr(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + 'a' - 'A');
	return (struct str){ .p = p, .n = s.n };
}

void hosts_add_default(struct hosts *h, struct str host)
{
	*vec_push(&h->entry, h->arena) = (struct hosts_entry){
		.text = arena_str(h->arena, host),
		.host = lower(host, h->arena),
		.port = 443,
		.builtin = true,
	};
}

void hosts_add_default_aws(struct hosts *h)
{
	*vec_push(&h->entry, h->arena) = (struct hosts_entry){
		.text = STR("aws:bedrock@*"), .aws = true, .service = -1, .port = 443, .builtin = true,
	};
}

void hosts_set_listed(struct hosts *h)
{
	h->listed = true;
}

/* A pattern is a host once every "*" label is a letter: url_parse then judges it. */
static int check_pattern(struct hosts_entry *e, struct str host_port, struct arena *a, struct err *err)
{
	struct url u;
	char *text = arena_fmt(a, "%s://%.*s", e->plain ? "http" : "https", STR_ARGS(host_port));
	char *host = text + (e->plain ? 7 : 8);
	for (size_t i = 0; host[i]; i++) {
		bool starts = i == 0 || host[i - 1] == '.';
		if (host[i] != '*')
			continue;
		if (!starts || !host[i + 1] || (host[i + 1] != '.' && host[i + 1] != ':'))
			return err_set(err, ERR_ARTIFACT, "host '%.*s': '*' stands for one whole label "
							  "with a name after it",
				       STR_ARGS(e->text));
		host[i] = 'x';
	}
	if (strchr(host, '/') || url_parse(&u, str_c(text), a, err))
		return err_set(err, ERR_ARTIFACT, "host '%.*s' is no host[:port]; expected like "
						  "'api.example.com', '*.example.com:8443' or "
						  "'http://10.0.0.7:8000'",
			       STR_ARGS(e->text));
	e->port = u.port;
	return 0;
}

/* The host's part, without port and brackets. */
static struct str host_part(struct str s)
{
	if (s.n && s.p[0] == '[')
		return str_sub(s, 1, (size_t)str_chr(s, ']', 0));
	ptrdiff_t colon = str_chr(s, ':', 0);
	return str_sub(s, 0, colon < 0 ? s.n : (size_t)colon);
}

/* The services whose names begin with Bedrock's; -1 for all of them together, -2 for none. */
static int aws_service(struct str name)
{
	if (str_eqc(name, "bedrock"))
		return -1;
	for (int i = 0; i < AWS_SERVICES; i++) {
		const char *host = awshost_name((enum aws_service)i);
		if (str_starts(name, STR("bedrock-")) && str_eqc(name, host))
			return i;
	}
	return -2;
}

/* "bedrock@us-east-1", what stands behind "aws:". */
static int add_aws(struct hosts *h, struct hosts_entry e, struct str rest, struct err *err)
{
	struct str name;
	bool has_region = str_cut(&rest, '@', &name) && rest.n > 0;
	e.aws = true;
	e.port = 443;
	e.service = aws_service(name);
	if (e.service == -2 || !has_region || (!str_eqc(rest, "*") && !awshost_region_ok(rest)))
		return err_set(err, ERR_ARTIFACT, "host '%.*s' is none; expected like 'aws:bedrock@us-east-1' or "
						  "'aws:bedrock-runtime@*'",
			       STR_ARGS(e.text));
	if (!str_eqc(rest, "*"))
		e.region = rest;
	*vec_push(&h->entry, h->arena) = e;
	return 0;
}

int hosts_add(struct hosts *h, struct str entry, struct err *err)
{
	struct hosts_entry e = { .text = arena_str(h->arena, entry) };
	struct str rest = e.text;
	h->listed = true;
	if (str_starts(rest, STR("aws:")))
		return add_aws(h, e, str_sub(rest, 4, rest.n), err);
	if (str_starts(rest, STR("https://"))) {
		rest = str_sub(rest, 8, rest.n);
	} else if (str_starts(rest, STR("http://"))) {
		rest = str_sub(rest, 7, rest.n);
		e.plain = true;
	}
	if (check_pattern(&e, rest, h->arena, err))
		return -1;
	e.host = lower(host_part(rest), h->arena);
	*vec_push(&h->entry, h->arena) = e;
	return 0;
}

bool hosts_match(struct str pattern, struct str host)
{
	struct str p, s;
	while (pattern.n && host.n) {
		ptrdiff_t pd = str_chr(pattern, '.', 0), sd = str_chr(host, '.', 0);
		p = str_sub(pattern, 0, pd < 0 ? pattern.n : (size_t)pd);
		s = str_sub(host, 0, sd < 0 ? host.n : (size_t)sd);
		if (!s.n || (!str_eqc(p, "*") && !str_eq(p, s)))
			return false;
		if ((pd < 0) != (sd < 0))
			return false;
		if (pd < 0)
			return true;
		pattern = str_sub(pattern, (size_t)pd + 1, pattern.n);
		host = str_sub(host, (size_t)sd + 1, host.n);
	}
	return false;
}

static bool aws_matches(const struct hosts_entry *e, const struct url *u)
{
	struct awshost a;
	if (!u->tls || u->port != e->port || !awshost_parse(&a, u->host) ||
	    !str_starts(str_c(awshost_name(a.service)), STR("bedrock")))
		return false;
	return (e->service < 0 || e->service == (int)a.service) && (!e->region.p || str_eq(e->region, a.region));
}

static bool entry_matches(const struct hosts_entry *e, const struct url *u)
{
	if (e->aws)
		return aws_matches(e, u);
	if (!e->host.n || e->port != u->port)
		return false;
	/* Plain text needs the entry's own word, but on loopback nobody listens in. */
	if (!u->tls && !e->plain && url_host_net(u->host) != URL_NET_LOOPBACK)
		return false;
	if (u->tls && e->plain)
		return false;
	return u->ipv6 ? str_eq(e->host, u->host) : hosts_match(e->host, u->host);
}

static const char *remedy(const struct hosts *h, const struct url *u)
{
	if (!u->tls && url_host_net(u->host) != URL_NET_LOOPBACK)
		return "plain http to another machine needs 'http://HOST:PORT' there";
	return h->listed ? "add it there if the policy's owners agree" :
			   "without that list only the providers' own endpoints are allowed";
}

int hosts_check(const struct hosts *h, const struct url *u, struct hosts_grant *out,
		struct err *err)
{
	if (url_host_net(u->host) == URL_NET_LINK_LOCAL)
		return err_set(err, ERR_TRUST, "host '%.*s' is a link-local or metadata address; it is "
					       "never called", STR_ARGS(u->host));
	for (size_t i = 0; i < h->entry.n; i++) {
		const struct hosts_entry *e = &h->entry.v[i];
		if ((e->builtin && h->listed) || !entry_matches(e, u))
			continue;
		/* AWS's own names lead into a VPC where it has endpoints for them. */
		*out = (struct hosts_grant){ .private_ok = !e->builtin || e->aws };
		return 0;
	}
	return err_set(err, ERR_TRUST, "host '%.*s:%u' is not in the policy's trust.hosts; %s",
		       STR_ARGS(u->host), u->port, remedy(h, u));
}
