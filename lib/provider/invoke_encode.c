#include "provider/invoke_encode.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/anthropic_encode.h"
#include "provider/bedrock_common.h"
#include "provider/converse_encode.h"

static const struct {
	const char *part;
	enum invoke_family family;
} families[] = {
	{ "anthropic.", INVOKE_ANTHROPIC },
	{ "amazon.nova-", INVOKE_NOVA },
	{ "meta.llama", INVOKE_LLAMA },
	{ "mistral.", INVOKE_MISTRAL },
};

/* "us.anthropic.claude-…", or the last part of an ARN that ends in such an id. */
enum invoke_family invoke_family_of(struct str model)
{
	size_t from = 0;
	for (size_t i = 0; i < model.n; i++)
		if (model.p[i] == '/')
			from = i + 1;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		ptrdiff_t at = str_find(model, str_c(families[i].part), from);
		/* At the start, or after the region of an inference profile. */
		if (at == (ptrdiff_t)from || (at > (ptrdiff_t)from && model.p[at - 1] == '.' &&
					      str_chr(model, '.', from) == at - 1))
			return families[i].family;
	}
	return INVOKE_NONE;
}

bool invoke_wanted(const struct endpoint *e)
{
	return str_eqc(json_get_str(e->config, "api"), "invoke");
}

/* --- bodies --------------------------------------------------------------------------------- */

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

/* Put a member where there is one. */
static void put(json_t *o, const char *key, const json_t *value)
{
	if (value)
		set(o, key, json_incref((json_t *)(uintptr_t)value));
}

/* Messages of Anthropic; the version stands where the model's name was. */
static json_t *anthropic(const struct call *c, struct arena *a, struct err *err)
{
	struct endpoint whole = *c->endpoint;
	struct call call = *c;
	struct str text;
	const char *why;
	whole.stream = false;
	call.endpoint = &whole;
	if (anthropic_body(&text, &call, a, err))
		return NULL;
	json_t *o = (json_t *)(uintptr_t)json_lenient(a, text, &why);
	json_object_del(o, "model");
	set(o, "anthropic_version", json_string("bedrock-2023-05-31"));
	put(o, "anthropic_beta", json_object_get(c->endpoint->config, "betas"));
	return o;
}

static json_t *stop_list(const json_t *stop)
{
	if (!stop || json_is_array(stop))
		return json_incref((json_t *)(uintptr_t)stop);
	return json_pack("[O]", stop);
}

/* Nova's own form is Converse's but for a few names. */
static json_t *nova(const struct call *c, struct arena *a)
{
	const struct endpoint *e = c->endpoint;
	const char *why;
	struct buf b;
	struct jsonw w = { .out = &b };
	buf_init(&b, REQUEST_BYTES_MAX);
	jsonw_open(&w, NULL, '{');
	jsonw_text(&w, "schemaVersion", "messages-v1");
	converse_messages(&w, c, true);
	converse_system(&w, c, true);
	converse_tools(&w, e);
	jsonw_close(&w, '}');
	json_t *o = (json_t *)(uintptr_t)json_lenient(a, buf_str(&b), &why), *inference = json_object();
	buf_release(&b);
	put(inference, "maxTokens", converse_param(e->params, "max_tokens"));
	put(inference, "temperature", converse_param(e->params, "temperature"));
	put(inference, "topP", converse_param(e->params, "top_p"));
	if (converse_param(e->params, "stop"))
		set(inference, "stopSequences", stop_list(converse_param(e->params, "stop")));
	if (json_object_size(inference))
		set(o, "inferenceConfig", inference);
	else
		json_decref(inference);
	return o;
}

/* Llama's and Mistral's take one text, in which the prompt's author writes the marks of the model's format. */
static json_t *plain(const struct call *c, enum invoke_family f, struct arena *a, struct err *err)
{
	const json_t *params = c->endpoint->params;
	if (c->nmessage != 1 || c->message[0].role != ROLE_USER) {
		err_set(err, ERR_ARTIFACT, "with `api: invoke` a %s model takes one text, so its prompt must be one user "
					   "message; Converse takes whole chats", f == INVOKE_LLAMA ? "Llama" : "Mistral");
		return NULL;
	}
	json_t *o = arena_json(a, json_object());
	set(o, "prompt", json_from_str(c->message[0].text));
	put(o, f == INVOKE_LLAMA ? "max_gen_len" : "max_tokens", converse_param(params, "max_tokens"));
	put(o, "temperature", converse_param(params, "temperature"));
	put(o, "top_p", converse_param(params, "top_p"));
	if (f == INVOKE_MISTRAL && converse_param(params, "stop"))
		set(o, "stop", stop_list(converse_param(params, "stop")));
	return o;
}

static json_t *native(const struct call *c, struct arena *a, struct err *err)
{
	enum invoke_family f = invoke_family_of(c->endpoint->model);
	const json_t *more = converse_param(c->endpoint->params, "additional_model_request_fields");
	json_t *o = f == INVOKE_ANTHROPIC ? anthropic(c, a, err) :
		    f == INVOKE_NOVA	  ? nova(c, a) :
					    plain(c, f, a, err);
	if (!o)
		return NULL;
	if (more && f != INVOKE_ANTHROPIC)
		json_object_update_recursive(o, (json_t *)(uintptr_t)more);
	struct str mode = json_get_str(json_object_get(c->endpoint->config, "guardrail"), "stream_mode");
	if (mode.n && c->endpoint->stream)
		set(o, "amazon-bedrock-guardrailConfig",
		    json_pack("{s:s}", "streamProcessingMode", str_eqc(mode, "async") ? "ASYNCHRONOUS" : "SYNCHRONOUS"));
	return o;
}

