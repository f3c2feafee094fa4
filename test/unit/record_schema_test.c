/* The published schemas of records: what is written is valid, every member that a schema names is
 * written somewhere, and what they forbid or require they do forbid and require. */
#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "doc/schema.h"
#include "record/record_read.h"
#include "record/record_write.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static json_t *load(const char *path, struct arena *a)
{
	struct err err = ERR_INIT;
	struct str bytes;
	if (fs_read(&bytes, path, 4 * MIB, a, &err))
		fail_msg("%s", err.msg);
	json_t *j = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	return arena_json(a, j);
}

static struct schema *compile(json_t *j, struct arena *a)
{
	struct err err = ERR_INIT;
	struct schema *s;
	if (schema_compile(&s, j, NULL, a, &err))
		fail_msg("%s", err.msg);
	return s;
}

static void must_be_valid(const struct schema *s, const json_t *j, const char *what)
{
	struct arena a = ARENA_INIT;
	struct schema_report rep = { .arena = &a };
	if (!schema_valid(s, j, &rep, &a))
		fail_msg("%s at %s: %s", what, rep.list.n ? rep.list.v[0].instance : "?",
			 rep.list.n ? rep.list.v[0].msg : "?");
	arena_release(&a);
}

/* --- a head and outcomes with everything in them --- */

static struct metric_head full_metrics[] = {
	{ .name = "correct", .scorer = "numeric", .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5,
	  .unit = "", .has_range = true, .lo = 0, .hi = 1, .judged = true, .weight = 2 },
	{ .name = "ttft", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "ms", .builtin = true, .weight = 1 },
	{ .name = "ttlt", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "ms", .builtin = true, .weight = 1 },
	{ .name = "tpot", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "ms", .builtin = true, .weight = 1 },
	{ .name = "latency", .scorer = "", .kind = METRIC_VALUE, .direction = LOWER_IS_BETTER, .unit = "ms", .builtin = true, .weight = 1 },
	{ .name = "tps", .scorer = "", .kind = METRIC_VALUE, .direction = HIGHER_IS_BETTER, .unit = "tok/s", .builtin = true, .weight = 1 },
};
static struct suite_head full_suites[] = {
	{ .name = "answers", .target = "bot", .is_new = true, .repeats = 2, .metric = full_metrics, .nmetric = 6,
	  .planned = 2, .scored = 1, .unscored = 1, .cases = 1, .usd = NAN, .judge_usd = 0.5, .wall_ms = 12,
	  .base = BASE_TWIN },
	{ .name = "answers@baseline", .target = "bot", .repeats = 2, .metric = full_metrics, .nmetric = 6, .planned = 2,
	  .unscored = 2, .cases = 1, .role = SUITE_BASELINE, .of = "answers", .reused = "20261122T070000-abcdef" },
	{ .name = "answers/correct@calibration", .target = "bot", .repeats = 1, .metric = full_metrics, .nmetric = 1,
	  .role = SUITE_CALIBRATION, .of = "answers", .of_metric = "correct", .good = 20, .bad = 21 },
};
static struct finding full_findings[] = {
	{ .text = "correct.mean >= 0.9", .label = "correct.mean", .at = { "gate.policy.yaml", 7, 9 },
	  .suite = "answers", .metric = "correct", .aggregate = "mean", .slice = "category=a", .op = ">=",
	  .bound = NAN, .bound_text = "0.90", .unit = "", .blocking = true, .confidence = 0.95,
	  .verdict = VERDICT_UNDECIDED, .has_estimate = true, .estimate = 1.0 / 3, .observed_text = "1/3",
	  .has_bounds = true, .lower = NAN, .upper = 1, .n = 2, .clusters = 1, .unscored = 1, .absent = 1, .hits = NAN,
	  .method = "clopper-pearson", .note = "more", .detects = 0.1, .blocks = 12, .because = "so", .unreachable = true, .needed = 59 },
	{ .text = "x", .label = "x", .observed_only = true, .confidence = NAN, .verdict = VERDICT_NA, .needed = -1 },
};

