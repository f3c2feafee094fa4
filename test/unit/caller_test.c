/* The caller against the test server, fault by fault: real sockets, real curl, one process. */
#include "base/fs.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "run/caller.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

enum { JOBS_MAX = 1200 };
#define MS ((int64_t)1000000)
#define KEY "sk-test-0123456789abcdef"

struct rig {
	struct arena arena;
	struct redactor redactor;
	struct hosts hosts;
	struct creds creds;
	struct loop *loop;
	struct http *http;
	struct caller *caller;
	struct caller_opts opts;
	pid_t server;
	int server_in, port;
	char script[64];
	struct endpoint endpoint;
	struct caller_job job[JOBS_MAX];
	struct arena job_arena[JOBS_MAX];
	struct loop_timer guard;
	unsigned started, done, total;
	bool timed_out;
};

static const char *fake_env(void *ctx, const char *name)
{
	(void)ctx;
	return !strcmp(name, "OPENAI_API_KEY") || !strcmp(name, "MY_KEY") ? KEY "\n" : NULL;
}

/* --- the server ------------------------------------------------------------------------------- */

static void server_path(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 32);
	assert_true(n > 0);
	out[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(out, '/') = '\0';
	memcpy(out + strlen(out), "/testserver", sizeof("/testserver"));
}

static void read_port(struct rig *r, int fd)
{
	char text[16] = "";
	for (size_t n = 0; n < sizeof(text) - 1 && !strchr(text, '\n'); n++)
		if (read(fd, text + n, 1) != 1)
			break;
	r->port = (int)strtol(text, NULL, 10);
	assert_true(r->port > 0);
}

static void server_start(struct rig *r, const char *script)
{
	char path[PATH_MAX];
	int in[2], out[2];
	memcpy(r->script, "/tmp/caller-test-XXXXXX", sizeof("/tmp/caller-test-XXXXXX"));
	int fd = mkstemp(r->script);
	assert_int_equal(fs_write_all(fd, str_c(script)), 0);
	close(fd);
	server_path(path);
	assert_int_equal(pipe(in) | pipe(out), 0);
	posix_spawn_file_actions_t fa;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, in[0], 0);
	posix_spawn_file_actions_adddup2(&fa, out[1], 1);
	posix_spawn_file_actions_addclose(&fa, in[1]);
	char *argv[] = { path, (char[]){ "--script" }, r->script, (char[]){ "--max-seconds" },
			 (char[]){ "60" }, NULL };
	assert_int_equal(posix_spawn(&r->server, path, &fa, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&fa);
	close(in[0]);
	close(out[1]);
	r->server_in = in[1];
	read_port(r, out[0]);
	close(out[0]);
}

static void server_stop(struct rig *r)
{
	if (!r->server)
		return;
	close(r->server_in);
	waitpid(r->server, NULL, 0);
	unlink(r->script);
}

/* --- the rig ---------------------------------------------------------------------------------- */

static struct rig *rig_new(const char *script)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct err err = ERR_INIT;
	assert_non_null(r);
	server_start(r, script);
	redactor_init(&r->redactor, &r->arena);
	hosts_init(&r->hosts, &r->arena);
	creds_init(&r->creds, &r->arena, &r->redactor, fake_env, NULL);
	creds_bind_usual(&r->creds, "api.openai.com", "OPENAI_API_KEY");
	assert_int_equal(hosts_add(&r->hosts, str_c(arena_fmt(&r->arena, "127.0.0.1:%d", r->port)),
				   &err), 0);
	r->loop = loop_new(clock_system(), &err);
	struct http_opts ho = { .loop = r->loop, .hosts = &r->hosts, .creds = &r->creds,
				.redactor = &r->redactor };
	r->http = http_new(&ho, &err);
	assert_non_null(r->http);
	r->opts = (struct caller_opts){ .loop = r->loop, .http = r->http, .clock = clock_system(),
					.max = 16, .deadline_ms = 60000, .redactor = &r->redactor,
					.arena = &r->arena };
	r->endpoint = (struct endpoint){
		.name = "support",
		.provider = provider_find(STR("openai")),
		.model = STR("m"),
		.base_url = str_c(arena_fmt(&r->arena, "http://127.0.0.1:%d/v1", r->port)),
		.stream = true,
	};
	return r;
}

static void rig_free(struct rig *r)
{
	caller_free(r->caller);
	http_free(r->http);
	loop_free(r->loop);
	for (unsigned i = 0; i < r->total; i++)
		arena_release(&r->job_arena[i]);
	arena_release(&r->arena);
	server_stop(r);
	free(r);
}

