/* gate.policy.yaml: what PRODUCT shows loads; every mistake has its place, all at once. */
#include "base/arena.h"
#include "base/num.h"
#include "verdict/policy.h"
#include "verdict/policy_threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

static const char full[] =
	"version: 1\n"
	"confidence: 0.9\n"
	"baseline: merge-base\n"
	"stages:\n"
	"  pre-production:\n"
	"    suites: [answers, red-team]\n"
	"    thresholds:\n"
	"      - correct.mean >= 0.90\n"
	"      - correct.mean{category=refunds} >= 0.80\n"
	"      - {expect: answers/cost.mean <= $0.004, severity: warn, decide: observed}\n"
	"      - metric: answers/correct\n"
	"        aggregate: p50\n"
	"        slice: {lang: pt BR, ok: true, n: 3}\n"
	"        op: \">=\"\n"
	"        bound: 0.8\n"
	"        confidence: 0.99\n"
	"        because: people said so\n"
	"      - {metric: cost, aggregate: mean, op: <=, bound: $1, range: [0, 2]}\n"
	"    budget: {usd: 5, tokens: 2M, time: 10m}\n"
	"    bind: {guardrail: gr-1}\n"
	"  production:\n"
	"    needs: pre-production\n"
	"    max_age: 7d\n"
	"    approvals: {at_least: 1, from: [release-managers]}\n"
	"trust:\n"
	"  keys: {ci: keys/ci.pub, release-managers: [keys/alice.pub]}\n"
	"  hosts: [\"aws:bedrock@us-east-1\"]\n"
	"  credentials: [{host: api.example.com, env: EXAMPLE_KEY}]\n"
	"  allow_exec: false\n";

struct loaded {
	struct arena a;
	struct diags d;
	struct doc doc;
	struct policy p;
	int result;
};

static void load(struct loaded *l, const char *text)
{
	*l = (struct loaded){ .result = 0 };
	diags_init(&l->d, &l->a);
	l->result = policy_read(&l->p, &l->doc, str_c(text), "gate.policy.yaml", &l->a, &l->d);
	diags_sort(&l->d);
}

static void loads_what_product_shows(void **state)
{
	(void)state;
	struct loaded l;
	struct err err = ERR_INIT;
	const struct stage *s;
	load(&l, full);
	if (l.result)
		fail_msg("%s", l.d.list.v[0].msg);
	assert_true(l.p.confidence == 0.9);
	assert_int_equal(l.p.nstage, 2);
	assert_int_equal(policy_stage(&s, &l.p, NULL, &err), 0);
	assert_string_equal(s->name, "pre-production");
	assert_int_equal(s->nsuite, 2);
	assert_int_equal(s->suite_at[1].line, 6);
	assert_int_equal(s->nthreshold, 5);
	assert_int_equal(s->budget.usd_micro, 5000000);
	assert_int_equal(s->budget.tokens, 2000000);
	assert_int_equal(s->budget.time_ms, 600000);
	const struct threshold *t = s->threshold;
	assert_true(t[0].blocking && isnan(t[0].confidence));
	assert_int_equal(t[0].at.line, 8);
	assert_int_equal(t[0].at.col, 9);
	assert_true(!t[2].blocking && t[2].observed);
	assert_string_equal(t[3].text,
			    "answers/correct.p50{lang=\"pt BR\", ok=\"true\", n=\"3\"} >= 0.8");
	assert_int_equal(t[3].nslice, 3);
	assert_string_equal(t[3].slice[1].value, "true");
	assert_true(t[3].confidence == 0.99);
	assert_string_equal(t[3].because, "people said so");
	assert_true(t[4].has_range && t[4].hi == 2);
	const struct stage *prod = policy_find_stage(&l.p, STR("production"));
	assert_int_equal(prod->kind, STAGE_VERIFIED);
	assert_true(prod->max_age_ms == (int64_t)7 * 86400000);
	assert_int_equal(prod->approvals, 1);
	assert_null(l.p.trust.credential[0].header); /* as the provider asks */
	assert_true(l.p.trust.has_hosts && l.p.trust.nhost == 1 && !l.p.trust.allow_exec);
	arena_release(&l.a);
}

