/* The security token service: a role for a web identity's token, a role for another key. */
#include "base/num.h"
#include "net/awsxml.h"
#include "net/creds_aws_impl.h"
#include "wire/sigv4.h"

enum { MESSAGE_SHOWN = 160, TOKEN_BYTES_MAX = 20000 };

static void add(struct buf *b, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_addf(b, "&%s=", name);
	url_encode(b, value, "");
}

static void begin_form(struct creds_aws *c, struct buf *b, const char *action, const struct aws_role *role)
{
	struct str session = role->session;
	if (!session.n)
		session = str_c(arena_fmt(&c->work, "gate-%s",
					  num_s((uint64_t)(c->o.clock.wall_ms(c->o.clock.ctx) / 1000))));
	buf_init(b, 128 * 1024);
	buf_addf(b, "Action=%s&Version=2011-06-15", action);
	add(b, "RoleArn", role->arn);
	add(b, "RoleSessionName", session);
	add(b, "ExternalId", role->external_id);
	if (role->duration_s)
		add(b, "DurationSeconds", str_c(num_s((uint64_t)role->duration_s)));
}

/* "Code: message" of an error, as far as it can be shown. */
static const char *refusal(struct creds_aws *c, int status, struct str xml)
{
	struct str code = awsxml_get(xml, "Code", &c->work), text = awsxml_get(xml, "Message", &c->work);
	if (!creds_aws_printable(code))
		return arena_fmt(&c->work, "STS answered %d", status);
	return arena_fmt(&c->work, "STS answered %d %.*s: %.*s", status, STR_ARGS(str_sub(code, 0, 60)),
			 STR_ARGS(str_sub(text, 0, MESSAGE_SHOWN)));
}

static struct str host_of(struct creds_aws *c)
{
	struct url u = { .host = { .p = NULL } };
	struct err ignored = ERR_INIT;
	(void)!url_parse(&u, c->fetch.req.url, &c->work, &ignored);
	return u.host;
}

/* Refused, and its clock is another: once more by that one. */
static bool again_by_its_clock(struct creds_aws *c, int status)
{
	const struct aws_role *role = c->step.assumed;
	struct str host = host_of(c);
	if ((status != 400 && status != 403) || !role || c->step.skewed || !c->fetch.date_ms ||
	    !creds_aws_skew(c, host, c->fetch.date_ms, creds_aws_time(c, host)))
		return false;
	c->step.skewed = true;
	creds_sts_assume(c, role, &c->step.with);
	return true;
}

static void on_answer(struct creds_aws *c, int status, struct str xml, const char *why)
{
	struct aws_key k = { .expires_ms = 0 };
	if (status != 200 && again_by_its_clock(c, status))
		return;
	if (status != 200) {
		creds_aws_failed(c, "%s", status ? refusal(c, status, xml) : why);
		return;
	}
	k.id = creds_aws_secret(c, awsxml_get(xml, "AccessKeyId", &c->work));
	k.secret = creds_aws_secret(c, awsxml_get(xml, "SecretAccessKey", &c->work));
	k.token = creds_aws_secret(c, awsxml_get(xml, "SessionToken", &c->work));
	if (!k.id.n || !k.secret.n || !k.token.n ||
	    !clock_parse(awsxml_get(xml, "Expiration", &c->work), &k.expires_ms))
		creds_aws_failed(c, "the answer of STS has no complete credentials");
	else
		creds_aws_got(c, &k);
}

/* Where nothing says a region: one of the partition that the role belongs to. */
static struct str usual_region(struct str arn)
{
	return str_starts(arn, STR("arn:aws-cn:"))     ? STR("cn-north-1") :
	       str_starts(arn, STR("arn:aws-us-gov:")) ? STR("us-gov-west-1") :
	       str_starts(arn, STR("arn:aws-eusc:"))   ? STR("eusc-de-east-1") :
							 STR("us-east-1");
}

/* False after creds_aws_failed: no place to ask. */
static bool aim(struct creds_aws *c, struct buf *form, struct str arn)
{
	struct err err = ERR_INIT;
	struct str base;
	if (!c->place.region.n)
		c->place.region = usual_region(arn);
	if (awshost_url(&base, &c->place, AWS_STS, &c->work, &err)) {
		creds_aws_failed(c, "%s", err.msg);
		return false;
	}
	struct creds_fetch *f =
		creds_fetch_new(c, "POST", str_c(arena_fmt(&c->work, "%.*s/", STR_ARGS(base))));
	f->req.body = arena_str(&c->work, buf_str(form));
	f->done = on_answer;
	creds_fetch_header(f, "Content-Type", STR("application/x-www-form-urlencoded; charset=utf-8"));
	return true;
}

void creds_sts_web(struct creds_aws *c)
{
	struct str token;
	struct buf form;
	if (!creds_aws_file(c, c->chain.token_file, &token))
		return;
	if (!creds_aws_printable(token) || token.n > TOKEN_BYTES_MAX) {
		creds_aws_failed(c, "'%.*s' holds no token", STR_ARGS(str_sub(c->chain.token_file, 0, 120)));
		return;
	}
	begin_form(c, &form, "AssumeRoleWithWebIdentity", &c->chain.web);
	add(&form, "WebIdentityToken", token);
	if (aim(c, &form, c->chain.web.arn))
		creds_fetch_go(&c->fetch);
	secret_wipe(form.p, form.n);
	buf_release(&form);
}

/* Signed once for its few tries: they end long before five minutes are over. */
static bool sign(struct creds_aws *c, const struct aws_key *with)
{
	struct sigv4 s;
	struct err err = ERR_INIT;
	struct sigv4_key key = { .id = with->id, .secret = { with->secret }, .token = { with->token } };
	struct sigv4_scope scope = {
		.service = "sts",
		.region = arena_cstr(&c->work, c->place.region),
		.wall_ms = creds_aws_time(c, host_of(c)),
	};
	if (sigv4_sign(&s, &c->fetch.req, &key, &scope, &c->work, &err)) {
		creds_aws_failed(c, "%s", err.msg);
		return false;
	}
	for (size_t i = 0; i < s.nheader; i++)
		*vec_push(&c->fetch.req.header, &c->work) = s.header[i];
	return true;
}

void creds_sts_assume(struct creds_aws *c, const struct aws_role *role, const struct aws_key *with)
{
	struct buf form;
	struct aws_key mine = *with;
	c->step.assumed = role;
	c->step.with = mine;
	begin_form(c, &form, "AssumeRole", role);
	bool aimed = aim(c, &form, role->arn);
	buf_release(&form);
	if (aimed && sign(c, &mine))
		creds_fetch_go(&c->fetch);
}