/* --- headers -------------------------------------------------------------------------------- */

static struct str upper(struct str s, struct arena *a)
{
	char *p = arena_cstr(a, s);
	for (char *c = p; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - ('a' - 'A'));
	return str_c(p);
}

static void guardrail_headers(struct wire_req *out, const struct endpoint *e, struct arena *a)
{
	const json_t *g = json_object_get(e->config, "guardrail"), *version = json_object_get(g, "version");
	struct str trace = json_get_str(g, "trace");
	if (!json_is_object(g))
		return;
	bedrock_header(out, a, "X-Amzn-Bedrock-GuardrailIdentifier", json_get_str(g, "id"));
	bedrock_header(out, a, "X-Amzn-Bedrock-GuardrailVersion", json_is_string(version) ? json_str(version) :
		       str_c(arena_fmt(a, "%lld", (long long)json_integer_value(version))));
	bedrock_header(out, a, "X-Amzn-Bedrock-Trace", upper(trace.n ? trace : STR("enabled"), a));
}

static void metadata_header(struct wire_req *out, const struct endpoint *e, struct arena *a)
{
	struct buf text;
	if (!json_object_size(e->metadata))
		return;
	buf_init(&text, KIB);
	json_write(&text, e->metadata);
	bedrock_header(out, a, "X-Amzn-Bedrock-Request-Metadata", arena_str(a, buf_str(&text)));
	buf_release(&text);
}

int invoke_encode(struct wire_req *out, const struct call *c, struct arena *a, struct err *err)
{
	const struct endpoint *e = c->endpoint;
	const json_t *model = json_object_get(e->config, "model"), *body = native(c, a, err);
	struct buf path, *b = bedrock_body_new(a);
	if (!body)
		return -1;
	buf_init(&path, SIGV4_URL_MAX);
	buf_adds(&path, "/model/");
	bedrock_path_add(&path, e->model);
	buf_adds(&path, e->stream ? "/invoke-with-response-stream" : "/invoke");
	int bad = bedrock_request(out, e, AWS_BEDROCK_RUNTIME, "POST", buf_str(&path), a, err);
	buf_release(&path);
	if (bad)
		return -1;
	json_write(b, body);
	bedrock_header(out, a, e->stream ? "X-Amzn-Bedrock-Accept" : "Accept", STR("application/json"));
	guardrail_headers(out, e, a);
	bedrock_header(out, a, "X-Amzn-Bedrock-PerformanceConfig-Latency", json_get_str(model, "latency"));
	bedrock_header(out, a, "X-Amzn-Bedrock-Service-Tier", json_get_str(model, "tier"));
	metadata_header(out, e, a);
	return bedrock_body(out, b, err);
}

/* --- checks --------------------------------------------------------------------------------- */

static int check_plain(const struct endpoint *e, enum invoke_family f, const char **member, struct err *err)
{
	static const char *const none[] = { "tools", "cache", "structured_output" };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (json_object_get(e->config, *member = none[i]))
			return err_set(err, ERR_ARTIFACT, "with `api: invoke` this model family has no '%s'; Converse has", none[i]);
	*member = "params";
	if (f == INVOKE_LLAMA && converse_param(e->params, "stop"))
		return err_set(err, ERR_ARTIFACT, "params: with `api: invoke` a Llama model has no 'stop'; Converse has");
	return 0;
}

int invoke_check(const struct endpoint *e, const char **member, struct err *err)
{
	enum invoke_family f = invoke_family_of(e->model);
	*member = "model";
	if (f == INVOKE_NONE)
		return err_set(err, ERR_ARTIFACT, "`api: invoke` speaks the own form of Claude, Nova, Llama and Mistral models, "
						  "told by the model's id; for '%.*s' use `api: converse`",
			       STR_ARGS(str_sub(e->model, 0, 120)));
	*member = "prompt_variables";
	if (json_object_get(e->config, *member))
		return err_set(err, ERR_ARTIFACT, "'prompt_variables' are for a prompt of Prompt management, and the model is "
						  "none");
	*member = "guardrail";
	if (!e->stream && json_object_get(json_object_get(e->config, *member), "stream_mode"))
		return err_set(err, ERR_ARTIFACT, "the guardrail's stream_mode is for streams, and the target has `stream: false`");
	if (f == INVOKE_ANTHROPIC)
		return anthropic_check(e, member, err);
	*member = "params";
	if (converse_param(e->params, "effort") || converse_param(e->params, "additional_model_response_field_paths"))
		return err_set(err, ERR_ARTIFACT, "params: 'effort' and 'additional_model_response_field_paths' are Converse's");
	if (f != INVOKE_NOVA && check_plain(e, f, member, err))
		return -1;
	*member = "structured_output";
	if (json_object_get(e->config, *member))
		return err_set(err, ERR_ARTIFACT, "with `api: invoke` this model family has no 'structured_output'; Converse has");
	return converse_check(e, member, err);
}