static const json_t *facts(struct arena *a)
{
	const char *text = "{\"bot\":{\"prompt\":{\"unknown\":\"x\",\"id\":\"P\",\"version\":\"3\",\"model\":\"m\",\"updated\":\"d\","
			   "\"sha256\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"},"
			   "\"profile\":{\"unknown\":\"x\",\"id\":\"us.m\",\"type\":\"application\",\"models\":[\"m\"]},"
			   "\"model\":{\"unknown\":\"x\",\"id\":\"m\",\"status\":\"legacy\",\"legacy\":\"d\","
			   "\"extended_access\":\"d\",\"end_of_life\":\"d\"}}}", *why;
	return json_lenient(a, str_c(text), &why);
}

static const json_t *paired(struct arena *a)
{
	return arena_json(a, json_pack("{s:f, s:s, s:f, s:s, s:f, s:f, s:f, s:f, s:f, s:i, s:i, s:i, s:i, s:f, s:f,"
				       " s:{s:[s], s:[s]}}",
				       "new", 0.5, "new_text", "1/2", "old", 0.5, "old_text", "1/2", "difference", 0.0,
				       "lower", -0.5, "upper", 0.5, "shown_lower", -0.4, "shown_upper", 0.4, "pairs", 2,
				       "old_unscored", 0, "gained", 1, "lost", 1, "least", 0.5, "p", 0.5, "flips",
				       "lost", "c1", "gained", "c2"));
}

static json_t *interval(void)
{
	return json_pack("{s:f, s:f, s:n}", "estimate", 0.5, "lower", 0.25, "upper");
}

static const json_t *judge(struct arena *a)
{
	return arena_json(a, json_pack("{s:i, s:i, s:i, s:i, s:o, s:o, s:f, s:f, s:b, s:o, s:o, s:o}", "good", 20, "bad", 21,
				       "disputed", 1, "unscored", 2, "sensitivity", interval(), "specificity", interval(),
				       "kappa", 0.5, "alpha", 0.25, "met", 0, "judged", interval(), "corrected", interval(),
				       "powered", interval()));
}