static void programs_are_the_policys_to_allow(void **state)
{
	(void)state;
	struct loaded l;
	load(&l, "version: 1\nstages: {s: {suites: [a], thresholds: [\"c.mean >= 1\"]}}\n"
		 "trust: {allow_exec: {programs: [/bin/a, b], env: [TOKEN], dir: /srv}}\n");
	assert_int_equal(l.result, 0);
	const struct trust *t = &l.p.trust;
	assert_true(t->allow_exec && t->has_programs);
	assert_int_equal(t->nprogram, 2);
	assert_string_equal(t->program[1], "b");
	assert_int_equal(t->nexec_env, 1);
	assert_string_equal(t->exec_dir, "/srv");
	arena_release(&l.a);
	load(&l, "version: 1\nstages: {s: {suites: [a], thresholds: [\"c.mean >= 1\"]}}\n"
		 "trust: {allow_exec: {programs: [bin/a], env: [A-B], dir: srv, program: x}}\n");
	assert_int_equal(l.result, -1);
	assert_int_equal(l.d.errors, 4);
	arena_release(&l.a);
}

static void stage_by_name(void **state)
{
	(void)state;
	struct loaded l;
	struct err err = ERR_INIT;
	const struct stage *s;
	load(&l, full);
	assert_int_equal(policy_stage(&s, &l.p, "production", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "gate verify --stage production"));
	assert_int_equal(policy_stage(&s, &l.p, "pre-prodction", &err), -1);
	assert_non_null(strstr(err.msg, "did you mean 'pre-production'"));
	arena_release(&l.a);
	load(&l, "version: 1\nstages:\n  a: {suites: [x], thresholds: [c.mean >= 0.5]}\n"
		 "  b: {suites: [x], thresholds: [c.mean >= 0.6]}\n");
	assert_int_equal(l.result, 0);
	assert_int_equal(policy_stage(&s, &l.p, NULL, &err), -1);
	assert_non_null(strstr(err.msg, "a, b"));
	assert_int_equal(policy_stage(&s, &l.p, "b", &err), 0);
	arena_release(&l.a);
}