static void on_guard(struct loop_timer *t)
{
	struct rig *r = t->ctx;
	r->timed_out = true;
	loop_stop(r->loop);
}

static void start_one(struct rig *r)
{
	unsigned i = r->started++;
	struct arena *a = &r->job_arena[i];
	struct message *m = arena_new(a, struct message);
	struct call *c = arena_new(a, struct call);
	m->role = ROLE_USER;
	m->text = str_c(arena_fmt(a, "one two three four case-%u", i));
	*c = (struct call){ .endpoint = &r->endpoint, .message = m, .nmessage = 1 };
	r->job[i].call = c;
	r->job[i].arena = a;
	caller_start(r->caller, &r->job[i]);
}

static void fill(struct rig *r)
{
	for (unsigned n = caller_capacity(r->caller); n && r->started < r->total; n--)
		start_one(r);
}

static void on_job(struct caller_job *job)
{
	struct rig *r = job->ctx;
	if (++r->done == r->total)
		loop_stop(r->loop);
	else
		fill(r);
}

/* Play n calls to their end, at most 30 s; returns how long it took in ms. */
static int64_t play(struct rig *r, unsigned n)
{
	struct err err = ERR_INIT;
	if (!r->caller)
		r->caller = caller_new(&r->opts);
	r->total += n;
	for (unsigned i = r->started; i < r->total; i++) {
		r->job[i].done = on_job;
		r->job[i].ctx = r;
	}
	r->guard = (struct loop_timer){ .fn = on_guard, .ctx = r };
	int64_t from = loop_clock_ns(r->loop);
	loop_timer_set(r->loop, &r->guard, from + 60000 * MS);
	fill(r);
	assert_int_equal(loop_run(r->loop, &err), 0);
	loop_timer_clear(r->loop, &r->guard);
	assert_false(r->timed_out);
	assert_int_equal(r->done, r->total);
	return (loop_clock_ns(r->loop) - from) / MS;
}

static unsigned count_fail(const struct rig *r, enum fail why)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->total; i++)
		n += r->job[i].reply.fail == why;
	return n;
}

static struct reply *play_one(struct rig *r)
{
	play(r, 1);
	return &r->job[r->total - 1].reply;
}

/* One call under this script ends with this failure, after so many attempts; its text names `word`. */
static void expect_fail(const char *script, bool stream, enum fail why, unsigned attempts,
			const char *word)
{
	struct rig *r = rig_new(script);
	r->endpoint.stream = stream;
	r->opts.deadline_ms = 20000; /* two cores are shared by many */
	r->opts.attempts = 2;
	const struct reply *reply = play_one(r);
	if (reply->fail != why || str_find(reply->fail_text, str_c(word), 0) < 0)
		print_message("%s: '%s' %.*s\n", script, fail_name(reply->fail),
			      STR_ARGS(reply->fail_text));
	assert_int_equal(reply->fail, why);
	assert_int_equal(reply->attempts, attempts);
	assert_true(str_find(reply->fail_text, str_c(word), 0) >= 0);
	assert_int_equal(reply->time.latency, -1);
	rig_free(r);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void streams_an_answer(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"answer\":\"it is {{user}}\",\"token_ms\":20,"
				"\"latency_ms\":30,\"reasoning\":\"hm\"}]}");
	const struct reply *a = play_one(r);
	assert_int_equal(a->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&a->text), "it is one two three four case-0");
	assert_string_equal(buf_cstr(&a->reasoning), "hm");
	assert_int_equal(a->finish, FINISH_STOP);
	assert_int_equal(a->usage.in, 10);
	assert_int_equal(a->usage.out, 7);
	assert_true(a->streamed);
	assert_true(a->time.ttft >= 25 * MS && a->time.ttft <= a->time.ttfv);
	assert_true(a->time.latency >= a->time.ttfv + 100 * MS);
	assert_true(a->time.connect >= 0 && a->time.wait == 0);
	assert_in_range(a->time.begun_ms, 1, 60000);
	assert_int_equal(a->attempts, 1);
	assert_int_equal(a->http_status, 200);
	rig_free(r);
}

static void reads_a_whole_body(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"answer\":\"4\",\"latency_ms\":20}]}");
	r->endpoint.stream = false;
	const struct reply *a = play_one(r);
	assert_int_equal(a->fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&a->text), "4");
	assert_false(a->streamed);
	assert_int_equal(a->time.ttft, -1);
	assert_true(a->time.latency >= 15 * MS);
	rig_free(r);
}

