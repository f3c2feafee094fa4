#include "net/http_sign.h"

#include "net/creds_aws.h"
#include "net/retry.h"

/* --- waiting for a key ------------------------------------------------------------------------- */

void http_sign_cancel(struct http_xfer *x)
{
	if (!x->wait.waiting)
		return;
	creds_aws_unwait(x->http->o.creds->aws, &x->wait);
	loop_timer_clear(x->http->o.loop, &x->wait_end);
}

static void end(struct http_xfer *x, enum http_end how, const char *why)
{
	x->end = how;
	x->why = why;
	x->end_ns = loop_now(x->http->o.loop);
	x->on_done(x);
}

void http_sign_refused(struct http_xfer *x, const struct err *err)
{
	struct str why = redact(x->http->o.redactor, str_c(err->msg), x->arena);
	end(x, HTTP_DENIED, arena_cstr(x->arena, why));
}

static void on_key(struct creds_aws_wait *w)
{
	struct http_xfer *x = w->ctx;
	struct err err = ERR_INIT;
	loop_timer_clear(x->http->o.loop, &x->wait_end);
	if (http_start(x->http, x, &err))
		http_sign_refused(x, &err);
}

static void on_wait_end(struct loop_timer *t)
{
	struct http_xfer *x = t->ctx;
	http_sign_cancel(x);
	x->no_key = true;
	end(x, HTTP_DEADLINE, "no AWS credentials before the call's deadline");
}

static int wait_for_key(struct http_xfer *x)
{
	x->wait = (struct creds_aws_wait){ .fn = on_key, .ctx = x };
	creds_aws_wait(x->http->o.creds->aws, &x->wait);
	if (x->deadline_ns) {
		x->wait_end = (struct loop_timer){ .fn = on_wait_end, .ctx = x };
		loop_timer_set(x->http->o.loop, &x->wait_end, x->deadline_ns);
	}
	return HTTP_WAITS;
}

/* --- signing ------------------------------------------------------------------------------------- */

int http_sign(struct http_xfer *x, const struct url *u, struct http_auth *auth, struct err *err)
{
	const char *why;
	struct creds_aws *aws = x->http->o.creds->aws;
	const struct aws_key *k = creds_aws_key(aws, &why);
	if (!k && why)
		return err_set(err, ERR_TRUST, "%s", why);
	if (!k)
		return wait_for_key(x);
	struct sigv4_key key = { .id = k->id, .secret = { k->secret }, .token = { k->token } };
	struct sigv4_scope scope = {
		.service = x->req->service,
		.region = x->req->region,
		.wall_ms = creds_aws_time(aws, u->host),
	};
	if (sigv4_sign(&auth->aws, x->req, &key, &scope, x->arena, err))
		return -1;
	auth->key_id = k->id;
	auth->stamp_ms = scope.wall_ms;
	return HTTP_SIGNED;
}

/* --- what a refusal says ---------------------------------------------------------------------------- */

static bool is_one_of(struct str type, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqc(type, list[i]))
			return true;
	return false;
}

/* "ThrottlingException:http://…" and "aws.x#Throttling…" name the same. */
static struct str error_type(const struct wire_status *st)
{
	struct str s = str_trim(wire_header_get(st, "x-amzn-errortype"));
	ptrdiff_t colon = str_chr(s, ':', 0);
	s = str_sub(s, 0, colon < 0 ? s.n : (size_t)colon);
	ptrdiff_t hash = str_chr(s, '#', 0);
	return hash < 0 ? s : str_sub(s, (size_t)hash + 1, s.n);
}

/* Some services say why only in the body: then the Date alone must tell. */
static bool blames_clock(struct str type)
{
	static const char *const types[] = {
		"RequestTimeTooSkewed", "RequestTimeTooSkewedException", "RequestExpired",
		"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
	};
	return !type.n || is_one_of(type, types, ARRAY_LEN(types));
}

bool http_sign_resend(struct http_slot *s, const struct wire_status *st)
{
	static const char *const expired[] = { "ExpiredToken", "ExpiredTokenException" };
	struct http_xfer *x = s->x;
	struct creds_aws *aws = s->http->o.creds->aws;
	struct str type = error_type(st);
	int64_t at = retry_date_ms(st);
	if (st->code != 400 && st->code != 401 && st->code != 403)
		return false;
	if (!x->renewed && is_one_of(type, expired, ARRAY_LEN(expired)))
		return x->renewed = creds_aws_expired(aws, s->signed_id);
	if (x->skewed || !at || !blames_clock(type))
		return false;
	return x->skewed = creds_aws_skew(aws, s->signed_host, at, s->signed_ms);
}