/* One mistake a text: place, and words of message or hint. */
static void mistakes(void **state)
{
	(void)state;
#define STAGE "version: 1\nstages:\n  s:\n    suites: [a]\n    thresholds:\n      - "
	static const struct {
		const char *text;
		unsigned line, col;
		const char *word;
	} rows[] = {
		{ STAGE "correct.meen >= 0.9\n", 6, 17, "'meen'" },
		{ STAGE "\"correct.mean => 0.9\"\n", 6, 23, "did you mean '>='" },
		{ STAGE "{expect: c.mean >= 0.9x}\n", 6, 31, "unknown unit" },
		{ STAGE "{metric: c, aggregate: meen, op: \">=\", bound: 1}\n", 6, 32, "'meen'" },
		{ STAGE "{metric: c, aggregate: mean, op: \">=\", bound: 1x}\n", 6, 56, "unit" },
		{ STAGE "{metric: c, aggregate: mean, bound: 1}\n", 6, 9, "needs 'op'" },
		{ STAGE "{expect: c.mean >= 0.9, metric: c}\n", 6, 33, "one or the other" },
		{ STAGE "{expect: c.mean >= 0.9, range: [2, 1]}\n", 6, 40, "lowest" },
		{ STAGE "{expect: c.mean{k=v} >= 0.9}\n", 6, 0, "quote a threshold with a slice" },
		{ STAGE "*/ttft.p95 <= 1s\n", 6, 0, "quote a threshold that starts with '*'" },
		{ STAGE "{expect: c.mean >= 0.9, severity: warn}\n", 3, 3,
		  "no blocking threshold" },
		{ STAGE "spend.usd <= 5\n", 3, 3, "no blocking threshold" },
		{ STAGE "c.mean >= 0.9\n    stop: soon\n", 7, 11, "never" },
		{ STAGE "c.mean >= 0.9\n    budget: {time: 10 parsecs}\n", 7, 20, "no duration" },
		{ STAGE "c.mean >= 0.9\n    budget: {tokens: 2m}\n", 7, 22, "no count" },
		{ STAGE "c.mean >= 0.9\n    needs: x\n", 7, 12, "not here" },
		{ STAGE "c.mean >= 0.9\n    needs: [s]\n", 3, 3, "needs itself" },
		{ STAGE "c.mean >= 0.9\n    approvals: {at_least: 1, from: [x]}\n", 7, 37,
		  "trust.keys" },
		{ STAGE "c.mean >= 0.9\njudge: {agreement: 0.8}\n", 7, 9, "'agreement'" },
		{ STAGE "c.mean >= 0.9\njudge: {}\n", 7, 8, "at least" },
		{ STAGE "c.mean >= 0.9\njudge: {min_good: 80%}\n", 7, 19, "number" },
		{ STAGE "c.mean >= 0.9\njudge: {min_bad: 1}\n", 7, 18, "1" },
		{ "version: 1\nstages:\n  s: {suites: [a]}\n", 3, 3, "no blocking threshold" },
		{ "version: 1\nstages:\n  s: {thresholds: [c.mean >= 1]}\n", 3, 3, "no 'suites'" },
		{ "version: 1\nstages:\n  s: {max_age: 7d}\n", 3, 3, "neither" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct loaded l;
		load(&l, rows[i].text);
		const struct diag *d = l.d.list.n ? &l.d.list.v[0] : NULL;
		if (!l.result || l.d.errors != 1)
			fail_msg("%zu errors in: %s%s", l.d.errors, rows[i].text,
				 l.d.errors > 1 ? l.d.list.v[1].msg : "");
		if (d->at.line != rows[i].line || (rows[i].col && d->at.col != rows[i].col) ||
		    !(strstr(d->msg, rows[i].word) || (d->hint && strstr(d->hint, rows[i].word))))
			fail_msg("%s: %u:%u %s (%s)", rows[i].text, d->at.line, d->at.col, d->msg,
				 d->hint ? d->hint : "");
		arena_release(&l.a);
	}
}

static void ten_mistakes_at_once(void **state)
{
	(void)state;
	static const char text[] = "version: 1\n"
				   "confidense: 0.95\n" /* 2 unknown key */
				   "confidence: 95\n"	/* 3 range */
				   "stages:\n"
				   "  s:\n"
				   "    suites: answers\n" /* 6 type */
				   "    treshold: []\n"	   /* 7 unknown key */
				   "    thresholds:\n"
				   "      - correct >= 0.9\n"			     /* 9 */
				   "      - correct.mean >= 0,9\n"		     /* 10 */
				   "      - {expect: c.mean >= 1, severty: warn}\n"  /* 11 */
				   "      - {expect: c.mean >= 1, severity: wran}\n" /* 12 */
				   "    budget: {time: ten}\n"			     /* 13 */
				   "    needs: nowhere\n"			     /* 14 */
				   "trust: {allow_exec: maybe}\n";		     /* 15 */
	static const unsigned lines[] = { 2, 3, 6, 7, 9, 10, 11, 12, 13, 14, 15 };
	struct loaded l;
	load(&l, text);
	assert_int_equal(l.result, -1);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		bool found = false;
		for (size_t k = 0; k < l.d.list.n; k++)
			found |= l.d.list.v[k].at.line == lines[i] && l.d.list.v[k].at.col > 0;
		if (!found)
			fail_msg("nothing told of line %u", lines[i]);
	}
	arena_release(&l.a);
}

static void columns_inside_thresholds(void **state)
{
	(void)state;
	struct loaded l;
	load(&l, full);
	assert_int_equal(l.result, 0);
	const struct threshold *t = l.p.stage[0].threshold;
	struct pos at = policy_threshold_pos(&t[1], &l.doc, t[1].slice_off);
	assert_int_equal(at.line, 9);
	assert_int_equal(at.col, 21);
	at = policy_threshold_pos(&t[2], &l.doc, t[2].bound_off);
	assert_int_equal(at.line, 10);
	assert_int_equal(at.col, 39);
	at = policy_threshold_pos(&t[3], &l.doc, t[3].agg_off);
	assert_int_equal(at.line, 12);
	assert_int_equal(at.col, 20);
	at = policy_threshold_pos(&t[3], &l.doc, t[3].metric_off);
	assert_int_equal(at.line, 11);
	assert_int_equal(at.col, 25);
	at = policy_threshold_pos(&t[3], &l.doc, t[3].bound_off);
	assert_int_equal(at.line, 15);
	arena_release(&l.a);
}

