/* AWS's chain over real sockets against the test server, with a clock that the test moves. */
#include "base/fs.h"
#include "net/creds_aws.h"

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
#include <jansson.h>

extern char **environ;

#define MIN ((int64_t)60000)
enum { WAITERS = 12 };

struct rig {
	struct arena arena;
	struct redactor redactor;
	struct hosts hosts;
	struct loop *loop;
	struct http *http;
	struct creds_aws *aws;
	struct creds_aws_wait wait[WAITERS];
	unsigned told;
	struct loop_timer guard;
	bool timed_out;
	int64_t moved_ms;
	pid_t server;
	int server_in, port;
	char script[64];
	const char *env[16];
};

static const char *env_of(void *ctx, const char *name)
{
	struct rig *r = ctx;
	for (size_t i = 0; r->env[i]; i += 2)
		if (!strcmp(r->env[i], name))
			return r->env[i + 1];
	return NULL;
}

static int64_t moved_wall(void *ctx)
{
	struct rig *r = ctx;
	struct clock c = clock_system();
	return c.wall_ms(c.ctx) + r->moved_ms;
}

static int64_t true_mono(void *ctx)
{
	(void)ctx;
	struct clock c = clock_system();
	return c.mono_ns(c.ctx);
}

static void server_start(struct rig *r, const char *script)
{
	char path[PATH_MAX];
	int in[2], out[2];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 32);
	assert_true(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(path, '/') = '\0';
	memcpy(path + strlen(path), "/testserver", sizeof("/testserver"));
	memcpy(r->script, "/tmp/creds-test-XXXXXX", sizeof("/tmp/creds-test-XXXXXX"));
	int fd = mkstemp(r->script);
	assert_int_equal(fs_write_all(fd, str_c(script)), 0);
	close(fd);
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
	char text[16] = "";
	for (size_t i = 0; i < sizeof(text) - 1 && !strchr(text, '\n'); i++)
		if (read(out[0], text + i, 1) != 1)
			break;
	r->port = (int)strtol(text, NULL, 10);
	close(out[0]);
	assert_true(r->port > 0);
}

/* The container's endpoint is the source unless the test says another. */
static struct rig *rig_new(const char *script)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct err err = ERR_INIT;
	assert_non_null(r);
	server_start(r, script);
	redactor_init(&r->redactor, &r->arena);
	hosts_init(&r->hosts, &r->arena);
	r->loop = loop_new(clock_system(), &err);
	struct http_opts ho = { .loop = r->loop, .hosts = &r->hosts, .redactor = &r->redactor };
	r->http = http_new(&ho, &err);
	assert_non_null(r->http);
	r->env[0] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
	r->env[1] = arena_fmt(&r->arena, "http://127.0.0.1:%d/container", r->port);
	r->env[2] = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
	r->env[3] = "CANARYcontainer";
	return r;
}

static void open_chain(struct rig *r)
{
	struct creds_aws_opts o = {
		.loop = r->loop,
		.http = r->http,
		.clock = { .mono_ns = true_mono, .wall_ms = moved_wall, .ctx = r },
		.arena = &r->arena,
		.redactor = &r->redactor,
		.getenv = env_of,
		.getenv_ctx = r,
	};
	r->aws = creds_aws_new(&o);
}

static void rig_free(struct rig *r)
{
	creds_aws_free(r->aws);
	http_free(r->http);
	loop_free(r->loop);
	arena_release(&r->arena);
	close(r->server_in);
	waitpid(r->server, NULL, 0);
	unlink(r->script);
	free(r);
}

static void on_guard(struct loop_timer *t)
{
	struct rig *r = t->ctx;
	r->timed_out = true;
	loop_stop(r->loop);
}

static void on_told(struct creds_aws_wait *w)
{
	struct rig *r = w->ctx;
	r->told++;
	loop_stop(r->loop);
}

