#include "wire/sigv4.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "wire/sigv4_canon.h"

#include <string.h>

#define ALGORITHM "AWS4-HMAC-SHA256"

enum { YYYYMMDD = 8, STAMP_TEXT = sizeof("20150830T123600Z"), SCOPE_PART_MAX = 64 };

/* 1 January of the year 10000: the stamp has four digits for the year. */
static const int64_t wall_end_ms = 253402300800000;

static bool made_of(struct str s, const char *also)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || (!strchr(alnum, s.p[i]) && !strchr(also, s.p[i])))
			return false;
	return s.n > 0;
}

static bool visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

/* No value is shown: who swaps two variables must not read one of them in a log. */
static int check_key(const struct sigv4_key *key, struct err *err)
{
	if (!made_of(key->id, "-._~") || key->id.n > SIGV4_KEY_MAX)
		return err_set(err, ERR_TRUST, "the AWS access key id is none: expected letters, digits, "
					       "'-', '.', '_' or '~'");
	if (!visible(key->secret.value) || key->secret.value.n > SIGV4_KEY_MAX)
		return err_set(err, ERR_TRUST, "the AWS secret access key is none: it is empty, too long "
					       "or has white space inside");
	if (key->token.value.p &&
	    (!visible(key->token.value) || key->token.value.n > SIGV4_TOKEN_MAX))
		return err_set(err, ERR_TRUST, "the AWS session token is none: it is empty, too long or "
					       "has white space inside");
	return 0;
}

static bool scope_part_ok(const char *s)
{
	struct str part = str_c(s);
	return part.n <= SCOPE_PART_MAX && made_of(part, "-_.");
}

static int check_scope(const struct sigv4_scope *scope, struct err *err)
{
	if (!scope_part_ok(scope->service))
		return err_set(err, ERR_BUG, "no AWS signing name");
	if (!scope_part_ok(scope->region))
		return err_set(err, ERR_USAGE, "the AWS region for '%s' is none: expected a name such as "
					       "'us-east-1'",
			       scope->service);
	if (scope->wall_ms < 0 || scope->wall_ms >= wall_end_ms)
		return err_set(err, ERR_SYSTEM, "the clock is outside the years 1970 to 9999");
	return 0;
}

static struct str hash_hex(struct str bytes, struct arena *a)
{
	struct digest d;
	char hex[DIGEST_HEX];
	sha256(&d, bytes);
	return arena_str(a, str_c(digest_hex(&d, hex)));
}

/* 2015-08-30T12:36:00.000Z without what stands between the digits. */
static struct str stamp(int64_t wall_ms, struct arena *a)
{
	char text[CLOCK_TEXT], *p = arena_alloc(a, STAMP_TEXT);
	size_t n = 0;
	clock_rfc3339(wall_ms, text);
	for (size_t i = 0; text[i] && text[i] != '.'; i++)
		if (text[i] != '-' && text[i] != ':')
			p[n++] = text[i];
	p[n++] = 'Z';
	return (struct str){ .p = p, .n = n };
}

static struct str digest_bytes(const struct digest *d)
{
	return (struct str){ .p = (const char *)d->b, .n = DIGEST_BYTES };
}

static void sign(char out[DIGEST_HEX], struct str to_sign, struct str day, struct str secret,
		 const struct sigv4_scope *scope)
{
	struct digest d;
	char first[sizeof("AWS4") + SIGV4_KEY_MAX];
	memcpy(first, "AWS4", 4);
	memcpy(first + 4, secret.p, secret.n);
	hmac_sha256(&d, (struct str){ .p = first, .n = 4 + secret.n }, day);
	secret_wipe(first, sizeof(first));
	hmac_sha256(&d, digest_bytes(&d), str_c(scope->region));
	hmac_sha256(&d, digest_bytes(&d), str_c(scope->service));
	hmac_sha256(&d, digest_bytes(&d), STR("aws4_request"));
	hmac_sha256(&d, digest_bytes(&d), to_sign);
	digest_hex(&d, out);
}

static void put(struct sigv4 *out, const char *name, struct str value)
{
	out->header[out->nheader++] = (struct wire_header){ .name = str_c(name), .value = value };
}

/* The headers to send but Authorization; the token last, so that it can be left unsigned. */
static void put_signed(struct sigv4 *out, struct str time, struct str body_hash,
		       const struct sigv4_key *key, unsigned flags)
{
	put(out, "X-Amz-Date", time);
	if (flags & SIGV4_BODY_HEADER)
		put(out, "X-Amz-Content-Sha256", body_hash);
	if (key->token.value.p)
		put(out, "X-Amz-Security-Token", key->token.value);
}

int sigv4_sign(struct sigv4 *out, const struct wire_req *req, const struct sigv4_key *key,
	       const struct sigv4_scope *scope, struct arena *a, struct err *err)
{
	struct sigv4 s = { .nheader = 0 };
	if (check_key(key, err) || check_scope(scope, err))
		return -1;
	struct str time = stamp(scope->wall_ms, a), day = str_sub(time, 0, YYYYMMDD);
	const char *place = arena_fmt(a, "%.*s/%s/%s/aws4_request", STR_ARGS(day), scope->region,
				      scope->service);
	struct sigv4_canon c = { .req = req, .flags = scope->flags, .body_hash = hash_hex(req->body, a) };
	put_signed(&s, time, c.body_hash, key, scope->flags);
	bool late = key->token.value.p && scope->flags & SIGV4_TOKEN_LATE;
	c.added = s.header;
	c.nadded = s.nheader - late;
	if (sigv4_canonical(&c, a, err))
		return -1;
	s.canonical = c.text;
	s.to_sign = str_c(arena_fmt(a, ALGORITHM "\n%.*s\n%s\n%.*s", STR_ARGS(time), place,
				    STR_ARGS(hash_hex(c.text, a))));
	sign(s.signature, s.to_sign, day, key->secret.value, scope);
	put(&s, "Authorization",
	    str_c(arena_fmt(a, ALGORITHM " Credential=%.*s/%s, SignedHeaders=%.*s, Signature=%s",
			    STR_ARGS(key->id), place, STR_ARGS(c.signed_names), s.signature)));
	*out = s;
	return 0;
}