static void keeps_connections(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	play(r, 1000);
	assert_int_equal(count_fail(r, FAIL_NONE), 1000);
	for (unsigned i = 0; i < 1000; i++) {
		char want[64];
		snprintf(want, sizeof(want), "one two three four case-%u", i);
		assert_string_equal(buf_cstr(&r->job[i].reply.text), want);
	}
	struct caller_stats s = caller_stats(r->caller);
	assert_int_equal(s.answered, 1000);
	assert_int_equal(s.attempts, 1000);
	assert_int_equal(s.in_flight + s.queued + s.waiting, 0);
	rig_free(r);
}

static void ten_megabytes(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"size\":10000000}]}");
	const struct reply *a = play_one(r);
	assert_int_equal(a->fail, FAIL_NONE);
	assert_int_equal(a->text.n, 10000000);
	rig_free(r);
}

/* --- faults ----------------------------------------------------------------------------------- */

static void an_answer_that_is_none(void **state)
{
	(void)state;
	expect_fail("{\"rules\":[{\"fault\":\"cut\"}]}", true, FAIL_CUT, 1, "cut");
	expect_fail("{\"rules\":[{\"fault\":\"cut\"}]}", false, FAIL_CUT, 1, "cut");
	expect_fail("{\"rules\":[{\"fault\":\"short-body\"}]}", false, FAIL_CUT, 1, "cut");
	expect_fail("{\"rules\":[{\"fault\":\"reset-midway\"}]}", true, FAIL_CUT, 1, "cut");
	expect_fail("{\"rules\":[{\"fault\":\"no-done\"}]}", true, FAIL_CUT, 1, "[DONE]");
	expect_fail("{\"rules\":[{\"fault\":\"no-finish\"}]}", true, FAIL_CUT, 1, "[DONE]");
	expect_fail("{\"rules\":[{\"fault\":\"error-in-stream\"}]}", true, FAIL_SERVER, 1,
		    "The server had an error");
	expect_fail("{\"rules\":[{\"fault\":\"malformed\"}]}", true, FAIL_MALFORMED, 1, "no JSON");
	expect_fail("{\"rules\":[{\"fault\":\"malformed\"}]}", false, FAIL_MALFORMED, 1, "no JSON");
	expect_fail("{\"rules\":[{\"fault\":\"html\"}]}", true, FAIL_MALFORMED, 1, "no JSON");
	expect_fail("{\"rules\":[{\"fault\":\"empty\"}]}", true, FAIL_MALFORMED, 1, "no JSON");
	expect_fail("{\"rules\":[{\"fault\":\"garbage\"}]}", true, FAIL_MALFORMED, 1, "HTTP");
	expect_fail("{\"rules\":[{\"size\":70000000}]}", false, FAIL_TOO_LARGE, 1, "larger than");
	expect_fail("{\"rules\":[{\"size\":70000000}]}", true, FAIL_TOO_LARGE, 1, "larger than");
}

static void a_refusal(void **state)
{
	(void)state;
	expect_fail("{\"rules\":[{\"status\":401}]}", true, FAIL_AUTH, 1, "invalid_api_key");
	expect_fail("{\"rules\":[{\"status\":403}]}", true, FAIL_AUTH, 1, "HTTP 403");
	expect_fail("{\"rules\":[{\"status\":404}]}", true, FAIL_NOT_FOUND, 1, "HTTP 404");
	expect_fail("{\"rules\":[{\"status\":422}]}", true, FAIL_REQUEST_REFUSED, 1, "HTTP 422");
	expect_fail("{\"rules\":[{\"status\":501}]}", true, FAIL_SERVER, 1, "HTTP 501");
	expect_fail("{\"rules\":[{\"status\":302,\"headers\":{\"Location\":\"http://127.0.0.1:1/\"}}]}",
		    true, FAIL_REQUEST_REFUSED, 1, "redirects");
	expect_fail("{\"rules\":[{\"status\":500}]}", true, FAIL_SERVER, 2, "after 2 attempts");
	expect_fail("{\"rules\":[{\"status\":500,\"headers\":{\"x-should-retry\":\"false\"}}]}", true,
		    FAIL_SERVER, 1, "HTTP 500");
	expect_fail("{\"rules\":[{\"fault\":\"json-error\",\"status\":200}]}", true, FAIL_SERVER, 2,
		    "inside an answer");
	expect_fail("{\"rules\":[{\"fault\":\"reset\"}]}", true, FAIL_NETWORK, 2, "after 2 attempts");
	expect_fail("{\"rules\":[{\"status\":429,\"body\":{\"error\":{\"code\":\"insufficient_quota\"}}}]}",
		    true, FAIL_RATE_LIMITED, 1, "quota");
	expect_fail("{\"rules\":[{\"status\":429,\"headers\":{\"retry-after-ms\":\"20\"}}]}", true,
		    FAIL_RATE_LIMITED, 2, "after 2 attempts");
	expect_fail("{\"rules\":[{\"status\":429,\"headers\":{\"Retry-After\":\"3600\"}}]}", true,
		    FAIL_RATE_LIMITED, 1, "deadline");
}

