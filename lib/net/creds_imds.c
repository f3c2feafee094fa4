/* Instance metadata, version 2 only: a token, the role's name, its key.  Off EC2 nothing answers, and
 * one second tells. */
#include "doc/jsonx.h"
#include "net/creds_aws_impl.h"

enum { TIMEOUT_MS = 1000 };

#define ROLES "/latest/meta-data/iam/security-credentials/"

static bool disabled(const struct creds_aws *c)
{
	return str_ieq(awsconf_env(&c->conf, "AWS_EC2_METADATA_DISABLED"), STR("true"));
}

/* The operator may move it, but to the machine itself or another address of the service. */
static bool base_url(struct creds_aws *c, struct str *out)
{
	struct err err = ERR_INIT;
	struct url u;
	struct str own = awsconf_env(&c->conf, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	struct str mode = awsconf_env(&c->conf, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	*out = str_ieq(mode, STR("ipv6")) ? STR("http://[fd00:ec2::254]") : STR("http://169.254.169.254");
	if (!own.n)
		return true;
	while (own.n && own.p[own.n - 1] == '/')
		own.n--;
	*out = own;
	if (!url_parse(&u, own, &c->work, &err) &&
	    (url_host_net(u.host) == URL_NET_LOOPBACK || str_eqc(u.host, "169.254.169.254") ||
	     str_eqc(u.host, "fd00:ec2::254")))
		return true;
	creds_aws_failed(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no address of this machine or the service");
	return false;
}

static struct creds_fetch *ask(struct creds_aws *c, const char *method, const char *path,
			       void (*done)(struct creds_aws *c, int status, struct str body, const char *why))
{
	struct str base;
	if (!base_url(c, &base))
		return NULL;
	struct creds_fetch *f = creds_fetch_new(
		c, method, str_c(arena_fmt(&c->work, "%.*s%s", STR_ARGS(base), path)));
	f->door = (struct hosts_grant){ .private_ok = true, .link_local_ok = true, .no_proxy = true };
	f->timeout_ms = TIMEOUT_MS;
	f->tries = 1;
	f->done = done;
	if (c->step.token.n)
		creds_fetch_header(f, "x-aws-ec2-metadata-token", c->step.token);
	return f;
}

static void on_key(struct creds_aws *c, int status, struct str body, const char *why)
{
	struct aws_key k;
	const char *ignored;
	struct str code = json_get_str(json_lenient(&c->work, body, &ignored), "Code");
	if (status != 200)
		creds_aws_failed(c, "%s", status ? arena_fmt(&c->work, "the role's key: %d", status) : why);
	else if (code.n && !str_eqc(code, "Success"))
		creds_aws_failed(c, "the role's key: %.*s", STR_ARGS(str_sub(code, 0, 60)));
	else if ((why = creds_aws_read(c, body, "Token", &k)))
		creds_aws_failed(c, "%s", why);
	else
		creds_aws_got(c, &k);
}

static bool is_role(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] > 0x7e || strchr("/?#%\\", s.p[i]))
			return false;
	return s.n > 0;
}

static void on_role(struct creds_aws *c, int status, struct str body, const char *why)
{
	struct str line, rest = str_trim(body);
	if (status != 200) {
		creds_aws_failed(c, "%s", status == 404 ? "this instance has no role" :
					  status	? arena_fmt(&c->work, "the role's name: %d", status) :
							  why);
		return;
	}
	if (!str_line(&rest, &line) || !is_role(str_trim(line))) {
		creds_aws_failed(c, "the role's name makes no sense");
		return;
	}
	const char *path = arena_fmt(&c->work, ROLES "%.*s", STR_ARGS(str_trim(line)));
	struct creds_fetch *f = ask(c, "GET", path, on_key);
	if (f)
		creds_fetch_go(f);
}

static void on_token(struct creds_aws *c, int status, struct str body, const char *why)
{
	struct str token = creds_aws_secret(c, str_trim(body));
	if (status != 200) {
		creds_aws_failed(c, "no token (IMDSv2): %s", status ? arena_fmt(&c->work, "%d", status) : why);
		return;
	}
	if (!creds_aws_printable(token)) {
		creds_aws_failed(c, "its token makes no sense");
		return;
	}
	c->step.token = token;
	struct creds_fetch *f = ask(c, "GET", ROLES, on_role);
	if (f)
		creds_fetch_go(f);
}

void creds_imds_start(struct creds_aws *c)
{
	if (disabled(c)) {
		creds_aws_failed(c, "off by AWS_EC2_METADATA_DISABLED");
		return;
	}
	struct creds_fetch *f = ask(c, "PUT", "/latest/api/token", on_token);
	if (!f)
		return;
	creds_fetch_header(f, "x-aws-ec2-metadata-token-ttl-seconds", STR("21600"));
	creds_fetch_go(f);
}
