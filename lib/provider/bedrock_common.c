#include "provider/bedrock_common.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "wire/url.h"

enum { WORD_MAX = 64 };

/* --- requests ------------------------------------------------------------------------------- */

static void release(void *p)
{
	buf_release(p);
}

struct buf *bedrock_body_new(struct arena *a)
{
	struct buf *b = arena_new(a, struct buf);
	buf_init(b, REQUEST_BYTES_MAX);
	arena_defer(a, release, b);
	return b;
}

int bedrock_body(struct wire_req *out, const struct buf *b, struct err *err)
{
	out->body = buf_str(b);
	return b->over ? err_set(err, ERR_ARTIFACT, "the request is larger than %zu bytes", REQUEST_BYTES_MAX) : 0;
}

void bedrock_path_add(struct buf *path, struct str label)
{
	url_encode(path, label, "");
}

void bedrock_header(struct wire_req *out, struct arena *a, const char *name, struct str value)
{
	if (value.n)
		*vec_push(&out->header, a) = (struct wire_header){ str_c(name), value };
}

int bedrock_request(struct wire_req *out, const struct endpoint *e, enum aws_service service, const char *method,
		    struct str path, struct arena *a, struct err *err)
{
	struct str base;
	if (!e->aws || !e->aws->region.n)
		return err_set(err, ERR_ARTIFACT, "target '%s' has no AWS region; set `model: {region: …}`, or AWS_REGION "
						  "where gate runs", e->name ? e->name : "");
	if (awshost_url(&base, e->aws, service, a, err))
		return -1;
	*out = (struct wire_req){
		.method = method,
		.url = str_c(arena_fmt(a, "%.*s%.*s", STR_ARGS(base), STR_ARGS(path))),
		.auth = WIRE_AUTH_SIGV4,
		.auth_env = awshost_takes_bearer(service) ? "AWS_BEARER_TOKEN_BEDROCK" : NULL,
		.service = awshost_signing_name(service),
		.region = arena_cstr(a, e->aws->region),
	};
	if (strcmp(method, "GET") != 0)
		bedrock_header(out, a, "Content-Type", STR("application/json"));
	return 0;
}

/* --- errors --------------------------------------------------------------------------------- */

struct known {
	const char *name; /* without "Exception" */
	enum fail fail;
	bool retryable;
	const char *remedy;
};

static const struct known table[] = {
	{ "Throttling", FAIL_RATE_LIMITED, true, "" },
	{ "Throttled", FAIL_RATE_LIMITED, true, "" },
	{ "TooManyRequests", FAIL_RATE_LIMITED, true, "" },
	{ "ServiceQuotaExceeded", FAIL_RATE_LIMITED, false, "a quota of the account is spent; Service Quotas shows it" },
	{ "ModelNotReady", FAIL_SERVER, true, "" },
	{ "ServiceUnavailable", FAIL_SERVER, true, "" },
	{ "InternalServer", FAIL_SERVER, true, "" },
	{ "InternalFailure", FAIL_SERVER, true, "" },
	{ "InternalError", FAIL_SERVER, true, "" },
	{ "BadGateway", FAIL_SERVER, true, "" },
	{ "ModelTimeout", FAIL_SERVER, true, "" },
	{ "RequestTimeout", FAIL_SERVER, true, "" },
	{ "DependencyFailed", FAIL_SERVER, true, "" },
	{ "RetryableConflict", FAIL_SERVER, true, "" },
	{ "ModelError", FAIL_SERVER, false, "" },
	{ "ModelStreamError", FAIL_SERVER, false, "" },
	{ "RuntimeClientError", FAIL_SERVER, false, "the agent's own code failed" },
	{ "AccessDenied", FAIL_AUTH, false, "the role or key may not do this; docs/providers/bedrock.md lists the permissions" },
	{ "MPAgreementBeingCreated", FAIL_AUTH, false, "access to the model is being set up; run again in 15 minutes" },
	{ "Unauthorized", FAIL_AUTH, false, "" },
	{ "UnrecognizedClient", FAIL_AUTH, false, "the access key is unknown or its session token is missing" },
	{ "InvalidClientTokenId", FAIL_AUTH, false, "the access key is unknown" },
	{ "MissingAuthenticationToken", FAIL_AUTH, false, "" },
	{ "InvalidSignature", FAIL_AUTH, false, "the secret key is wrong, or this machine's clock" },
	{ "SignatureDoesNotMatch", FAIL_AUTH, false, "the secret key is wrong, or this machine's clock" },
	{ "IncompleteSignature", FAIL_AUTH, false, "" },
	{ "ExpiredToken", FAIL_AUTH, false, "the session's credentials have expired" },
	{ "RequestExpired", FAIL_AUTH, false, "this machine's clock is wrong" },
	{ "RequestTimeTooSkewed", FAIL_AUTH, false, "this machine's clock is wrong" },
	{ "ResourceNotFound", FAIL_NOT_FOUND, false, "no such model or resource in this region; check the id and the region" },
	{ "UnknownOperation", FAIL_NOT_FOUND, false, "" },
	{ "FTUFormNotFilled", FAIL_NOT_FOUND, false, "Anthropic's models want the use case form, once per account, in the "
						      "Bedrock console" },
	{ "Validation", FAIL_REQUEST_REFUSED, false, "" },
	{ "Serialization", FAIL_REQUEST_REFUSED, false, "" },
	{ "Conflict", FAIL_REQUEST_REFUSED, false, "" },
};

