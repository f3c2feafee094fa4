#include "serve_aws.h"

#include "base/clock.h"
#include "base/num.h"
#include "doc/jsonx.h"
#include "wire/sigv4.h"

#include <stdio.h>
#include <stdlib.h>

#define ROLES "/latest/meta-data/iam/security-credentials/"
#define TOKEN "CANARYimds/token"

static int64_t now_ms(const struct aws_rules *r)
{
	struct clock c = clock_system();
	return c.wall_ms(c.ctx) + r->offset_s * 1000;
}

void aws_rules_read(struct aws_rules *r, const json_t *aws)
{
	const json_t *lifetime = json_object_get(aws, "lifetime_s");
	r->verify = json_is_true(json_object_get(aws, "verify"));
	r->offset_s = json_integer_value(json_object_get(aws, "offset_s"));
	r->lifetime_s = lifetime ? json_integer_value(lifetime) : 3600;
	r->expired_below = json_integer_value(json_object_get(aws, "expired_below"));
}

struct str aws_header(struct str head, const char *name)
{
	struct str line;
	size_t n = strlen(name);
	while (str_line(&head, &line))
		if (line.n > n && str_ieq(str_sub(line, 0, n), str_c(name)))
			return str_trim(str_sub(line, n, line.n));
	return (struct str){ .p = NULL };
}

bool aws_path(struct str path)
{
	static const char *const begins[] = { "/sts", "/latest/", "/container", "/sso/", "/oidc/" };
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (str_starts(path, str_c(begins[i])))
			return true;
	return false;
}

/* --- answers ------------------------------------------------------------------------------------ */

static void respond(struct plan *p, const struct aws_rules *r, int status, const char *type, const char *text)
{
	char date[64], line[128];
	time_t at = (time_t)(now_ms(r) / 1000);
	struct tm tm;
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
	snprintf(line, sizeof(line), "Date: %s\r\n", date);
	plan_head(p, status, type, line, (int64_t)strlen(text));
	plan_body(p, str_c(text));
}

static void refuse(struct plan *p, const struct aws_rules *r, struct arena *a, int status, const char *type,
		   const char *message)
{
	char date[64];
	time_t at = (time_t)(now_ms(r) / 1000);
	struct tm tm;
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &tm));
	const char *lines = arena_fmt(a, "Date: %s\r\nx-amzn-ErrorType: %s:http://internal/\r\n", date, type);
	const char *body = arena_fmt(a, "{\"message\":\"%s\"}", message);
	plan_head(p, status, "application/json", lines, (int64_t)strlen(body));
	plan_body(p, str_c(body));
}

static void sts_error(struct plan *p, const struct aws_rules *r, struct arena *a, const char *code)
{
	respond(p, r, 403, "text/xml",
		arena_fmt(a, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>no &amp; no</Message>"
			     "</Error></ErrorResponse>", code));
}

static bool has(struct str s, const char *part)
{
	return str_find(s, str_c(part), 0) >= 0;
}

static const char *expiry(struct aws_rules *r, char out[CLOCK_TEXT])
{
	return clock_rfc3339(now_ms(r) + r->lifetime_s * 1000, out);
}

static const char *next_id(struct aws_rules *r, struct arena *a, const char *source)
{
	r->served++;
	return arena_fmt(a, "ASIA%s%lld", source, (long long)r->served);
}

static void sts(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a)
{
	char until[CLOCK_TEXT];
	bool web = has(q->body, "Action=AssumeRoleWithWebIdentity&");
	if (!web && !has(q->body, "Action=AssumeRole&")) {
		sts_error(p, r, a, "InvalidAction");
		return;
	}
	if (web && (!has(q->body, "&WebIdentityToken=CANARYweb") || aws_header(q->head, "authorization:").n)) {
		sts_error(p, r, a, "InvalidIdentityToken");
		return;
	}
	if (!web && !aws_admits(p, r, q, a))
		return;
	if (has(q->body, "denied") || !has(q->body, "&RoleSessionName=")) {
		sts_error(p, r, a, "AccessDenied");
		return;
	}
	const char *id = next_id(r, a, web ? "WEB" : "ROLE");
	respond(p, r, 200, "text/xml",
		arena_fmt(a, "<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Result><Credentials>"
			     "<SessionToken>CANARYtoken/%s</SessionToken><SecretAccessKey>CANARYsecret/%s"
			     "</SecretAccessKey><Expiration>%s</Expiration><AccessKeyId>%s</AccessKeyId>"
			     "</Credentials></Result></R>", id, id, expiry(r, until), id));
}