static void nothing_outlives_its_deadline(void **state)
{
	(void)state;
	static const char *const faults[] = { "stall", "drip", "hang" };
	for (size_t i = 0; i < 3; i++)
		for (int stream = 0; stream < 2; stream++) {
			char script[96];
			snprintf(script, sizeof(script), "{\"rules\":[{\"fault\":\"%s\",\"drip_ms\":10}]}",
				 faults[i]);
			struct rig *r = rig_new(script);
			r->endpoint.stream = stream;
			r->opts.deadline_ms = 300;
			int64_t ms = play(r, 3);
			assert_int_equal(count_fail(r, FAIL_DEADLINE), 3);
			assert_true(ms >= 295);
			rig_free(r);
		}
}

static void content_filter_is_an_answer(void **state)
{
	(void)state;
	struct rig *r = rig_new(
		"{\"rules\":[{\"status\":400,\"body\":{\"error\":{\"code\":\"content_filter\","
		"\"message\":\"filtered\",\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}}]}");
	play(r, 8);
	assert_int_equal(count_fail(r, FAIL_NONE), 8);
	assert_int_equal(r->job[0].reply.finish, FINISH_BLOCKED);
	assert_null(caller_stopped_reason(r->caller));
	rig_free(r);
}

/* --- retries ------------------------------------------------------------------------------------ */

static void waits_as_long_as_it_is_told(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"times\":1,\"per_body\":true,\"status\":429,"
				"\"headers\":{\"Retry-After\":\"1\"}}]}");
	int64_t ms = play(r, 4);
	assert_int_equal(count_fail(r, FAIL_NONE), 4);
	assert_true(ms >= 1000);
	assert_int_equal(r->job[0].reply.attempts, 2);
	assert_true(r->job[0].reply.time.wait >= 1000 * MS);
	assert_true(r->job[0].reply.time.begun_ms > 1000); /* of the attempt that answered */
	assert_true(r->job[0].reply.time.latency < 1000 * MS);
	struct caller_stats s = caller_stats(r->caller);
	assert_int_equal(s.throttles, 1);
	assert_int_equal(s.retries, 4);
	assert_int_equal(s.window, 12);
	rig_free(r);
}

static void a_reset_is_tried_again(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"times\":1,\"per_body\":true,\"fault\":\"reset\"}]}");
	play(r, 10);
	assert_int_equal(count_fail(r, FAIL_NONE), 10);
	rig_free(r);
}

/* --- stopping ------------------------------------------------------------------------------------ */

static void five_refusals_stop_it(void **state)
{
	(void)state;
	static const int codes[] = { 400, 401, 403, 404, 501 };
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		char script[64];
		snprintf(script, sizeof(script), "{\"rules\":[{\"status\":%d}]}", codes[i]);
		struct rig *r = rig_new(script);
		r->opts.max = 1;
		play(r, 100);
		assert_int_equal(count_fail(r, FAIL_NOT_CALLED), 95);
		assert_int_equal(caller_stats(r->caller).attempts, 5);
		assert_non_null(strstr(caller_stopped_reason(r->caller), "'support'"));
		rig_free(r);
	}
}

static void a_late_refusal_does_not(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"from\":6,\"status\":401}]}");
	r->opts.max = 1;
	play(r, 100);
	assert_int_equal(count_fail(r, FAIL_NONE), 5);
	assert_int_equal(count_fail(r, FAIL_AUTH), 95);
	assert_null(caller_stopped_reason(r->caller));
	rig_free(r);
	r = rig_new("{\"rules\":[{\"contains\":\"case-17\\\"\",\"status\":403}]}");
	play(r, 200);
	assert_int_equal(count_fail(r, FAIL_NONE), 199);
	assert_int_equal(r->job[17].reply.fail, FAIL_AUTH);
	rig_free(r);
}

static void no_connection_at_all(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	server_stop(r);
	r->server = 0;
	r->opts.attempts = 2;
	r->opts.max = 4;
	play(r, 50);
	assert_int_equal(count_fail(r, FAIL_NONE), 0);
	assert_true(count_fail(r, FAIL_NETWORK) >= 5);
	assert_non_null(caller_stopped_reason(r->caller));
	rig_free(r);
}

static void stop_now(struct loop_timer *t)
{
	struct rig *r = t->ctx;
	caller_stop(r->caller, FAIL_NOT_CALLED, "interrupted");
}