/* "com.amazon.x#ThrottlingException:http://…/" → "Throttling". */
static struct str bare_name(struct str s)
{
	ptrdiff_t hash = str_chr(s, '#', 0);
	if (hash >= 0)
		s = str_sub(s, (size_t)hash + 1, s.n);
	ptrdiff_t colon = str_chr(s, ':', 0);
	if (colon >= 0)
		s = str_sub(s, 0, (size_t)colon);
	s = str_trim(s);
	return str_ends(s, STR("Exception")) ? str_sub(s, 0, s.n - 9) : s;
}

static struct known by_status(int status)
{
	struct known k = { .remedy = "" };
	k.retryable = wire_code_retryable(status);
	k.fail = status == 401 || status == 403		    ? FAIL_AUTH :
		 status == 404				    ? FAIL_NOT_FOUND :
		 status == 429				    ? FAIL_RATE_LIMITED :
		 status >= 300 && status < 500 && !k.retryable ? FAIL_REQUEST_REFUSED :
							      FAIL_SERVER;
	if (status >= 300 && status < 400)
		k.remedy = "redirects are not followed";
	return k;
}

/* In a stream AWS writes the same names with a small letter.  A 409 may be tried again even where the
 * name does not say so. */
static struct known classify(int status, struct str type)
{
	struct str name = bare_name(type);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_ieq(name, str_c(table[i].name)))
			return table[i].fail == FAIL_REQUEST_REFUSED && status == 409 ? by_status(status) : table[i];
	return by_status(status);
}

static struct str message_of(const json_t *body)
{
	static const char *const keys[] = { "message", "Message", "errorMessage", "originalMessage" };
	struct str s = { .p = NULL };
	for (size_t i = 0; i < ARRAY_LEN(keys) && !s.n; i++)
		s = json_get_str(body, keys[i]);
	return s;
}

/* What the model's own server said, where AWS tells it: its 429 and 5xx may pass. */
static bool original_passes(const json_t *body)
{
	const json_t *j = json_object_get(body, "originalStatusCode");
	int64_t code = json_integer_value(j);
	return json_is_integer(j) && code >= 100 && code < 600 && wire_code_retryable((int)code);
}

void bedrock_fail(struct reply *r, int status, struct str type, const json_t *body, bool begun)
{
	if (!type.n)
		type = json_get_str(body, "__type");
	if (!type.n)
		type = json_get_str(body, "code");
	struct known k = classify(status, type);
	struct str name = bare_name(type), message = message_of(body);
	const char *tail = type.n && name.n < type.n && str_find(type, STR("Exception"), 0) >= 0 ? "Exception" : "";
	const char *colon = message.n ? ": " : "", *open = *k.remedy ? " (" : "", *close = *k.remedy ? ")" : "";
	bool retryable = !begun && (k.retryable || (k.fail == FAIL_SERVER && original_passes(body)));
	if (status)
		reply_fail(r, k.fail, retryable, "HTTP %d%s%.*s%s%s%.*s%s%s%s", status, name.n ? " " : "", STR_ARGS(name),
			   tail, colon, STR_ARGS(message), open, k.remedy, close);
	else
		reply_fail(r, k.fail, retryable, "error inside an answer of status 200%s%.*s%s%s%.*s%s%s%s",
			   name.n ? ": " : "", STR_ARGS(name), tail, colon, STR_ARGS(message), open, k.remedy, close);
}

/* --- words ---------------------------------------------------------------------------------- */

struct str bedrock_word(struct arena *a, struct str s)
{
	char word[WORD_MAX];
	size_t n = s.n < WORD_MAX ? s.n : WORD_MAX;
	for (size_t i = 0; i < n; i++) {
		char c = s.p[i];
		word[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c == '_' ? '-' : c);
	}
	return arena_str(a, (struct str){ .p = word, .n = n });
}
