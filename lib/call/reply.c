#include "call/reply.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonw.h"
#include "doc/jsonx.h"

#include <math.h>
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
	[FAIL_PROGRAM] = "program",
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

static void scrub_buf(struct buf *b, const struct redactor *redactor, struct arena *a, bool *found)
{
	struct str clean = redact(redactor, buf_str(b), a);
	if (clean.p == buf_str(b).p)
		return;
	buf_reset(b);
	buf_add(b, clean);
	*found = true;
}

/* What stands in for a secret needs no escape, so the text stays JSON; if it were not, the value
 * is dropped rather than kept. */
static void scrub_json(struct reply *r, const json_t **value, const struct redactor *redactor)
{
	struct buf b;
	const char *why;
	if (!*value)
		return;
	buf_init(&b, REPLY_BYTES_MAX * 2);
	json_write(&b, *value);
	struct str clean = redact(redactor, buf_str(&b), r->arena);
	if (b.over || clean.p != buf_str(&b).p) {
		*value = b.over ? NULL : json_lenient(r->arena, clean, &why);
		r->scrubbed = true;
	}
	buf_release(&b);
}

void reply_scrub(struct reply *r, const struct redactor *redactor)
{
	if (!redactor || !redactor->needle.n)
		return;
	scrub_buf(&r->text, redactor, r->arena, &r->scrubbed);
	scrub_buf(&r->reasoning, redactor, r->arena, &r->scrubbed);
	scrub_json(r, &r->thinking, redactor);
	scrub_json(r, &r->tool_calls, redactor);
	scrub_json(r, &r->contexts, redactor);
	scrub_json(r, &r->trajectory, redactor);
	scrub_json(r, &r->guardrail, redactor);
	scrub_json(r, &r->detail, redactor);
	r->finish_raw = redact(redactor, r->finish_raw, r->arena);
	r->model = redact(redactor, r->model, r->arena);
	r->tier = redact(redactor, r->tier, r->arena);
	r->speed = redact(redactor, r->speed, r->arena);
	r->request_id = redact(redactor, r->request_id, r->arena);
	r->fail_text = redact(redactor, r->fail_text, r->arena);
}

int vectors_init(struct vectors *out, size_t n, size_t dim, struct arena *a)
{
	if (!n || n > VECTORS_MAX || !dim || dim > VECTOR_DIM_MAX)
		return -1;
	*out = (struct vectors){ .v = arena_array(a, float, n * dim), .n = n, .dim = dim };
	return 0;
}

int vectors_set(struct vectors *x, size_t i, const json_t *row)
{
	size_t k;
	const json_t *number;
	if (i >= x->n || json_array_size(row) != x->dim)
		return -1;
	float *to = x->v + i * x->dim;
	json_array_foreach(row, k, number) {
		to[k] = (float)json_number_value(number);
		if (!json_is_number(number) || !isfinite(to[k]))
			return -1;
	}
	return 0;
}

static void write_str(struct jsonw *w, const char *key, struct str s)
{
	if (s.n)
		jsonw_str(w, key, s);
}

static void write_count(struct jsonw *w, const char *key, int64_t n)
{
	if (n >= 0)
		jsonw_int(w, key, n);
}

static void write_usage(struct jsonw *w, const struct usage *u)
{
	jsonw_open(w, "usage", '{');
	write_count(w, "in", u->in);
	write_count(w, "out", u->out);
	write_count(w, "cache_read", u->cache_read);
	write_count(w, "cache_write", u->cache_write);
	write_count(w, "cache_write_1h", u->cache_write_1h);
	write_count(w, "reasoning", u->reasoning);
	jsonw_close(w, '}');
}

/* Nanoseconds, as they were measured when the call was made. */
static void write_times(struct jsonw *w, const struct times *t)
{
	jsonw_open(w, "times", '{');
	write_count(w, "ttft", t->ttft);
	write_count(w, "ttfv", t->ttfv);
	write_count(w, "latency", t->latency);
	write_count(w, "connect", t->connect);
	write_count(w, "wait", t->wait);
	jsonw_close(w, '}');
}

/* Nine digits give the same float back. */
static void write_vectors(struct jsonw *w, const struct vectors *x)
{
	if (!x->n)
		return;
	jsonw_open(w, "vectors", '[');
	for (size_t i = 0; i < x->n; i++) {
		jsonw_open(w, NULL, '[');
		for (size_t k = 0; k < x->dim; k++)
			buf_addf(w->out, "%s%.9g", k ? "," : "", (double)x->v[i * x->dim + k]);
		jsonw_close(w, ']');
	}
	jsonw_close(w, ']');
}

