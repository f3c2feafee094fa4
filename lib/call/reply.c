#include "call/reply.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonx.h"

#include <stdarg.h>
#include <stdint.h>

static const char *const finishes[] = {
	[FINISH_NONE] = "",
	[FINISH_STOP] = "stop",
	[FINISH_LENGTH] = "length",
	[FINISH_TOOL] = "tool-calls",
	[FINISH_BLOCKED] = "blocked",
	[FINISH_REFUSED] = "refused",
	[FINISH_OTHER] = "other",
};

static const char *const fails[FAIL_COUNT] = {
	[FAIL_NONE] = "none",
	[FAIL_AUTH] = "auth",
	[FAIL_NOT_FOUND] = "not-found",
	[FAIL_REQUEST_REFUSED] = "request-refused",
	[FAIL_RATE_LIMITED] = "rate-limited",
	[FAIL_SERVER] = "server",
	[FAIL_NETWORK] = "network",
	[FAIL_DEADLINE] = "deadline",
	[FAIL_CUT] = "cut",
	[FAIL_MALFORMED] = "malformed",
	[FAIL_TOO_LARGE] = "too-large",
	[FAIL_DENIED] = "denied",
	[FAIL_NOT_CALLED] = "not-called",
	[FAIL_NO_ANSWER] = "no-answer",
};

static int find_name(const char *const *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqc(name, names[i]))
			return (int)i;
	return -1;
}

const char *finish_name(enum finish f)
{
	return finishes[f];
}

int finish_parse(struct str name)
{
	return find_name(finishes, ARRAY_LEN(finishes), name);
}

const char *fail_name(enum fail f)
{
	return fails[f];
}

int fail_parse(struct str name)
{
	return find_name(fails, FAIL_COUNT, name);
}

static void release_buf(void *p)
{
	buf_release(p);
}

void reply_init(struct reply *r, struct arena *a)
{
	*r = (struct reply){
		.arena = a,
		.usage = USAGE_UNKNOWN,
		.time = TIMES_UNKNOWN,
		.retry_after_ms = -1,
	};
	buf_init(&r->text, REPLY_BYTES_MAX);
	buf_init(&r->reasoning, REPLY_BYTES_MAX);
	arena_defer(a, release_buf, &r->text);
	arena_defer(a, release_buf, &r->reasoning);
}

void reply_reset(struct reply *r)
{
	struct buf text = r->text, reasoning = r->reasoning;
	buf_reset(&text);
	buf_reset(&reasoning);
	*r = (struct reply){
		.arena = r->arena,
		.text = text,
		.reasoning = reasoning,
		.usage = USAGE_UNKNOWN,
		.time = TIMES_UNKNOWN,
		.retry_after_ms = -1,
	};
}

void reply_fail(struct reply *r, enum fail why, bool retryable, const char *fmt, ...)
{
	if (r->fail != FAIL_NONE)
		return;
	va_list ap;
	va_start(ap, fmt);
	char *text = arena_vfmt(r->arena, fmt, ap);
	va_end(ap);
	struct str s = utf8_prefix(str_c(text), FAIL_TEXT_MAX);
	text[s.n] = '\0';
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = ' ';
	r->fail = why;
	r->retryable = retryable;
	r->fail_text = str_trim(s);
}

static void set(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(o, key, value))
		die_oom();
}

static void set_str(json_t *o, const char *key, struct str s)
{
	if (s.n)
		set(o, key, json_from_str(s));
}

static void set_count(json_t *o, const char *key, int64_t n)
{
	if (n >= 0)
		set(o, key, json_integer(n));
}

static json_t *usage_to_json(const struct usage *u)
{
	json_t *o = json_object();
	set_count(o, "in", u->in);
	set_count(o, "out", u->out);
	set_count(o, "cache_read", u->cache_read);
	set_count(o, "cache_write", u->cache_write);
	set_count(o, "reasoning", u->reasoning);
	return o;
}

