/* IAM Identity Center: the access token that `aws sso login` left in its cache, renewed where it can be,
 * exchanged for the role's key. */
#include "base/fs.h"
#include "base/limits.h"
#include "crypto/sha1.h"
#include "doc/jsonx.h"
#include "net/creds_aws_impl.h"

#include <fcntl.h>
#include <unistd.h>

enum { EARLY_MS = 60000 };

#define LOGIN "run `aws sso login`"

static const char *cache_path(struct creds_aws *c)
{
	const struct aws_chain *h = &c->chain;
	char name[SHA1_HEX];
	sha1_hex(h->sso_session.n ? h->sso_session : h->sso_url, name);
	return arena_fmt(&c->work, "%s/.aws/sso/cache/%s.json", c->conf.home ? c->conf.home : "", name);
}

static bool base_url(struct creds_aws *c, enum aws_service service, struct str *out)
{
	struct aws_place place = c->place;
	struct err err = ERR_INIT;
	place.region = c->chain.sso_region;
	if (!awshost_url(out, &place, service, &c->work, &err))
		return true;
	creds_aws_failed(c, "%s", err.msg);
	return false;
}

/* --- the role's key ------------------------------------------------------------------------------- */

static void on_key(struct creds_aws *c, int status, struct str body, const char *why)
{
	const char *ignored;
	if (status == 401 || status == 403) {
		creds_aws_failed(c, "the SSO portal answered %d; " LOGIN, status);
		return;
	}
	if (status != 200) {
		creds_aws_failed(c, "%s", status ? arena_fmt(&c->work, "the SSO portal answered %d", status) : why);
		return;
	}
	const json_t *j = json_object_get(json_lenient(&c->work, body, &ignored), "roleCredentials");
	const json_t *expires = json_object_get(j, "expiration");
	struct aws_key k = {
		.id = creds_aws_secret(c, json_get_str(j, "accessKeyId")),
		.secret = creds_aws_secret(c, json_get_str(j, "secretAccessKey")),
		.token = creds_aws_secret(c, json_get_str(j, "sessionToken")),
		.expires_ms = json_integer_value(expires),
	};
	if (!k.id.n || !k.secret.n || !json_is_integer(expires))
		creds_aws_failed(c, "the answer of the SSO portal has no credentials");
	else
		creds_aws_got(c, &k);
}

static void ask_portal(struct creds_aws *c)
{
	struct str base;
	struct buf b;
	if (!base_url(c, AWS_SSO, &base))
		return;
	buf_init(&b, 64 * KIB);
	buf_addf(&b, "%.*s/federation/credentials?role_name=", STR_ARGS(base));
	url_encode(&b, c->chain.sso_role, "");
	buf_adds(&b, "&account_id=");
	url_encode(&b, c->chain.sso_account, "");
	struct creds_fetch *f = creds_fetch_new(c, "GET", buf_str(&b));
	buf_release(&b);
	f->done = on_key;
	creds_fetch_header(f, "x-amz-sso_bearer_token", c->step.token);
	creds_fetch_header(f, "Accept", STR("application/json"));
	creds_fetch_go(f);
}

/* --- renewing the token ---------------------------------------------------------------------------- */

/* As AWS's tools do, since the old refresh token may be worth nothing now; readable to nobody else. */
static void write_cache(struct creds_aws *c, const json_t *cache)
{
	const char *path = cache_path(c);
	char *tmp = arena_fmt(&c->work, "%s.XX" "XX" "XX", path);
	struct buf b;
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return;
	buf_init(&b, CREDS_ANSWER_MAX * 2);
	json_write(&b, cache);
	int bad = fs_write_all(fd, buf_str(&b));
	close(fd);
	if (bad || rename(tmp, path))
		unlink(tmp);
	secret_wipe(b.p, b.n);
	buf_release(&b);
}

static void set_text(json_t *cache, const char *key, struct str value)
{
	if (value.n)
		json_object_set_new(cache, key, json_from_str(value));
}