static const char *key_json(struct aws_rules *r, struct arena *a, const char *source, const char *more)
{
	char until[CLOCK_TEXT];
	const char *id = next_id(r, a, source);
	return arena_fmt(a, "{%s\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"CANARYsecret/%s\",\"Token\":"
			    "\"CANARYtoken/%s\",\"Expiration\":\"%s\"}", more, id, id, id, expiry(r, until));
}

static void imds(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a)
{
	if (str_eqc(q->path, "/latest/api/token")) {
		bool ok = str_eqc(q->method, "PUT") &&
			  aws_header(q->head, "x-aws-ec2-metadata-token-ttl-seconds:").n;
		respond(p, r, ok ? 200 : 400, "text/plain", ok ? TOKEN : "");
		return;
	}
	if (!str_eqc(aws_header(q->head, "x-aws-ec2-metadata-token:"), TOKEN))
		respond(p, r, 401, "text/plain", "");
	else if (str_eqc(q->path, ROLES))
		respond(p, r, 200, "text/plain", "my-role\n");
	else if (str_eqc(q->path, ROLES "my-role"))
		respond(p, r, 200, "text/plain", key_json(r, a, "IMDS", "\"Code\":\"Success\","));
	else
		respond(p, r, 404, "text/plain", "");
}

static void sso(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a)
{
	struct str token = aws_header(q->head, "x-amz-sso_bearer_token:");
	if (!str_eqc(q->path, "/sso/federation/credentials?role_name=Tester&account_id=123456789012") ||
	    !str_starts(token, STR("CANARYsso"))) {
		respond(p, r, 401, "application/json", "{\"message\":\"Session token not found or invalid\"}");
		return;
	}
	const char *id = next_id(r, a, "SSO");
	respond(p, r, 200, "application/json",
		arena_fmt(a, "{\"roleCredentials\":{\"accessKeyId\":\"%s\",\"secretAccessKey\":\"CANARYsecret/%s\","
			     "\"sessionToken\":\"CANARYtoken/%s\",\"expiration\":%lld}}", id, id, id,
			  (long long)(now_ms(r) + r->lifetime_s * 1000)));
}

static void oidc(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a)
{
	const char *why;
	const json_t *j = json_lenient(a, q->body, &why);
	bool ok = str_eqc(json_get_str(j, "grantType"), "refresh_token") &&
		  str_starts(json_get_str(j, "refreshToken"), STR("CANARYrefresh")) &&
		  str_starts(json_get_str(j, "clientSecret"), STR("CANARYclient"));
	respond(p, r, ok ? 200 : 400, "application/json",
		ok ? "{\"accessToken\":\"CANARYsso/renewed\",\"expiresIn\":3600,\"refreshToken\":\"CANARYrefresh/2\"}" :
		     "{\"error\":\"invalid_grant\"}");
}

void aws_answer(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a)
{
	if (str_starts(q->path, STR("/sts"))) {
		sts(p, r, q, a);
	} else if (str_starts(q->path, STR("/latest/"))) {
		imds(p, r, q, a);
	} else if (str_starts(q->path, STR("/sso/"))) {
		sso(p, r, q, a);
	} else if (str_starts(q->path, STR("/oidc/"))) {
		oidc(p, r, q, a);
	} else {
		bool ok = str_starts(aws_header(q->head, "authorization:"), STR("CANARYcontainer"));
		respond(p, r, ok ? 200 : 401, "application/json", ok ? key_json(r, a, "CONTAINER", "") : "{}");
	}
}

/* --- signatures ------------------------------------------------------------------------------------- */

