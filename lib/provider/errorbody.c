#include "provider/errorbody.h"

#include "doc/jsonx.h"
#include "wire/wire.h"

static bool is_filter(struct str s)
{
	return str_eqc(s, "content_filter") || str_eqc(s, "ResponsibleAIPolicyViolation");
}

/* Anthropic says so in words alone. */
static bool is_filter_text(struct str message)
{
	return str_find(message, STR("blocked by content filtering policy"), 0) >= 0;
}

static struct str first_of(const json_t *o, const char *const *keys)
{
	struct str s = { .p = NULL };
	for (; *keys && !s.p; keys++)
		s = json_get_str(o, *keys);
	return s;
}

struct error_body error_body_of(const json_t *json)
{
	static const char *const message_keys[] = { "message", "detail", "title", "msg", NULL };
	struct error_body e = { .message = { .p = NULL } };
	const json_t *o = json_object_get(json, "error");
	if (json_is_string(o)) {
		e.message = json_str(o);
		return e;
	}
	if (!json_is_object(o))
		o = json;
	e.message = first_of(o, message_keys);
	e.type = json_get_str(o, "type");
	e.code = json_get_str(o, "code");
	const json_t *inner = json_object_get(o, "innererror");
	e.content_filter = is_filter(e.code) || is_filter(json_get_str(inner, "code")) ||
			   is_filter_text(e.message);
	e.filter_results = json_object_get(inner, "content_filter_result");
	if (!e.filter_results)
		e.filter_results = json_object_get(inner, "content_filter_results");
	e.quota = str_eqc(e.code, "insufficient_quota") || str_eqc(e.type, "insufficient_quota");
	return e;
}

/* Where the status does not say: inside of an answer there is none. */
static enum fail kind_of_type(struct str type)
{
	static const struct {
		const char *type;
		enum fail fail;
	} table[] = {
		{ "authentication_error", FAIL_AUTH },
		{ "permission_error", FAIL_AUTH },
		{ "not_found_error", FAIL_NOT_FOUND },
		{ "rate_limit_error", FAIL_RATE_LIMITED },
		{ "invalid_request_error", FAIL_REQUEST_REFUSED },
		{ "request_too_large", FAIL_REQUEST_REFUSED },
		{ "billing_error", FAIL_REQUEST_REFUSED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqc(type, table[i].type))
			return table[i].fail;
	return FAIL_SERVER;
}

static enum fail kind_of(int status, const struct error_body *e)
{
	if (status == 401 || status == 403)
		return FAIL_AUTH;
	if (status == 404)
		return FAIL_NOT_FOUND;
	if (status == 429 || e->quota || str_eqc(e->code, "rate_limit_exceeded"))
		return FAIL_RATE_LIMITED;
	if (status >= 300 && status < 500 && !wire_code_retryable(status))
		return FAIL_REQUEST_REFUSED;
	return kind_of_type(e->type);
}

static const char *remedy(int status, const struct error_body *e)
{
	if (e->quota)
		return " (the account's quota is spent)";
	switch (status) {
	case 401:
		return " (the key is missing, wrong or revoked; for a host of your own bind one in the "
		       "policy's trust.credentials)";
	case 403:
		return " (the key may not use this model or host)";
	case 404:
		return " (no such model or path; check the target's model and URL)";
	default:
		return status >= 300 && status < 400 ? " (redirects are not followed; write the "
						       "final address into the target)" :
						       "";
	}
}

void error_body_fail(struct reply *r, int status, const struct error_body *e, bool retryable)
{
	enum fail kind = kind_of(status, e);
	struct str code = e->code.n ? e->code : e->type;
	const char *open = code.n ? " " : "";
	struct str message = e->message; /* whole: a secret cut in half escapes the redactor */
	const char *colon = message.n ? ": " : "";
	if (e->quota || kind == FAIL_AUTH || kind == FAIL_NOT_FOUND || kind == FAIL_REQUEST_REFUSED)
		retryable = false;
	if (status)
		reply_fail(r, kind, retryable, "HTTP %d%s%.*s%s%.*s%s", status, open,
			   STR_ARGS(code), colon, STR_ARGS(message), remedy(status, e));
	else
		reply_fail(r, kind, retryable, "error inside an answer of status 200%s%.*s%s%.*s",
			   open, STR_ARGS(code), colon, STR_ARGS(message));
}