static struct record full_head(struct arena *a)
{
	full_findings[0].judge = judge(a);
	full_findings[0].paired = paired(a);
	json_t *policy = json_pack("{s:[s], s:[s], s:{s:i}, s:{s:s}, s:{s:i}, s:{s:f}, s:s}", "suites", "answers", "thresholds",
				   "correct.mean >= 0.9", "budget", "usd", 5, "bind", "x", "y", "model_lifecycle", "days", 9,
				   "judge", "min_good", 0.8, "stop", "early");
	json_t *failures = json_pack("[{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:{s:i, s:i}, s:[{s:i, s:s, s:f, s:i, s:i, s:f, s:f, s:i, s:f}],"
				     " s:{s:s, s:b, s:i, s:i, s:i, s:i}, s:[{s:s, s:i, s:i, s:f, s:s, s:s, s:s}], s:[{s:s, s:s, s:i, s:i, s:f}]}]",
				     "suite", "answers", "metric", "correct", "scorer", "equals", "kind", "score", "pattern", "#", "count", 1,
				     "of", 2, "rest", "count", 0, "of", 1, "gaps", "finding", 0, "threshold", "t", "gap", 0.1,
				     "gap_samples", 1, "count", 1, "part", 0.5, "share", 5.0, "unscored", 0, "width", 0.0,
				     "answers", "words", "w", "whole", 0, "count", 1, "of", 1, "fine", 0, "fine_of", 1,
				     "cases", "case", "c1", "sample", 0, "seq", 0, "value", 0.0, "reason", "r", "input", "i",
				     "answer", "a", "slices", "key", "k", "value", "v", "count", 1, "of", 1, "p", 0.01);
	json_t *prices = json_pack("{ss ss ss ss ss}", "sha256",
				   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "date",
				   "2026-10-31", "source", "a page", "path", "prices.yaml", "oid", "b3bb");
	assert_non_null(policy);
	assert_non_null(failures);
	return (struct record){
		.version = 1, .gate_version = "0.1.0", .run_id = "20261123T070000-abcdef", .start_ms = 1795417200000,
		.end_ms = 1795417201500, .repo = "r", .commit = "3f2a9c1", .tree = "9c", .branch = "b",
		.config_path = "gate.yaml", .stage = "pre", .policy_ref = "origin/main", .policy_commit = "91be",
		.policy_path = "gate.policy.yaml", .policy_self = "self", .policy = arena_json(a, policy),
		.prices = arena_json(a, prices),
		.confidence = 0.95, .seed = 7, .suite = full_suites, .nsuite = 3, .finding = full_findings, .nfinding = 2,
		.verdict = VERDICT_UNDECIDED, .exit_code = 3, .stopped = "interrupted", .proxy = "http://p:3128",
		.places = arena_json(a, json_pack("{s:s}", "bot", "us-east-1")),
		.noutcome = 2,
		.spend = { .usd = NAN, .calls = 2, .attempts = 3, .resumed = true, .tokens_open = true }, .failures = arena_json(a, failures),
		.notes = arena_json(a, json_pack("[s]", "look")),
		.baseline = arena_json(a, json_pack("{s:s, s:s, s:s}", "named", "merge-base", "commit", "3f2a9c1", "run", "r")),
		.combination = arena_json(a, json_pack("{s:s, s:s, s:s}", "matrix", "m.yaml", "oid", "3f2a9c1", "name", "a · b")),
		.facts = facts(a),
		.artifacts = arena_json(a, json_pack("[{s:s, s:s, s:s, s:s}]", "role", "prompt", "path", "p.md", "oid", "ab", "of", "bot")),
		.earlier_verdicts = arena_json(a, json_pack("{s:i, s:i, s:i, s:i, s:b, s:[{s:s, s:s, s:s, s:i, s:i, s:s}]}",
			"total", 1, "passed", 0, "failed", 1, "undecided", 0, "fresh", 1, "runs", "run", "x", "start",
			"2026-11-23T07:00:00.000Z", "verdict", "fail", "exit_code", 1, "calls", 3, "policy",
			"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")),
		.judges = arena_json(a, json_pack("[{s:s, s:f, s:i, s:i, s:s, s:s, s:f, s:i, s:i, s:f, s:b}]", "suite",
			"answers/correct@calibration", "agreement", 0.75, "labels", 40, "reused", 3, "run", "x", "start",
			"2026-11-23T07:00:00.000Z", "was", 0.5, "better", 10, "worse", 0, "p", 0.002, "changed", 1)),
		.flaky = arena_json(a, json_pack("[{s:s, s:s, s:s, s:i, s:i, s:i, s:i}]", "suite", "answers", "case", "c1",
			"metric", "correct", "passed", 3, "of", 7, "unscored", 0, "runs", 7)),
	};
}

static const struct tag full_tags[] = { { STR_INIT("category"), STR_INIT("refunds") } };

static json_t *st_trajectory(struct arena *a)
{
	return arena_json(a, json_pack("[{s:s, s:s, s:s, s:{}, s:s}, {s:s, s:s, s:s, s:{s:f}}, {s:s, s:s}]",
				       "kind", "tool", "name", "f", "id", "1", "arguments", "result", "r",
				       "kind", "model", "text", "t", "finish", "stop", "times", "ttft_ms", 1.5,
				       "kind", "tool", "error", "e"));
}