/* Wait n times for a key, at most 20 s. */
static void await(struct rig *r, unsigned n)
{
	struct err err = ERR_INIT;
	r->told = 0;
	for (unsigned i = 0; i < n; i++) {
		r->wait[i] = (struct creds_aws_wait){ .fn = on_told, .ctx = r };
		creds_aws_wait(r->aws, &r->wait[i]);
	}
	r->guard = (struct loop_timer){ .fn = on_guard, .ctx = r };
	loop_timer_set(r->loop, &r->guard, loop_now(r->loop) + 60000 * (int64_t)1000000);
	while (r->told < n && !r->timed_out)
		assert_int_equal(loop_run(r->loop, &err), 0);
	loop_timer_clear(r->loop, &r->guard);
	assert_false(r->timed_out);
}

/* The key of now, by its id; fetched when it has to be. */
static const char *key(struct rig *r)
{
	const char *why;
	const struct aws_key *k = creds_aws_key(r->aws, &why);
	if (!k && !why) {
		await(r, 1);
		k = creds_aws_key(r->aws, &why);
	}
	return k ? arena_cstr(&r->arena, k->id) : arena_fmt(&r->arena, "none: %s", why ? why : "?");
}

static void has(const char *text, const char *word)
{
	if (!strstr(text, word))
		fail_msg("'%s' is not in: %s", word, text);
}

static void one_fetch_for_all(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	const char *why;
	open_chain(r);
	assert_null(creds_aws_key(r->aws, &why));
	assert_null(why);
	await(r, WAITERS);
	assert_string_equal(key(r), "ASIACONTAINER1");
	const struct aws_key *k = creds_aws_key(r->aws, &why);
	assert_string_equal(k->token.p, "CANARYtoken/ASIACONTAINER1");
	struct str said = redact(&r->redactor, STR("a CANARYsecret/ASIACONTAINER1 b CANARYcontainer"), &r->arena);
	assert_string_equal(said.p, "a [redacted] b [redacted]");
	rig_free(r);
}

static void renewed_before_the_end(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	const char *why;
	open_chain(r);
	assert_string_equal(key(r), "ASIACONTAINER1");
	r->moved_ms = 44 * MIN;
	assert_string_equal(key(r), "ASIACONTAINER1");
	/* On the side, while the old one still serves … */
	r->moved_ms = 46 * MIN;
	assert_non_null(creds_aws_key(r->aws, &why));
	await(r, 1);
	assert_string_equal(key(r), "ASIACONTAINER2");
	/* … and, near the end, first of all: an hour by the server's clock is one by ours. */
	r->moved_ms = 60 * MIN;
	assert_string_equal(key(r), "ASIACONTAINER2");
	r->moved_ms = (46 + 56) * MIN;
	assert_null(creds_aws_key(r->aws, &why));
	assert_string_equal(key(r), "ASIACONTAINER3");
	rig_free(r);
}

static void a_renewal_that_fails(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"path\":\"/container\",\"from\":2,\"status\":404},{}]}");
	open_chain(r);
	assert_string_equal(key(r), "ASIACONTAINER1");
	r->moved_ms = 56 * MIN;
	assert_string_equal(key(r), "ASIACONTAINER1");
	r->moved_ms = 61 * MIN;
	has(key(r), "the container's endpoint: it answered 404");
	rig_free(r);
}

static void an_expired_token(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	open_chain(r);
	assert_string_equal(key(r), "ASIACONTAINER1");
	assert_true(creds_aws_expired(r->aws, STR("ASIACONTAINER1")));
	assert_string_equal(key(r), "ASIACONTAINER2");
	/* Of many calls that come back, one makes it fetch. */
	assert_true(creds_aws_expired(r->aws, STR("ASIACONTAINER1")));
	assert_string_equal(key(r), "ASIACONTAINER2");
	rig_free(r);
}

static void what_lasts_cannot_expire(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	memcpy(r->env, (const char *[]){ "AWS_ACCESS_KEY_ID", "AKIAX", "AWS_SECRET_ACCESS_KEY", "CANARYsecret/AKIAX" },
	       4 * sizeof(char *));
	open_chain(r);
	assert_string_equal(key(r), "AKIAX");
	assert_false(creds_aws_expired(r->aws, STR("AKIAX")));
	r->moved_ms = 10000 * MIN;
	assert_string_equal(key(r), "AKIAX");
	rig_free(r);
}