static void a_record_keeps_its_policy(void **state)
{
	(void)state;
	struct loaded l;
	struct err err = ERR_INIT;
	struct policy again;
	const struct stage *s, *t;
	load(&l, full);
	assert_int_equal(policy_stage(&s, &l.p, NULL, &err), 0);
	struct record rec = { .stage = s->name,
			      .confidence = l.p.confidence,
			      .policy = policy_record(s, &l.a) };
	if (policy_from_record(&again, &t, &rec, &l.a, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(t->name, s->name);
	assert_true(again.confidence == l.p.confidence);
	assert_int_equal(t->nthreshold, s->nthreshold);
	for (size_t i = 0; i < t->nthreshold; i++) {
		assert_string_equal(t->threshold[i].text, s->threshold[i].text);
		assert_int_equal(t->threshold[i].blocking, s->threshold[i].blocking);
		assert_int_equal(t->threshold[i].observed, s->threshold[i].observed);
		assert_true(t->threshold[i].bound.value == s->threshold[i].bound.value);
	}
	rec.policy = NULL;
	assert_int_equal(policy_from_record(&again, &t, &rec, &l.a, &err), -1);
	assert_int_equal(err.kind, ERR_TRUST);
	arena_release(&l.a);
}

static void durations_and_counts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = { { "250ms", 250 },	  { "90s", 90000 },    { "10m", 600000 },
		     { "1.5h", 5400000 }, { "7d", 604800000 }, { "0s", 0 } };
	static const char *const bad[] = { "",	    "10",  "m",	    "10 m", "-1s",
					   "1e30d", "10M", "nan s", "infs" };
	int64_t x;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		assert_true(policy_duration(str_c(good[i].text), &x));
		assert_true(x == good[i].ms);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (policy_duration(str_c(bad[i]), &x))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(policy_count(STR("2M"), &x) && x == 2000000);
	assert_true(policy_count(STR("1.5k"), &x) && x == 1500);
	assert_true(policy_count(STR("1000"), &x) && x == 1000);
	assert_false(policy_count(STR("2m"), &x));
	assert_false(policy_count(STR(""), &x));
}

static void limits(void **state)
{
	(void)state;
	double x;
	struct loaded l;
	assert_true(policy_rate(STR("100/m"), &x) && x == 100);
	assert_true(policy_rate(STR("5/s"), &x) && x == 300);
	assert_true(policy_rate(STR("200k/m"), &x) && x == 200000);
	assert_true(policy_rate(STR("6k/h"), &x) && x == 100);
	assert_false(policy_rate(STR("100"), &x) || policy_rate(STR("/m"), &x) || policy_rate(STR("0/m"), &x) ||
		     policy_rate(STR("-1/m"), &x) || policy_rate(STR("1/d"), &x));
	load(&l, "version: 1\nlimits:\n  - {provider: bedrock, model: 'us.*', requests: 100/m, tokens: 2M/m}\n"
		 "  - {concurrency: 3, burndown: 2.5}\nstages:\n  p:\n    suites: [a]\n    thresholds: [c.mean >= 0.5]\n");
	assert_int_equal(l.result, 0);
	assert_int_equal(l.p.nlimit, 2);
	assert_true(l.p.limit[0].requests == 100 && l.p.limit[0].tokens == 2e6 && !l.p.limit[0].concurrency);
	assert_true(l.p.limit[1].concurrency == 3 && l.p.limit[1].burndown == 2.5 && !l.p.limit[1].model.n);
	assert_int_equal(l.p.limit[0].at.line, 3);
	arena_release(&l.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_what_product_shows),
		cmocka_unit_test(programs_are_the_policys_to_allow),
		cmocka_unit_test(stage_by_name),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(ten_mistakes_at_once),
		cmocka_unit_test(columns_inside_thresholds),
		cmocka_unit_test(a_record_keeps_its_policy),
		cmocka_unit_test(durations_and_counts),
		cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
