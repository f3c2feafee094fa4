#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "net/creds_aws_impl.h"

enum { MINUTE_MS = 60000 };
/* Before its end a key is renewed on the side, and later calls wait for it; but one just
 * fetched is taken as it is, and a failed fetch is not repeated at once. */
enum { ADVISORY_MS = 15 * MINUTE_MS, MANDATORY_MS = 5 * MINUTE_MS, YOUNG_MS = MINUTE_MS / 2 };
enum { FAILED_MS = MINUTE_MS / 4, SKEW_MS = 4 * MINUTE_MS };

static int64_t now(const struct creds_aws *c)
{
	return c->o.clock.wall_ms(c->o.clock.ctx);
}

/* --- what sources use ------------------------------------------------------------------------ */

struct str creds_aws_secret(struct creds_aws *c, struct str s)
{
	s = arena_str(&c->work, s);
	if (c->o.redactor)
		redactor_learn(c->o.redactor, s);
	return s;
}

bool creds_aws_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.n > 0;
}

bool creds_aws_file(struct creds_aws *c, struct str path, struct str *out)
{
	struct err err = ERR_INIT;
	if (fs_read_again(out, arena_cstr(&c->work, path), AWS_FILE_BYTES_MAX, &c->work, &err)) {
		creds_aws_failed(c, "%s", err.msg);
		return false;
	}
	*out = creds_aws_secret(c, str_trim(*out));
	return true;
}

const char *creds_aws_read(struct creds_aws *c, struct str text, const char *token_name,
			   struct aws_key *out)
{
	const char *why;
	const json_t *j = json_lenient(&c->work, text, &why);
	struct str expires = json_get_str(j, "Expiration");
	if (!json_is_object(j))
		return "the answer is no JSON object";
	*out = (struct aws_key){
		.id = creds_aws_secret(c, json_get_str(j, "AccessKeyId")),
		.secret = creds_aws_secret(c, json_get_str(j, "SecretAccessKey")),
		.token = creds_aws_secret(c, json_get_str(j, token_name)),
	};
	if (!out->id.n || !out->secret.n)
		return "the answer has no AccessKeyId and SecretAccessKey";
	if (expires.n && !clock_parse(expires, &out->expires_ms))
		return "the answer's Expiration is no time";
	return NULL;
}

/* --- the ends of a fetch ------------------------------------------------------------------------- */

static void tell(struct creds_aws *c)
{
	struct creds_aws_wait *w = c->waiting;
	c->waiting = NULL;
	c->waiting_end = &c->waiting;
	while (w) {
		struct creds_aws_wait *next = w->next;
		w->waiting = false;
		w->fn(w);
		w = next;
	}
}

static void finish(struct creds_aws *c)
{
	creds_fetch_cancel(&c->fetch);
	c->fetch = (struct creds_fetch){ .c = NULL };
	secret_wipe(c->out.p, c->out.n);
	buf_release(&c->out);
	c->busy = false;
	tell(c);
}

void creds_aws_failed(struct creds_aws *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vfmt(&c->work, fmt, ap);
	va_end(ap);
	const char *tried = c->chain.tried ? c->chain.tried : "";
	const char *name = c->chain.name ? c->chain.name : "";
	text = arena_fmt(c->o.arena, "no AWS credentials (fork?): %s%s%s%s%s", tried, *tried ? "; " : "",
			 name, *name ? ": " : "", text);
	c->why = arena_cstr(c->o.arena, redact(c->o.redactor, str_c(text), c->o.arena));
	c->failed_ms = now(c);
	finish(c);
}

static struct str kept(struct creds_aws *c, struct str s)
{
	if (!s.n)
		return (struct str){ .p = NULL };
	s = arena_str(c->o.arena, s);
	if (c->o.redactor)
		redactor_learn(c->o.redactor, s);
	return s;
}

static void install(struct creds_aws *c, const struct aws_key *k)
{
	c->key = (struct aws_key){ .id = kept(c, k->id), .secret = kept(c, k->secret),
				   .token = kept(c, k->token), .expires_ms = k->expires_ms };
	c->got_ms = now(c);
	c->spent = false;
	c->why = NULL;
	finish(c);
}

