/* The endpoint inside a container (ECS, CodeBuild, EKS Pod Identity): one GET, at addresses that only
 * these services have, or over https. */
#include "net/creds_aws_impl.h"

enum { TIMEOUT_MS = 2000 };

static const char *const link_local[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23" };

static bool is_link_local(const struct url *u)
{
	for (size_t i = 0; i < ARRAY_LEN(link_local); i++)
		if (str_eqc(u->host, link_local[i]))
			return true;
	return false;
}

static bool allowed(const struct url *u)
{
	return u->tls || is_link_local(u) || str_eqc(u->host, "localhost") ||
	       (url_host_net(u->host) == URL_NET_LOOPBACK && !str_ends(u->host, STR("localhost")));
}

static void on_answer(struct creds_aws *c, int status, struct str body, const char *why)
{
	struct aws_key k;
	if (status != 200) {
		creds_aws_failed(c, "%s", status ? arena_fmt(&c->work, "it answered %d", status) : why);
		return;
	}
	why = creds_aws_read(c, body, "Token", &k);
	if (why)
		creds_aws_failed(c, "%s", why);
	else
		creds_aws_got(c, &k);
}

/* False after creds_aws_failed. */
static bool authorization(struct creds_aws *c, struct str *out)
{
	struct str file = awsconf_env(&c->conf, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	*out = awsconf_env(&c->conf, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	if (file.n && !creds_aws_file(c, file, out))
		return false;
	if (out->n)
		*out = creds_aws_secret(c, *out);
	for (size_t i = 0; i < out->n; i++)
		if (out->p[i] < 0x20 || out->p[i] > 0x7e) {
			creds_aws_failed(c, "its authorization token has line feeds or other control bytes");
			return false;
		}
	return true;
}

void creds_container_start(struct creds_aws *c)
{
	struct str relative = awsconf_env(&c->conf, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	struct str uri = awsconf_env(&c->conf, "AWS_CONTAINER_CREDENTIALS_FULL_URI"), token;
	struct err err = ERR_INIT;
	struct url u;
	if (relative.n)
		uri = str_c(arena_fmt(&c->work, "http://169.254.170.2%s%.*s", relative.p[0] == '/' ? "" : "/",
				      STR_ARGS(relative)));
	if (!uri.n) {
		creds_aws_failed(c, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not set");
		return;
	}
	if (url_parse(&u, uri, &c->work, &err)) {
		creds_aws_failed(c, "AWS_CONTAINER_CREDENTIALS_FULL_URI: %s", err.msg);
		return;
	}
	if (!allowed(&u)) {
		creds_aws_failed(c, "host '%.*s' of AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https, nor "
				    "loopback, nor a container service's", STR_ARGS(str_sub(u.host, 0, 80)));
		return;
	}
	if (!authorization(c, &token))
		return;
	struct creds_fetch *f = creds_fetch_new(c, "GET", uri);
	f->door = (struct hosts_grant){ .private_ok = true, .link_local_ok = is_link_local(&u), .no_proxy = true };
	f->timeout_ms = TIMEOUT_MS;
	f->done = on_answer;
	creds_fetch_header(f, "Accept", STR("application/json"));
	if (token.n)
		creds_fetch_header(f, "Authorization", token);
	creds_fetch_go(f);
}
