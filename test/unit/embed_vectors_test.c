/* Embeddings: what provider openai sends and reads, how vectors are kept, and scorer similar. */
#include "codectest.h"
#include "score/score.h"

static const json_t *parsed(struct arena *a, const char *text)
{
	const char *why = "";
	const json_t *j = json_lenient(a, str_c(text), &why);
	if (!j)
		fail_msg("%s: %s", text, why);
	return j;
}

static const struct message texts[] = {
	{ .role = ROLE_USER, .text = STR_INIT("an \"answer\"") },
	{ .role = ROLE_USER, .text = STR_INIT("expected") },
};
static const struct endpoint embedder = { .name = "e", .model = STR_INIT("m"), .stream = true };
static const struct call call = { .kind = CALL_EMBED, .endpoint = &embedder, .message = texts, .nmessage = 2 };

static struct reply *answered(struct arena *a, int code, const char *type, const char *body, size_t piece)
{
	const struct provider_ops *p = provider_find(STR("openai"));
	struct wire_header h = { .name = STR("Content-Type"), .value = str_c(type) };
	struct wire_status st = { .code = code, .header = &h, .nheader = 1 };
	struct reply *r = arena_new(a, struct reply);
	void *state = arena_alloc(a, p->state_size);
	struct str raw = str_c(body);
	unsigned events;
	reply_init(r, a);
	assert_int_equal(p->begin(state, r, &st, &call), 0);
	for (size_t at = 0; at < raw.n; at += piece)
		assert_int_equal(p->feed(state, r, str_sub(raw, at, at + piece), &events), 0);
	p->finish(state, r);
	return r;
}

#define GOOD                                                                                         \
	"{\"object\":\"list\",\"model\":\"served\",\"data\":[{\"index\":1,\"embedding\":[0,-1.5]},"       \
	"{\"index\":0,\"embedding\":[0.1,2e-8]}],\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}"

static void writes_requests(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct wire_req req;
	struct err err = ERR_INIT;
	struct endpoint e = embedder;
	struct call c = call;
	c.endpoint = &e;
	e.params = parsed(&a, "{\"dimensions\":8}");
	assert_int_equal(provider_find(STR("openai"))->encode(&req, &c, &a, &err), 0);
	assert_string_equal(arena_cstr(&a, req.body), "{\"model\":\"m\",\"input\":[\"an \\\"answer\\\"\",\"expected\"],"
						      "\"encoding_format\":\"float\",\"dimensions\":8}");
	assert_true(str_eqc(req.url, "https://api.openai.com/v1/embeddings"));
	struct call chat = c;
	chat.kind = CALL_CHAT;
	struct digest x = call_digest(&c), y = call_digest(&chat);
	assert_false(digest_eq(&x, &y));
	arena_release(&a);
}

static void reads_vectors_and_keeps_them_exactly(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof(GOOD); piece++) {
		struct arena a = ARENA_INIT;
		struct reply *r = answered(&a, 200, "application/json", GOOD, piece), *again = arena_new(&a, struct reply);
		assert_int_equal(r->fail, FAIL_NONE);
		assert_int_equal(r->vectors.n, 2);
		assert_int_equal(r->vectors.dim, 2);
		const float want[] = { 0.1f, 2e-8f, 0, -1.5f };
		assert_memory_equal(r->vectors.v, want, sizeof(want));
		assert_int_equal(r->usage.in, 7);
		assert_int_equal(r->usage.out, 0);
		struct buf b;
		buf_init(&b, MIB);
		reply_write(&b, r);
		assert_int_equal(reply_from_json(again, parsed(&a, buf_cstr(&b)), &a), 0);
		assert_int_equal(again->vectors.n, 2);
		assert_memory_equal(again->vectors.v, want, sizeof(want));
		buf_release(&b);
		arena_release(&a);
	}
	struct arena a = ARENA_INIT;
	struct reply *r = arena_new(&a, struct reply);
	assert_int_equal(reply_from_json(r, parsed(&a, "{\"text\":\"\",\"vectors\":[[1],[1,2]]}"), &a), -1);
	r = arena_new(&a, struct reply);
	assert_int_equal(reply_from_json(r, parsed(&a, "{\"text\":\"\",\"vectors\":[[\"1\"]]}"), &a), -1);
	arena_release(&a);
}