/* Whatever a source says back, the end is a text, in time. */
static void answers_that_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *rule, *word;
	} table[] = {
		{ "\"status\":500", "it answered 500" },
		{ "\"fault\":\"garbage\"", "the container's endpoint: " },
		{ "\"fault\":\"reset\"", "the container's endpoint: " },
		{ "\"fault\":\"html\"", "no JSON object" },
		{ "\"fault\":\"empty\"", "no JSON object" },
		{ "\"body\":\"[]\"", "no JSON object" },
		{ "\"body\":{\"AccessKeyId\":\"A\"}", "no AccessKeyId and SecretAccessKey" },
		{ "\"body\":{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b c\"}", "white space" },
		{ "\"body\":{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Expiration\":\"soon\"}", "no time" },
		{ "\"body\":{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"b\",\"Expiration\":\"2020-01-01T00:00:00Z\"}",
		  "have expired" },
		{ "\"fault\":\"short-body\",\"body\":{\"AccessKeyId\":\"A\"}", "the container's endpoint: " },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		struct rig *r = rig_new(arena_fmt(&a, "{\"rules\":[{\"path\":\"/container\",%s}]}", table[i].rule));
		open_chain(r);
		has(key(r), table[i].word);
		/* Not asked again for every call. */
		has(key(r), table[i].word);
		rig_free(r);
		arena_release(&a);
	}
}

static void ten_megabytes(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	size_t n = 10 * 1000 * 1000;
	char *big = arena_alloc(&a, n + 1);
	memset(big, 'x', n);
	struct rig *r = rig_new(arena_fmt(&a, "{\"rules\":[{\"path\":\"/container\",\"body\":\"%s\"}]}", big));
	open_chain(r);
	has(key(r), "larger than");
	rig_free(r);
	arena_release(&a);
}

/* Instance metadata that does not answer costs one second, not the call's deadline. */
static void a_silent_service(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"path\":\"/latest\",\"fault\":\"hang\"}]}");
	memset(r->env, 0, sizeof(r->env));
	r->env[0] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
	r->env[1] = arena_fmt(&r->arena, "http://127.0.0.1:%d", r->port);
	open_chain(r);
	int64_t from = true_mono(NULL);
	has(key(r), "instance metadata: no token (IMDSv2)");
	assert_in_range((uint64_t)(true_mono(NULL) - from), 900 * (uint64_t)1000000, 20000 * (uint64_t)1000000);
	rig_free(r);
}

static void hosts_have_their_own_time(void **state)
{
	(void)state;
	struct rig *r = rig_new("{}");
	open_chain(r);
	int64_t at = moved_wall(r);
	assert_false(creds_aws_skew(r->aws, STR("a"), at + 3 * MIN, at));
	assert_true(creds_aws_skew(r->aws, STR("a"), at + 60 * MIN, at));
	/* refused together with the one that moved the clock; and stamped since */
	assert_true(creds_aws_skew(r->aws, STR("a"), at + 60 * MIN, at));
	assert_false(creds_aws_skew(r->aws, STR("a"), at + 61 * MIN, at + 60 * MIN));
	assert_true(creds_aws_time(r->aws, STR("a")) >= at + 60 * MIN);
	assert_true(creds_aws_time(r->aws, STR("b")) < at + MIN);
	assert_true(creds_aws_skew(r->aws, STR("a"), at, at + 60 * MIN));
	rig_free(r);
}

/* What the chain says of a setting before anything is sent; NULL: it goes and asks. */
static const char *at_once(const char *const *env)
{
	static struct rig r;
	struct err err = ERR_INIT;
	const char *why = NULL;
	r = (struct rig){ .port = 0 };
	for (size_t i = 0; env[i]; i++)
		r.env[i] = env[i];
	redactor_init(&r.redactor, &r.arena);
	hosts_init(&r.hosts, &r.arena);
	r.loop = loop_new(clock_system(), &err);
	struct http_opts ho = { .loop = r.loop, .hosts = &r.hosts, .redactor = &r.redactor };
	r.http = http_new(&ho, &err);
	open_chain(&r);
	if (!creds_aws_key(r.aws, &why) && !loop_turn(r.loop, &err))
		(void)creds_aws_key(r.aws, &why);
	static char text[512];
	snprintf(text, sizeof(text), "%s", why ? why : "");
	creds_aws_free(r.aws);
	http_free(r.http);
	loop_free(r.loop);
	arena_release(&r.arena);
	return why ? text : NULL;
}