void reply_write(struct buf *out, const struct reply *r)
{
	struct jsonw w = { .out = out };
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "text", buf_str(&r->text));
	write_str(&w, "reasoning", buf_str(&r->reasoning));
	jsonw_json(&w, "thinking", r->thinking);
	jsonw_json(&w, "tool_calls", r->tool_calls);
	jsonw_json(&w, "contexts", r->contexts);
	jsonw_json(&w, "trajectory", r->trajectory);
	jsonw_json(&w, "guardrail", r->guardrail);
	jsonw_json(&w, "detail", r->detail);
	write_vectors(&w, &r->vectors);
	write_str(&w, "finish", str_c(finish_name(r->finish)));
	write_str(&w, "finish_raw", r->finish_raw);
	write_usage(&w, &r->usage);
	write_times(&w, &r->time);
	write_str(&w, "model", r->model);
	write_str(&w, "tier", r->tier);
	write_str(&w, "speed", r->speed);
	write_str(&w, "request_id", r->request_id);
	write_count(&w, "http_status", r->http_status ? r->http_status : -1);
	write_count(&w, "attempts", r->attempts);
	if (r->streamed)
		jsonw_bool(&w, "streamed", true);
	if (r->scrubbed)
		jsonw_bool(&w, "scrubbed", true);
	if (r->fail) {
		write_str(&w, "fail", str_c(fail_name(r->fail)));
		write_str(&w, "fail_text", r->fail_text);
	}
	jsonw_close(&w, '}');
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
		.cache_write_1h = get_count(o, "cache_write_1h"),
		.reasoning = get_count(o, "reasoning"),
	};
}

static struct times times_from_json(const json_t *o)
{
	return (struct times){
		.ttft = get_count(o, "ttft"),
		.ttfv = get_count(o, "ttfv"),
		.latency = get_count(o, "latency"),
		.decode = -1,
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

/* An optional member of that type; -1 when it is of another. */
static int get_json(const json_t *o, const char *key, json_type type, const json_t **out, struct arena *a)
{
	const json_t *j = json_object_get(o, key);
	if (j && json_typeof(j) != type)
		return -1;
	*out = j ? arena_json(a, json_deep_copy(j)) : NULL;
	return 0;
}

static int get_vectors(struct vectors *out, const json_t *j, struct arena *a)
{
	size_t i;
	const json_t *row;
	const json_t *list = json_object_get(j, "vectors");
	if (!list)
		return 0;
	if (!json_is_array(list) || vectors_init(out, json_array_size(list), json_array_size(json_array_get(list, 0)), a))
		return -1;
	json_array_foreach(list, i, row)
		if (vectors_set(out, i, row))
			return -1;
	return 0;
}

static int get_parts(struct reply *r, const json_t *j, struct arena *a)
{
	if (get_json(j, "thinking", JSON_ARRAY, &r->thinking, a) ||
	    get_json(j, "tool_calls", JSON_ARRAY, &r->tool_calls, a) ||
	    get_json(j, "contexts", JSON_ARRAY, &r->contexts, a) ||
	    get_json(j, "trajectory", JSON_ARRAY, &r->trajectory, a) ||
	    get_json(j, "guardrail", JSON_OBJECT, &r->guardrail, a) ||
	    get_json(j, "detail", JSON_OBJECT, &r->detail, a) || get_vectors(&r->vectors, j, a))
		return -1;
	return 0;
}

int reply_from_json(struct reply *r, const json_t *j, struct arena *a)
{
	int finish, fail;
	if (!json_is_object(j) || !json_is_string(json_object_get(j, "text")) ||
	    get_name(j, "finish", finish_parse, &finish) || get_name(j, "fail", fail_parse, &fail))
		return -1;
	int64_t status = get_count(j, "http_status"), attempts = get_count(j, "attempts");
	reply_init(r, a);
	buf_add(&r->text, json_get_str(j, "text"));
	buf_add(&r->reasoning, json_get_str(j, "reasoning"));
	if (r->text.over || r->reasoning.over || get_parts(r, j, a))
		return -1;
	r->finish = (enum finish)finish;
	r->finish_raw = get_text(j, "finish_raw", a);
	r->usage = usage_from_json(json_object_get(j, "usage"));
	r->time = times_from_json(json_object_get(j, "times"));
	r->model = get_text(j, "model", a);
	r->tier = get_text(j, "tier", a);
	r->speed = get_text(j, "speed", a);
	r->request_id = get_text(j, "request_id", a);
	r->http_status = status > 0 && status < 1000 ? (int)status : 0;
	r->attempts = attempts > 0 && attempts < 1000 ? (unsigned)attempts : 0;
	r->streamed = json_is_true(json_object_get(j, "streamed"));
	r->scrubbed = json_is_true(json_object_get(j, "scrubbed"));
	r->fail = (enum fail)fail;
	r->fail_text = get_text(j, "fail_text", a);
	return 0;
}