static struct outcome full_outcome(bool failed, struct arena *a)
{
	struct cell *cells = arena_array(a, struct cell, 6);
	for (size_t i = 0; i < 6; i++)
		cells[i] = (struct cell){ .state = i && failed ? CELL_UNSCORED : CELL_SCORED, .value = 0.25 + (double)i,
					  .reason = STR("why") };
	struct outcome o = {
		.seq = failed, .case_id = STR("c1"), .sample = failed, .status = failed ? SAMPLE_UNSCORED : SAMPLE_SCORED,
		.cluster = STR("family"), .weight = 0.25, .tag = full_tags, .ntag = 1, .cell = cells,
		.input = STR("q"), .answer = STR("a"), .cost_usd = 0.1, .judge_usd = 0.2, .at = { "a.jsonl", 3, 0 },
		.reply = { .finish = FINISH_TOOL, .finish_raw = STR("tool_use"), .model = STR("m-1"), .request_id = STR("id"),
			   .usage = { .in = 12, .out = 5, .cache_read = 1, .cache_write = 2, .cache_write_1h = 1, .reasoning = 3 },
			   .tier = STR("flex"), .speed = STR("optimized"),
			   .time = { .ttfv = 1234000, .connect = 5000, .wait = 7000, .begun_ms = 9 }, .attempts = 2, .reused = !failed },
		.detail = arena_json(a, json_pack("{s:{s:i}}", "correct", "votes", 3)),
		.quarantine = arena_json(a, json_pack("{s:s, s:s, s:s}", "until", "2027-01-31", "owner", "ann", "reason", "r")),
	};
	o.reply.tool_calls = arena_json(a, json_pack("[{s:s, s:s, s:{}}]", "id", "1", "name", "f", "arguments"));
	o.reply.contexts = arena_json(a, json_pack("[{s:s, s:s, s:f, s:s}]", "text", "p", "source", "s3://b/k",
						   "score", 0.5, "id", "d1"));
	o.reply.trajectory = st_trajectory(a);
	o.reply.guardrail = arena_json(a, json_pack("{s:s, s:s, s:[{}]}", "action", "none", "reason", "r", "policies"));
	o.reply.detail = arena_json(a, json_pack("{s:s}", "version", "3"));
	if (failed) {
		o.reply.fail = FAIL_AUTH;
		o.reply.fail_text = STR("HTTP 403");
		o.reply.http_status = 403;
	}
	return o;
}

static json_t *written_head(const struct record *r, struct arena *a)
{
	struct buf b;
	buf_init(&b, MIB);
	record_write_head(&b, r);
	json_t *j = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	buf_release(&b);
	return arena_json(a, j);
}

static json_t *written_outcome(const struct record *r, const struct outcome *o, struct arena *a)
{
	struct buf b;
	buf_init(&b, MIB);
	record_write_outcome(&b, r, o);
	json_t *j = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	buf_release(&b);
	return arena_json(a, j);
}

/* --- coverage: which of a schema's properties a value has --- */

struct cover {
	const json_t *root;
	json_t *seen; /* keyed by the property schema's address */
};

static void mark(struct cover *c, const json_t *schema)
{
	char key[32];
	snprintf(key, sizeof(key), "%p", (const void *)schema);
	json_object_set_new(c->seen, key, json_true());
}

static bool marked(const struct cover *c, const json_t *schema)
{
	char key[32];
	snprintf(key, sizeof(key), "%p", (const void *)schema);
	return json_object_get(c->seen, key) != NULL;
}

static const json_t *resolve(const struct cover *c, const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));
	return ref ? json_object_get(json_object_get(c->root, "$defs"), ref + strlen("#/$defs/")) : schema;
}

static void walk(struct cover *c, const json_t *schema, const json_t *value)
{
	const char *key;
	json_t *x;
	size_t i;
	schema = resolve(c, schema);
	json_object_foreach ((json_t *)(uintptr_t)json_object_get(schema, "properties"), key, x) {
		if (!json_object_get(value, key))
			continue;
		mark(c, x);
		walk(c, x, json_object_get(value, key));
	}
	if (json_is_array(value) && json_object_get(schema, "items"))
		json_array_foreach ((json_t *)(uintptr_t)value, i, x)
			walk(c, json_object_get(schema, "items"), x);
	const json_t *more = json_object_get(schema, "additionalProperties");
	if (json_is_object(value) && json_is_object(more))
		json_object_foreach ((json_t *)(uintptr_t)value, key, x)
			walk(c, more, x);
}

/* Every property anywhere in the schema must have been marked. */
static void check_all_marked(const struct cover *c, const json_t *schema, const char *at)
{
	const char *key;
	json_t *x;
	size_t i;
	if (json_is_array(schema))
		json_array_foreach ((json_t *)(uintptr_t)schema, i, x)
			check_all_marked(c, x, at);
	json_object_foreach ((json_t *)(uintptr_t)json_object_get(schema, "properties"), key, x)
		if (!marked(c, x))
			fail_msg("the schema has '%s' of '%s', and nothing writes it", key, at);
	if (json_is_object(schema))
		json_object_foreach ((json_t *)(uintptr_t)schema, key, x)
			check_all_marked(c, x, key);
}