/* The source's clock said when it ends; by ours that is another time where the two differ. */
static int64_t by_our_clock(const struct creds_aws *c, int64_t expires_ms)
{
	int64_t off = c->fetch.c && c->fetch.date_ms ? now(c) - c->fetch.date_ms : 0;
	return expires_ms && (off > SKEW_MS || off < -SKEW_MS) ? expires_ms + off : expires_ms;
}

/* The part that could be no header and is no key; NULL: none. */
static const char *unprintable(const struct aws_key *k)
{
	if (!creds_aws_printable(k->id))
		return "access key id";
	if (!creds_aws_printable(k->secret))
		return "secret access key";
	return k->token.n && !creds_aws_printable(k->token) ? "session token" : NULL;
}

void creds_aws_got(struct creds_aws *c, const struct aws_key *k)
{
	struct aws_key mine = *k;
	mine.expires_ms = by_our_clock(c, k->expires_ms);
	const char *bad = unprintable(k);
	if (bad)
		creds_aws_failed(c, "its %s holds white space or control bytes; copy it once more", bad);
	else if (mine.expires_ms && mine.expires_ms <= now(c))
		creds_aws_failed(c, "the credentials have expired");
	else if (c->role < c->chain.nrole)
		creds_sts_assume(c, &c->chain.role[c->role++], &mine);
	else
		install(c, &mine);
}

/* --- a fetch ----------------------------------------------------------------------------------------- */

static void lasting(struct creds_aws *c)
{
	struct aws_key k = c->chain.key;
	k.id = creds_aws_secret(c, k.id);
	k.secret = creds_aws_secret(c, k.secret);
	k.token = creds_aws_secret(c, k.token);
	creds_aws_got(c, &k);
}

static void ask_source(struct creds_aws *c)
{
	switch (c->chain.source) {
	case AWS_SOURCE_KEY:
		lasting(c);
		return;
	case AWS_SOURCE_WEB:
		creds_sts_web(c);
		return;
	case AWS_SOURCE_SSO:
		creds_sso_start(c);
		return;
	case AWS_SOURCE_PROCESS:
		creds_process_start(c);
		return;
	case AWS_SOURCE_CONTAINER:
		creds_container_start(c);
		return;
	case AWS_SOURCE_IMDS:
		creds_imds_start(c);
		return;
	}
}

static void load_place(struct creds_aws *c, struct err *err)
{
	if (awsconf_region(&c->conf, &c->place.region, err))
		return;
	struct str region = c->place.region;
	if (!awsconf_place(&c->conf, &c->place, err))
		c->place.region = region;
}

/* The files are read anew at each fetch: they may have changed, and token files do. */
static void fetch(struct loop_task *t)
{
	struct creds_aws *c = t->ctx;
	struct err err = ERR_INIT;
	arena_release(&c->work);
	c->work = (struct arena)ARENA_INIT;
	c->chain = (struct aws_chain){ .tried = "" };
	c->role = 0;
	memset(&c->step, 0, sizeof(c->step));
	buf_init(&c->out, CREDS_ANSWER_MAX);
	awsconf_load(&c->conf, c->o.getenv, c->o.getenv_ctx, &c->work);
	load_place(c, &err);
	if (err.kind == ERR_NONE)
		(void)!aws_chain_find(&c->chain, &c->conf, &err);
	if (err.kind == ERR_NONE)
		ask_source(c);
	else
		creds_aws_failed(c, "%s", err.msg);
}

static void begin(struct creds_aws *c)
{
	if (c->busy)
		return;
	c->busy = true;
	c->start = (struct loop_task){ .fn = fetch, .ctx = c };
	loop_post(c->o.loop, &c->start);
}

/* --- public -------------------------------------------------------------------------------------------- */

struct creds_aws *creds_aws_new(const struct creds_aws_opts *o)
{
	struct creds_aws *c = arena_new(o->arena, struct creds_aws);
	c->o = *o;
	c->waiting_end = &c->waiting;
	struct err ignored = ERR_INIT; /* told by the fetch that needs it */
	awsconf_load(&c->conf, o->getenv, o->getenv_ctx, &c->work);
	struct aws_place own;
	if (!awsconf_place(&c->conf, &own, &ignored))
		for (size_t i = 0; i < AWS_SERVICES; i++)
			c->own_url[i] = arena_str(o->arena, own.url[i]);
	return c;
}