/* The value behind `name` up to a comma. */
static struct str field(struct str s, const char *name)
{
	ptrdiff_t at = str_find(s, str_c(name), 0);
	if (at < 0)
		return (struct str){ .p = NULL };
	s = str_sub(s, (size_t)at + strlen(name), s.n);
	ptrdiff_t comma = str_chr(s, ',', 0);
	return str_sub(s, 0, comma < 0 ? s.n : (size_t)comma);
}

static bool time_of(struct str s, struct arena *a, int64_t *out)
{
	if (s.n != 16)
		return false;
	const char *p = s.p;
	return clock_parse(str_c(arena_fmt(a, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", p, p + 4, p + 6, p + 9, p + 11,
					   p + 13)), out);
}

static void signed_headers(struct wire_req *req, struct str head, struct str names, struct arena *a)
{
	struct str name;
	while (str_cut(&names, ';', &name)) {
		if (str_eqc(name, "host") || str_eqc(name, "x-amz-date") || str_eqc(name, "x-amz-security-token"))
			continue;
		struct str value = aws_header(head, arena_fmt(a, "%.*s:", STR_ARGS(name)));
		*vec_push(&req->header, a) = (struct wire_header){ name, value };
	}
}

static bool matches(const struct aws_request *q, struct str auth, struct str id, int64_t at, struct arena *a)
{
	struct str scope = field(auth, "Credential="), part[5] = { { .p = NULL } };
	struct sigv4 s;
	struct err err = ERR_INIT;
	for (int i = 0; i < 5; i++)
		if (!str_cut(&scope, '/', &part[i]))
			return false;
	struct str host = aws_header(q->head, "host:"), token = aws_header(q->head, "x-amz-security-token:");
	struct wire_req req = {
		.method = arena_cstr(a, q->method),
		.url = str_c(arena_fmt(a, "http://%.*s%.*s", STR_ARGS(host), STR_ARGS(q->path))),
		.body = q->body,
	};
	signed_headers(&req, q->head, field(auth, "SignedHeaders="), a);
	struct str secret = str_c(arena_fmt(a, "CANARYsecret/%.*s", STR_ARGS(id)));
	struct sigv4_key key = { .id = id, .secret = { secret }, .token = { token } };
	struct sigv4_scope where = { .service = arena_cstr(a, part[3]), .region = arena_cstr(a, part[2]),
				     .wall_ms = at };
	return !sigv4_sign(&s, &req, &key, &where, a, &err) && str_eqc(field(auth, "Signature="), s.signature);
}

bool aws_admits(struct plan *p, struct aws_rules *r, const struct aws_request *q, struct arena *a)
{
	struct str auth = aws_header(q->head, "authorization:");
	struct str token = aws_header(q->head, "x-amz-security-token:");
	struct str id = field(auth, "Credential="), rest = id;
	int64_t at, serial;
	str_cut(&rest, '/', &id);
	if (!r->verify || str_starts(auth, STR("Bearer CANARYbearer")))
		return true;
	if (!id.n || !time_of(aws_header(q->head, "x-amz-date:"), a, &at)) {
		refuse(p, r, a, 403, "MissingAuthenticationTokenException", "Missing Authentication Token");
		return false;
	}
	if (at - now_ms(r) > 300000 || now_ms(r) - at > 300000) {
		refuse(p, r, a, 403, "InvalidSignatureException", "Signature expired or not yet current");
		return false;
	}
	bool temporary = str_starts(id, STR("ASIA"));
	if ((temporary && !str_eqc(token, arena_fmt(a, "CANARYtoken/%.*s", STR_ARGS(id)))) ||
	    !matches(q, auth, id, at, a)) {
		refuse(p, r, a, 403, "InvalidSignatureException", "The request signature does not match");
		return false;
	}
	size_t digits = id.n;
	while (digits && id.p[digits - 1] >= '0' && id.p[digits - 1] <= '9')
		digits--;
	if (temporary && num_parse_i64(str_sub(id, digits, id.n), &serial) && serial < r->expired_below) {
		refuse(p, r, a, 403, "ExpiredTokenException", "The security token included in the request is expired");
		return false;
	}
	return true;
}