static void addresses_of_containers(void **state)
{
	(void)state;
	json_t *j = json_load_file("../shared/vectors/aws-credentials/shapes.json", 0, NULL), *v;
	json_t *c = json_object_get(j, "container");
	size_t i;
	if (!j) {
		print_message("shapes.json is absent: skipped\n");
		skip();
	}
	json_array_foreach(json_object_get(c, "full_uri_allowed"), i, v) {
		const char *why = at_once((const char *const[]){ "AWS_CONTAINER_CREDENTIALS_FULL_URI",
								 json_string_value(v), NULL });
		if (why && strstr(why, "neither https"))
			fail_msg("'%s': %s", json_string_value(v), why);
	}
	json_array_foreach(json_object_get(c, "full_uri_refused"), i, v) {
		const char *why = at_once((const char *const[]){ "AWS_CONTAINER_CREDENTIALS_FULL_URI",
								 json_string_value(v), NULL });
		if (!why || !strstr(why, "neither https"))
			fail_msg("'%s': %s", json_string_value(v), why ? why : "asked");
	}
	json_array_foreach(json_object_get(c, "token_refused"), i, v)
		has(at_once((const char *const[]){ "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x",
						   "AWS_CONTAINER_AUTHORIZATION_TOKEN", json_string_value(v), NULL }),
		    "control bytes");
	json_decref(j);
}

/* --- attempts that wait for a key --------------------------------------------------------------- */

struct attempt {
	struct rig *rig;
	struct http_xfer x;
	bool done;
};

static int any_head(struct http_xfer *x, const struct wire_status *st)
{
	(void)x, (void)st;
	return 0;
}

static int any_body(struct http_xfer *x, struct str piece, int64_t now_ns)
{
	(void)x, (void)piece, (void)now_ns;
	return 0;
}

static void attempt_done(struct http_xfer *x)
{
	struct attempt *t = x->ctx;
	t->done = true;
	loop_stop(t->rig->loop);
}

/* One signed request to the test server, which is the operator's endpoint of Bedrock. */
static void begin_attempt(struct rig *r, struct attempt *t, struct creds *creds, struct wire_req *req, int64_t ms)
{
	struct err err = ERR_INIT;
	const char *base = arena_fmt(&r->arena, "http://127.0.0.1:%d", r->port);
	r->env[4] = "AWS_ENDPOINT_URL";
	r->env[5] = base;
	open_chain(r);
	creds_init(creds, &r->arena, &r->redactor, env_of, r);
	creds->aws = r->aws;
	http_free(r->http);
	assert_int_equal(hosts_add(&r->hosts, str_sub(str_c(base), 7, strlen(base)), &err), 0);
	struct http_opts ho = { .loop = r->loop, .hosts = &r->hosts, .creds = creds, .redactor = &r->redactor };
	r->http = http_new(&ho, &err);
	creds_aws_free(r->aws);
	open_chain(r);
	creds->aws = r->aws;
	*req = (struct wire_req){ .method = "POST", .url = str_c(arena_fmt(&r->arena, "%s/model/m%%3A0/converse", base)),
				  .body = STR("{}"), .auth = WIRE_AUTH_SIGV4, .service = "bedrock",
				  .region = "us-east-1" };
	*t = (struct attempt){ .rig = r, .x = { .req = req, .arena = &r->arena, .body_max = 1 << 20,
						.on_head = any_head, .on_body = any_body, .on_done = attempt_done } };
	t->x.ctx = t;
	t->x.deadline_ns = loop_now(r->loop) + ms * 1000000;
	assert_int_equal(http_start(r->http, &t->x, &err), 0);
}

