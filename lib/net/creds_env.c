/* Which credential a request goes out with. */
#include "net/creds.h"

#include "net/creds_aws.h"
#include "net/hosts.h"
#include "wire/awshost.h"

#include <string.h>

enum { HTTPS_PORT = 443 };

#define BEDROCK_ENV "AWS_BEARER_TOKEN_BEDROCK"

void creds_init(struct creds *c, struct arena *a, struct redactor *redactor,
		const char *(*getenv_fn)(void *ctx, const char *name), void *ctx)
{
	*c = (struct creds){ .arena = a, .redactor = redactor, .getenv = getenv_fn, .ctx = ctx };
}

/* The variable's value without surrounding white space (files end in a line feed); absent when
 * unset or empty. */
static struct secret read_secret(struct creds *c, const char *env)
{
	const char *value = c->getenv ? c->getenv(c->ctx, env) : NULL;
	struct str s = str_trim(str_c(value));
	if (!s.n)
		return (struct secret){ .value = { .p = NULL } };
	s = arena_str(c->arena, s);
	if (c->redactor)
		redactor_learn(c->redactor, s);
	return (struct secret){ .value = s };
}

static bool header_name_ok(const char *name)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	return *name && strspn(name, token) == strlen(name);
}

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return true;
}

int creds_bind(struct creds *c, struct str host, const char *env, const char *header,
	       struct err *err)
{
	/* Read the host as the allow-list would, so that both mean the same. */
	struct hosts h;
	hosts_init(&h, c->arena);
	if (hosts_add(&h, host, err))
		return -1;
	if (header && !header_name_ok(header))
		return err_set(err, ERR_ARTIFACT, "'%s' is no header name", header);
	*vec_push(&c->policy, c->arena) = (struct creds_binding){
		.host = h.entry.v[0].host,
		.port = h.entry.v[0].port,
		.plain = h.entry.v[0].plain,
		.env = arena_cstr(c->arena, str_c(env)),
		.header = header ? arena_cstr(c->arena, str_c(header)) : NULL,
		.secret = read_secret(c, env),
	};
	return 0;
}

void creds_bind_usual(struct creds *c, const char *host, const char *env)
{
	*vec_push(&c->usual, c->arena) = (struct creds_binding){
		.host = arena_str(c->arena, str_c(host)),
		.port = HTTPS_PORT,
		.env = arena_cstr(c->arena, str_c(env)),
		.secret = read_secret(c, env),
	};
}

void creds_bind_bedrock(struct creds *c)
{
	c->bearer = read_secret(c, BEDROCK_ENV);
}

static const struct creds_binding *find(const struct creds *c, const struct wire_req *req,
					const struct url *u)
{
	bool clear = !u->tls && url_host_net(u->host) != URL_NET_LOOPBACK;
	for (size_t i = 0; i < c->policy.n; i++) {
		const struct creds_binding *b = &c->policy.v[i];
		bool same = u->ipv6 ? str_eq(b->host, u->host) : hosts_match(b->host, u->host);
		if (same && b->port == u->port && (b->plain || !clear))
			return b;
	}
	for (size_t i = 0; u->tls && req->auth_env && i < c->usual.n; i++) {
		const struct creds_binding *b = &c->usual.v[i];
		if (b->port == u->port && str_eq(b->host, u->host) && !strcmp(b->env, req->auth_env))
			return b;
	}
	return NULL;
}

static const char *format(const struct creds_binding *b, const struct wire_req *req, struct arena *a)
{
	const char *name = b->header;
	if (!name)
		name = req->auth == WIRE_AUTH_HEADER ? req->auth_header : "Authorization";
	const char *scheme = str_ieq(str_c(name), STR("Authorization")) ? "Bearer " : "";
	return arena_fmt(a, "%s: %s%.*s", name, scheme, STR_ARGS(b->secret.value));
}

/* AWS's own hosts over https, or an endpoint that the operator's environment names for one. */
static bool is_aws(const struct creds *c, const struct url *u)
{
	struct awshost h;
	bool own = u->tls && u->port == HTTPS_PORT && awshost_parse(&h, u->host);
	return own || (c->aws && creds_aws_is_endpoint(c->aws, u));
}

static int aws_header(const struct creds *c, const struct wire_req *req, const struct url *u,
		      const char **out, struct arena *a, struct err *err)
{
	bool bearer = req->auth_env && !strcmp(req->auth_env, BEDROCK_ENV) && c->bearer.value.n;
	if (!is_aws(c, u))
		return err_set(err, ERR_TRUST, "AWS credentials go to AWS's own hosts and to endpoints of "
					       "AWS_ENDPOINT_URL…, not to '%.*s'; bind another key to it in the "
					       "policy's trust.credentials",
			       STR_ARGS(u->host));
	if (!bearer && !c->aws)
		return err_set(err, ERR_BUG, "nothing here signs for AWS");
	if (!bearer)
		return 0;
	if (!is_printable(c->bearer.value))
		return err_set(err, ERR_TRUST, "variable '" BEDROCK_ENV "' holds white space or control bytes "
					       "inside; it is no key");
	*out = arena_fmt(a, "Authorization: Bearer %.*s", STR_ARGS(c->bearer.value));
	return 0;
}

int creds_header(const struct creds *c, const struct wire_req *req, const struct url *u,
		 const char **out, struct arena *a, struct err *err)
{
	*out = NULL;
	if (req->auth == WIRE_AUTH_NONE)
		return 0;
	const struct creds_binding *b = c ? find(c, req, u) : NULL;
	if (c && !b && req->auth == WIRE_AUTH_SIGV4)
		return aws_header(c, req, u, out, a, err);
	if (!b && req->auth_optional)
		return 0;
	if (!b)
		return err_set(err, ERR_TRUST, "no credentials for '%.*s': bind a variable to it in the "
					       "policy's trust.credentials",
			       STR_ARGS(u->host));
	if (!b->secret.value.n)
		return err_set(err, ERR_TRUST, "no credentials for '%.*s': variable '%s' is not set "
					       "(fork?)",
			       STR_ARGS(u->host), b->env);
	if (!is_printable(b->secret.value))
		return err_set(err, ERR_TRUST, "variable '%s' holds white space or control bytes inside; "
					       "it is no key",
			       b->env);
	*out = format(b, req, a);
	return 0;
}