static void takes_nothing_else_for_vectors(void **state)
{
	(void)state;
#define V(data) "{\"data\":[" data "]}"
	static const struct {
		int code;
		const char *body;
		enum fail fail;
	} table[] = {
		{ 200, "", FAIL_MALFORMED },
		{ 200, "{}", FAIL_MALFORMED },
		{ 200, V(""), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":[1]}"), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":[1]},{\"embedding\":[1]},{\"embedding\":[1]}"), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":[1]},{\"embedding\":[1,2]}"), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":[]},{\"embedding\":[]}"), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":[\"1\"]},{\"embedding\":[1]}"), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":[1e300]},{\"embedding\":[1]}"), FAIL_MALFORMED },
		{ 200, V("{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}"), FAIL_MALFORMED },
		{ 200, V("{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}"), FAIL_MALFORMED },
		{ 200, V("{\"embedding\":\"AAAA\"},{\"embedding\":\"AAAA\"}"), FAIL_MALFORMED },
		{ 200, "{\"error\":{\"message\":\"m\"}}", FAIL_SERVER },
		{ 400, "{\"error\":{\"code\":\"content_filter\"}}", FAIL_REQUEST_REFUSED },
		{ 401, "", FAIL_AUTH },
		{ 429, "", FAIL_RATE_LIMITED },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct arena a = ARENA_INIT;
		const struct reply *r = answered(&a, table[i].code, "application/json", table[i].body, 3);
		if (r->fail != table[i].fail || r->vectors.n)
			fail_msg("%zu '%s': %s", i, table[i].body, fail_name(r->fail));
		arena_release(&a);
	}
}

static int scored(struct arena *a, const char *config, const char *answer, float *v, size_t n, double *value,
		  struct err *err)
{
	const struct scorer_ops *op = scorer_find(STR("similar"));
	struct reply *r = arena_new(a, struct reply);
	struct score score = { .value = -1 };
	struct ask ask = { .arena = a };
	void *state = arena_alloc(a, op->state_size);
	struct evidence ev = { .answer = str_c(answer), .config = parsed(a, config), .judge = &embedder, .arena = a };
	reply_init(r, a);
	r->vectors = (struct vectors){ .v = v, .n = n, .dim = 2 };
	int step = op->step(state, &ev, &ask, &score, err);
	if (step == STEP_ASK) {
		assert_int_equal(ask.item.n, 1);
		assert_int_equal(ask.item.v[0].call.kind, CALL_EMBED);
		assert_true(str_eqc(ask.item.v[0].call.message[0].text, answer));
		ev.answers = r;
		ev.nanswer = 1;
		step = op->step(state, &ev, &ask, &score, err);
	}
	*value = score.value;
	return step;
}

static void scores_the_cosine(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	double x;
	float v[] = { 3, 4, 4, 3, 0, -1, 6, 8 }, zero[] = { 1, 1, 0, 0 };
	assert_int_equal(scored(&a, "{\"expected\":\"e\"}", "a", v, 2, &x, &err), STEP_DONE);
	assert_float_equal(x, 24.0 / 25, 1e-9);
	assert_int_equal(scored(&a, "{\"value\":[\"e\",\"f\",\"g\"]}", "a", v, 4, &x, &err), STEP_DONE);
	assert_float_equal(x, 1, 1e-9);
	assert_true(x <= 1);
	float away[] = { 0, 1, 0, -1 };
	assert_int_equal(scored(&a, "{\"expected\":\"e\"}", "a", away, 2, &x, &err), STEP_DONE);
	assert_float_equal(x, 0, 0);
	assert_int_equal(scored(&a, "{\"expected\":\"e\"}", " ", NULL, 0, &x, &err), STEP_DONE);
	assert_float_equal(x, 0, 0);
	assert_int_equal(scored(&a, "{\"expected\":\"e\"}", "a", zero, 2, &x, &err), -1);
	assert_int_equal(scored(&a, "{\"expected\":\"e\"}", "a", v, 3, &x, &err), -1);
	const struct scorer_ops *op = scorer_find(STR("similar"));
	const void *prepared;
	assert_int_equal(op->prepare(&prepared, parsed(&a, "{\"expected\":\"\"}"), &a, &err), -1);
	assert_int_equal(op->prepare(&prepared, parsed(&a, "{\"expected\":[\"a\",\" \"]}"), &a, &err), -1);
	assert_int_equal(op->prepare(&prepared, parsed(&a, "{\"expected\":[\"a\",2]}"), &a, &err), 0);
	struct score_traits t;
	score_traits_of(&t, op, parsed(&a, "{\"expected\":\"a\"}"), false);
	assert_float_equal(t.cut, 0.75, 0);
	score_traits_of(&t, op, parsed(&a, "{\"expected\":\"a\",\"threshold\":0.9}"), false);
	assert_float_equal(t.cut, 0.9, 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_requests),
		cmocka_unit_test(reads_vectors_and_keeps_them_exactly),
		cmocka_unit_test(takes_nothing_else_for_vectors),
		cmocka_unit_test(scores_the_cosine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