static void play_attempt(struct rig *r, struct attempt *t)
{
	struct err err = ERR_INIT;
	r->guard = (struct loop_timer){ .fn = on_guard, .ctx = r };
	loop_timer_set(r->loop, &r->guard, loop_now(r->loop) + 60000 * (int64_t)1000000);
	while (!t->done && !r->timed_out)
		assert_int_equal(loop_run(r->loop, &err), 0);
	loop_timer_clear(r->loop, &r->guard);
	assert_false(r->timed_out);
}

static void an_attempt_waits_and_is_signed(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"aws\":{\"verify\":true},\"rules\":[{\"path\":\"/container\",\"latency_ms\":400},{}]}");
	struct attempt t;
	struct creds creds;
	struct wire_req req;
	begin_attempt(r, &t, &creds, &req, 20000);
	int64_t from = loop_now(r->loop);
	play_attempt(r, &t);
	assert_int_equal(t.x.end, HTTP_DONE);
	assert_int_equal(t.x.status, 200);
	/* The wait is none of the attempt's time. */
	assert_true(t.x.start_ns - from >= 390 * (int64_t)1000000);
	rig_free(r);
}

static void a_wait_ends_with_the_deadline(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"path\":\"/container\",\"fault\":\"hang\"}]}");
	struct attempt t;
	struct creds creds;
	struct wire_req req;
	begin_attempt(r, &t, &creds, &req, 200);
	play_attempt(r, &t);
	assert_int_equal(t.x.end, HTTP_DEADLINE);
	assert_false(t.x.sent);
	rig_free(r);
}

static void a_wait_is_cancelled(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"path\":\"/container\",\"fault\":\"hang\"}]}");
	struct attempt t;
	struct creds creds;
	struct wire_req req;
	struct err err = ERR_INIT;
	begin_attempt(r, &t, &creds, &req, 20000);
	assert_int_equal(loop_turn(r->loop, &err), 0);
	http_cancel(r->http, &t.x);
	assert_false(t.x.wait.waiting || t.x.wait_end.slot);
	rig_free(r);
	assert_false(t.done);
}

static void tokens_do_not_go_in_the_clear(void **state)
{
	(void)state;
	char path[] = "/tmp/creds-token-XXXXXX";
	int fd = mkstemp(path);
	assert_int_equal(fs_write_all(fd, STR("CANARYweb")), 0);
	close(fd);
	const char *env[] = { "AWS_WEB_IDENTITY_TOKEN_FILE", path, "AWS_ROLE_ARN", "arn:aws:iam::1:role/r",
			      "AWS_ENDPOINT_URL_STS", "http://10.0.0.7/", NULL, NULL };
	has(at_once(env), "must be https");
	unlink(path);
}

static void given_up_half_way(void **state)
{
	(void)state;
	struct rig *r = rig_new("{\"rules\":[{\"path\":\"/container\",\"fault\":\"hang\"}]}");
	struct err err = ERR_INIT;
	const char *why;
	open_chain(r);
	assert_null(creds_aws_key(r->aws, &why));
	r->wait[0] = (struct creds_aws_wait){ .fn = on_told, .ctx = r };
	creds_aws_wait(r->aws, &r->wait[0]);
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(r->loop, &err), 0);
	creds_aws_unwait(r->aws, &r->wait[0]);
	rig_free(r); /* nobody is called, nothing leaks */
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_fetch_for_all),
		cmocka_unit_test(renewed_before_the_end),
		cmocka_unit_test(a_renewal_that_fails),
		cmocka_unit_test(an_expired_token),
		cmocka_unit_test(what_lasts_cannot_expire),
		cmocka_unit_test(answers_that_are_none),
		cmocka_unit_test(ten_megabytes),
		cmocka_unit_test(a_silent_service),
		cmocka_unit_test(hosts_have_their_own_time),
		cmocka_unit_test(addresses_of_containers),
		cmocka_unit_test(tokens_do_not_go_in_the_clear),
		cmocka_unit_test(an_attempt_waits_and_is_signed),
		cmocka_unit_test(a_wait_ends_with_the_deadline),
		cmocka_unit_test(a_wait_is_cancelled),
		cmocka_unit_test(given_up_half_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