static void on_token(struct creds_aws *c, int status, struct str body, const char *why)
{
	const char *ignored;
	char when[CLOCK_TEXT];
	struct str text;
	if (status != 200) {
		creds_aws_failed(c, "its token cannot be renewed (%s); " LOGIN,
				 status ? arena_fmt(&c->work, "%d", status) : why);
		return;
	}
	const json_t *j = json_lenient(&c->work, body, &ignored);
	int64_t seconds = json_integer_value(json_object_get(j, "expiresIn"));
	c->step.token = creds_aws_secret(c, json_get_str(j, "accessToken"));
	struct str refresh = creds_aws_secret(c, json_get_str(j, "refreshToken"));
	if (!creds_aws_printable(c->step.token) || seconds <= 0 || seconds > 366 * 86400) {
		creds_aws_failed(c, "its token cannot be renewed (no token in the answer); " LOGIN);
		return;
	}
	if (!creds_aws_file(c, str_c(cache_path(c)), &text))
		return;
	json_t *cache = (json_t *)(uintptr_t)json_lenient(&c->work, text, &ignored);
	set_text(cache, "accessToken", c->step.token);
	set_text(cache, "refreshToken", refresh);
	set_text(cache, "expiresAt",
		 str_c(clock_rfc3339((c->o.clock.wall_ms(c->o.clock.ctx) / 1000 + seconds) * 1000, when)));
	if (json_is_object(cache))
		write_cache(c, cache);
	ask_portal(c);
}

/* Older tools wrote "…UTC" for "…Z". */
static bool read_time(struct creds_aws *c, struct str s, int64_t *out)
{
	if (str_ends(s, STR("UTC")))
		s = str_c(arena_fmt(&c->work, "%.*sZ", STR_ARGS(str_sub(s, 0, s.n - 3))));
	return clock_parse(s, out);
}

static void add_member(struct buf *b, const char *key, struct str value)
{
	buf_addf(b, "%s\"%s\":", b->n > 1 ? "," : "", key);
	buf_add_json(b, value);
}

static void renew(struct creds_aws *c, const json_t *cache)
{
	struct str id = json_get_str(cache, "clientId"), secret = json_get_str(cache, "clientSecret");
	struct str refresh = json_get_str(cache, "refreshToken"), base;
	int64_t until;
	bool known = read_time(c, json_get_str(cache, "registrationExpiresAt"), &until);
	if (!c->chain.sso_session.n || !id.n || !secret.n || !refresh.n ||
	    (known && until <= c->o.clock.wall_ms(c->o.clock.ctx))) {
		creds_aws_failed(c, "its token has expired; " LOGIN);
		return;
	}
	if (!base_url(c, AWS_OIDC, &base))
		return;
	struct creds_fetch *f =
		creds_fetch_new(c, "POST", str_c(arena_fmt(&c->work, "%.*s/token", STR_ARGS(base))));
	struct buf b;
	buf_init(&b, CREDS_ANSWER_MAX * 2);
	buf_addc(&b, '{');
	add_member(&b, "clientId", id);
	add_member(&b, "clientSecret", creds_aws_secret(c, secret));
	add_member(&b, "grantType", STR("refresh_token"));
	add_member(&b, "refreshToken", creds_aws_secret(c, refresh));
	buf_addc(&b, '}');
	f->req.body = arena_str(&c->work, buf_str(&b));
	secret_wipe(b.p, b.n);
	buf_release(&b);
	f->done = on_token;
	creds_fetch_header(f, "Content-Type", STR("application/json"));
	creds_fetch_go(f);
}

void creds_sso_start(struct creds_aws *c)
{
	const char *path = cache_path(c), *why;
	struct str text;
	int64_t until;
	if (access(path, F_OK)) {
		creds_aws_failed(c, "nobody has logged in here; " LOGIN);
		return;
	}
	if (!creds_aws_file(c, str_c(path), &text))
		return;
	const json_t *cache = json_lenient(&c->work, text, &why);
	c->step.token = creds_aws_secret(c, json_get_str(cache, "accessToken"));
	if (!creds_aws_printable(c->step.token) || !read_time(c, json_get_str(cache, "expiresAt"), &until)) {
		creds_aws_failed(c, "its cached token makes no sense; " LOGIN);
		return;
	}
	if (until - EARLY_MS > c->o.clock.wall_ms(c->o.clock.ctx))
		ask_portal(c);
	else
		renew(c, cache);
}