void creds_aws_free(struct creds_aws *c)
{
	if (!c)
		return;
	creds_fetch_cancel(&c->fetch);
	if (c->o.child && c->child.slot)
		child_cancel(c->o.child, &c->child);
	loop_unpost(c->o.loop, &c->start);
	secret_wipe(c->out.p, c->out.n);
	buf_release(&c->out);
	arena_release(&c->work);
}

static bool is_valid(const struct creds_aws *c, int64_t at)
{
	return c->key.id.n && !c->spent && (!c->key.expires_ms || c->key.expires_ms > at);
}

const struct aws_key *creds_aws_key(struct creds_aws *c, const char **why)
{
	int64_t at = now(c);
	bool valid = is_valid(c, at);
	bool resting = (c->why && at - c->failed_ms < FAILED_MS && at >= c->failed_ms) ||
		       (valid && at - c->got_ms < YOUNG_MS && at >= c->got_ms);
	int64_t left = c->key.expires_ms ? c->key.expires_ms - at : INT64_MAX;
	*why = NULL;
	if (valid && (left > ADVISORY_MS || resting))
		return &c->key;
	if (!valid && c->why && resting) {
		*why = c->why;
		return NULL;
	}
	begin(c);
	return valid && left > MANDATORY_MS ? &c->key : NULL;
}

void creds_aws_wait(struct creds_aws *c, struct creds_aws_wait *w)
{
	w->next = NULL;
	w->waiting = true;
	*c->waiting_end = w;
	c->waiting_end = &w->next;
	begin(c);
}

void creds_aws_unwait(struct creds_aws *c, struct creds_aws_wait *w)
{
	struct creds_aws_wait **at = &c->waiting;
	if (!w->waiting)
		return;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (!w->next)
		c->waiting_end = at;
	w->waiting = false;
}

bool creds_aws_expired(struct creds_aws *c, struct str id)
{
	if (!str_eq(c->key.id, id))
		return true; /* renewed since */
	if (c->chain.source == AWS_SOURCE_KEY && !c->chain.nrole && str_eqc(str_c(c->chain.name), "the environment"))
		return false;
	c->spent = true;
	return true;
}

/* --- clocks and endpoints -------------------------------------------------------------------------------- */

int64_t creds_aws_time(const struct creds_aws *c, struct str host)
{
	for (size_t i = 0; i < c->skew.n; i++)
		if (str_eq(c->skew.v[i].host, host))
			return now(c) + c->skew.v[i].offset_ms;
	return now(c);
}

static void set_offset(struct creds_aws *c, struct str host, int64_t offset_ms)
{
	for (size_t i = 0; i < c->skew.n; i++)
		if (str_eq(c->skew.v[i].host, host)) {
			c->skew.v[i].offset_ms = offset_ms;
			return;
		}
	*vec_push(&c->skew, c->o.arena) = (struct creds_skew){ arena_str(c->o.arena, host), offset_ms };
}

static bool is_off(int64_t a, int64_t b)
{
	return a - b >= SKEW_MS || b - a >= SKEW_MS;
}

bool creds_aws_skew(struct creds_aws *c, struct str host, int64_t wall_ms, int64_t stamp_ms)
{
	if (is_off(wall_ms, creds_aws_time(c, host)))
		set_offset(c, host, wall_ms - now(c));
	return is_off(wall_ms, stamp_ms);
}

bool creds_aws_is_endpoint(const struct creds_aws *c, const struct url *u)
{
	struct arena a = ARENA_INIT;
	bool found = false;
	for (size_t i = 0; i < AWS_SERVICES && !found; i++) {
		struct err ignored = ERR_INIT;
		struct url own;
		if (c->own_url[i].n && !url_parse(&own, c->own_url[i], &a, &ignored))
			found = own.tls == u->tls && own.port == u->port && str_eq(own.host, u->host);
	}
	arena_release(&a);
	return found;
}