/* Nanoseconds, as they were measured when the call was made. */
static json_t *times_to_json(const struct times *t)
{
	json_t *o = json_object();
	set_count(o, "ttft", t->ttft);
	set_count(o, "ttfv", t->ttfv);
	set_count(o, "latency", t->latency);
	set_count(o, "connect", t->connect);
	set_count(o, "wait", t->wait);
	return o;
}

json_t *reply_to_json(const struct reply *r)
{
	json_t *o = json_object();
	set(o, "text", json_from_str(buf_str(&r->text)));
	set_str(o, "reasoning", buf_str(&r->reasoning));
	if (r->tool_calls)
		set(o, "tool_calls", json_deep_copy(r->tool_calls));
	set_str(o, "finish", str_c(finish_name(r->finish)));
	set_str(o, "finish_raw", r->finish_raw);
	set(o, "usage", usage_to_json(&r->usage));
	set(o, "times", times_to_json(&r->time));
	set_str(o, "model", r->model);
	set_str(o, "request_id", r->request_id);
	set_count(o, "http_status", r->http_status ? r->http_status : -1);
	set_count(o, "attempts", r->attempts);
	if (r->streamed)
		set(o, "streamed", json_true());
	if (r->fail) {
		set_str(o, "fail", str_c(fail_name(r->fail)));
		set_str(o, "fail_text", r->fail_text);
	}
	return o;
}

static int64_t get_count(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	return json_is_integer(j) && json_integer_value(j) >= 0 ? json_integer_value(j) : -1;
}

static struct str get_text(const json_t *o, const char *key, struct arena *a)
{
	return arena_str(a, json_get_str(o, key));
}

static struct usage usage_from_json(const json_t *o)
{
	return (struct usage){
		.in = get_count(o, "in"),
		.out = get_count(o, "out"),
		.cache_read = get_count(o, "cache_read"),
		.cache_write = get_count(o, "cache_write"),
		.reasoning = get_count(o, "reasoning"),
	};
}

static struct times times_from_json(const json_t *o)
{
	return (struct times){
		.ttft = get_count(o, "ttft"),
		.ttfv = get_count(o, "ttfv"),
		.latency = get_count(o, "latency"),
		.connect = get_count(o, "connect"),
		.wait = get_count(o, "wait"),
	};
}

/* A name that is present must be known: a store written by another version is not guessed at. */
static int get_name(const json_t *o, const char *key, int (*parse)(struct str name), int *out)
{
	const json_t *j = json_object_get(o, key);
	int x = j ? parse(json_str(j)) : 0;
	if (x < 0)
		return -1;
	*out = x;
	return 0;
}

int reply_from_json(struct reply *r, const json_t *j, struct arena *a)
{
	int finish, fail;
	const json_t *calls = json_object_get(j, "tool_calls");
	if (!json_is_object(j) || !json_is_string(json_object_get(j, "text")) ||
	    (calls && !json_is_array(calls)) || get_name(j, "finish", finish_parse, &finish) ||
	    get_name(j, "fail", fail_parse, &fail))
		return -1;
	int64_t status = get_count(j, "http_status"), attempts = get_count(j, "attempts");
	reply_init(r, a);
	buf_add(&r->text, json_get_str(j, "text"));
	buf_add(&r->reasoning, json_get_str(j, "reasoning"));
	if (r->text.over || r->reasoning.over)
		return -1;
	if (calls)
		r->tool_calls = arena_json(a, json_deep_copy(calls));
	r->finish = (enum finish)finish;
	r->finish_raw = get_text(j, "finish_raw", a);
	r->usage = usage_from_json(json_object_get(j, "usage"));
	r->time = times_from_json(json_object_get(j, "times"));
	r->model = get_text(j, "model", a);
	r->request_id = get_text(j, "request_id", a);
	r->http_status = status > 0 && status < 1000 ? (int)status : 0;
	r->attempts = attempts > 0 && attempts < 1000 ? (unsigned)attempts : 0;
	r->streamed = json_is_true(json_object_get(j, "streamed"));
	r->fail = (enum fail)fail;
	r->fail_text = get_text(j, "fail_text", a);
	return 0;
}