/* A value without one required member, or with an unknown one, is refused. */
static void check_strict(const struct schema *s, const json_t *schema, const json_t *good)
{
	struct arena a = ARENA_INIT;
	size_t i;
	json_t *name;
	assert_true(json_array_size(json_object_get(schema, "required")) > 5);
	json_array_foreach (json_object_get(schema, "required"), i, name) {
		json_t *bad = arena_json(&a, json_deep_copy(good));
		assert_int_equal(json_object_del(bad, json_string_value(name)), 0);
		assert_false(schema_valid(s, bad, NULL, &a));
	}
	json_t *bad = arena_json(&a, json_deep_copy(good));
	json_object_set_new(bad, "verdikt", json_null());
	assert_false(schema_valid(s, bad, NULL, &a));
	bad = arena_json(&a, json_deep_copy(good));
	json_object_set_new(json_object_get(bad, "times"), "extra", json_null());
	assert_false(schema_valid(s, bad, NULL, &a));
	arena_release(&a);
}

static void heads_follow_their_schema(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	json_t *j = load("docs/schema/record.schema.json", &a);
	struct schema *s = compile(j, &a);
	struct record r = full_head(&a);
	json_t *head = written_head(&r, &a);
	struct cover c = { .root = j, .seen = arena_json(&a, json_object()) };
	must_be_valid(s, head, "a full head");
	walk(&c, j, head);
	check_all_marked(&c, j, "the head");
	check_strict(s, j, head);
	arena_release(&a);
}

static void outcomes_follow_their_schema(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	json_t *j = load("docs/schema/outcome.schema.json", &a);
	struct schema *s = compile(j, &a);
	struct record r = full_head(&a);
	struct cover c = { .root = j, .seen = arena_json(&a, json_object()) };
	json_t *line = NULL;
	for (int failed = 1; failed >= 0; failed--) {
		struct outcome o = full_outcome(failed, &a);
		line = written_outcome(&r, &o, &a);
		must_be_valid(s, line, "a full outcome");
		walk(&c, j, line);
	}
	check_all_marked(&c, j, "an outcome");
	check_strict(s, j, line);
	arena_release(&a);
}

static void every_name_is_in_the_schemas(void **state)
{
	(void)state;
	struct arena a = ARENA_INIT;
	struct schema *s = compile(load("docs/schema/outcome.schema.json", &a), &a);
	struct record r = full_head(&a);
	for (int i = FAIL_NONE; i < FAIL_COUNT; i++) {
		struct outcome o = full_outcome(true, &a);
		o.reply.fail = (enum fail)i;
		must_be_valid(s, written_outcome(&r, &o, &a), fail_name((enum fail)i));
	}
	for (int i = FINISH_NONE; i <= FINISH_OTHER; i++) {
		struct outcome o = full_outcome(false, &a);
		o.reply.finish = (enum finish)i;
		o.status = (enum sample_status)(i % 4);
		must_be_valid(s, written_outcome(&r, &o, &a), finish_name((enum finish)i));
	}
	arena_release(&a);
}

static void fixtures_follow_the_schemas(void **state)
{
	(void)state;
	static const char *const names[] = { "pass", "fail", "undecided", "unreachable", "unscored", "quarantined",
					     "measured", "filtered", "repeats", "wide" };
	struct arena a = ARENA_INIT;
	struct schema *head = compile(load("docs/schema/record.schema.json", &a), &a);
	struct schema *line = compile(load("docs/schema/outcome.schema.json", &a), &a);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct err err = ERR_INIT;
		struct str bytes, one;
		must_be_valid(head, load(arena_fmt(&a, "fixtures/records/%s/record.json", names[i]), &a), names[i]);
		assert_int_equal(fs_read(&bytes, arena_fmt(&a, "fixtures/records/%s/outcomes.jsonl", names[i]), MIB, &a, &err), 0);
		while (str_line(&bytes, &one))
			must_be_valid(line, arena_json(&a, json_loadb(one.p, one.n, 0, NULL)), names[i]);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_follow_their_schema),
		cmocka_unit_test(outcomes_follow_their_schema),
		cmocka_unit_test(every_name_is_in_the_schemas),
		cmocka_unit_test(fixtures_follow_the_schemas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