static void stop_ends_all(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"latency_ms\":20000}]}");
	struct loop_timer t = { .fn = stop_now, .ctx = r };
	loop_timer_set(r->loop, &t, loop_now(r->loop) + 100 * MS);
	r->caller = caller_new(&r->opts);
	int64_t ms = play(r, 40);
	assert_true(ms < 20000);
	assert_int_equal(count_fail(r, FAIL_NOT_CALLED), 40);
	assert_string_equal(r->job[39].reply.fail_text.p, "interrupted");
	rig_free(r);
}

/* --- trust --------------------------------------------------------------------------------------- */

static void a_host_not_listed_is_not_called(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	hosts_init(&r->hosts, &r->arena);
	hosts_add_default(&r->hosts, STR("api.openai.com"));
	const struct reply *a = play_one(r);
	assert_int_equal(a->fail, FAIL_DENIED);
	assert_true(str_find(a->fail_text, STR("trust.hosts"), 0) >= 0);
	assert_int_equal(caller_stats(r->caller).attempts, 0);
	rig_free(r);
}

/* The last request as the server saw it. */
static struct str last_request(struct rig *r)
{
	char cmd[128];
	struct buf b;
	char bytes[4096];
	buf_init(&b, 1 << 20);
	snprintf(cmd, sizeof(cmd), "curl -s http://127.0.0.1:%d/_last", r->port);
	FILE *f = popen(cmd, "r");
	assert_non_null(f);
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), f)) > 0; )
		buf_add(&b, (struct str){ .p = bytes, .n = n });
	pclose(f);
	struct str s = arena_str(&r->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static void a_key_goes_only_where_it_is_bound(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct rig *r = rig_new("{\"rules\":[{\"nth\":2,\"status\":401,\"body\":"
				"\"{\\\"error\\\":\\\"no such key: " KEY "\\\"}\"}]}");
	assert_int_equal(play_one(r)->fail, FAIL_NONE);
	assert_true(str_find(last_request(r), STR(KEY), 0) < 0);
	assert_int_equal(creds_bind(&r->creds, str_c(arena_fmt(&r->arena, "127.0.0.1:%d", r->port)),
				    "MY_KEY", NULL, &err), 0);
	const struct reply *a = play_one(r);
	assert_true(str_find(last_request(r), STR("Authorization: Bearer " KEY "\r\n"), 0) >= 0);
	assert_int_equal(a->fail, FAIL_AUTH);
	assert_true(str_find(a->fail_text, STR("[redacted]"), 0) >= 0);
	assert_true(str_find(a->fail_text, STR(KEY), 0) < 0);
	rig_free(r);
}

/* --- local ---------------------------------------------------------------------------------------- */

static void recorded_answers(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	json_t *config = json_pack("{s:s}", "answer", "{{a.b}}");
	json_t *given = json_pack("{s:{s:s}}", "a", "b", "forty-two");
	r->endpoint.provider = provider_find(STR("recorded"));
	r->endpoint.config = config;
	r->caller = caller_new(&r->opts);
	play(r, 10);
	/* No case variables: no answer. */
	assert_int_equal(count_fail(r, FAIL_NO_ANSWER), 10);
	struct call c = *r->job[0].call;
	c.given = given;
	struct arena a = ARENA_INIT;
	struct reply reply;
	reply_init(&reply, &a);
	r->endpoint.provider->local_answer(&reply, &c);
	assert_int_equal(reply.fail, FAIL_NONE);
	assert_string_equal(buf_cstr(&reply.text), "forty-two");
	arena_release(&a);
	rig_free(r);
	json_decref(config);
	json_decref(given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_an_answer),
		cmocka_unit_test(reads_a_whole_body),
		cmocka_unit_test(keeps_connections),
		cmocka_unit_test(ten_megabytes),
		cmocka_unit_test(an_answer_that_is_none),
		cmocka_unit_test(a_refusal),
		cmocka_unit_test(nothing_outlives_its_deadline),
		cmocka_unit_test(content_filter_is_an_answer),
		cmocka_unit_test(waits_as_long_as_it_is_told),
		cmocka_unit_test(a_reset_is_tried_again),
		cmocka_unit_test(five_refusals_stop_it),
		cmocka_unit_test(a_late_refusal_does_not),
		cmocka_unit_test(no_connection_at_all),
		cmocka_unit_test(stop_ends_all),
		cmocka_unit_test(a_host_not_listed_is_not_called),
		cmocka_unit_test(a_key_goes_only_where_it_is_bound),
		cmocka_unit_test(recorded_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
