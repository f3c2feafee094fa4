/* Loading gate.yaml and what it names, from trees in memory. */
#include "suite/suite.h"

#include "base/clock.h"
#include "base/limits.h"
#include "repo/repo.h"
#include "scratchrepo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define F(p, t) { .path = (p), .bytes = STR_INIT(t) }

/* One load: what came out, and every diag as "file:line:col rule: text" lines. */
struct loaded {
	struct arena arena;
	struct project project;
	struct diags diags;
	struct err err;
	struct buf text;
	int rc;
};

static void load(struct loaded *l, const struct tree_mem *commit, size_t n,
		 const struct tree_mem *policy, size_t npolicy, const char *bind)
{
	*l = (struct loaded){ .rc = -1 };
	struct tree *here = NULL, *there = NULL;
	diags_init(&l->diags, &l->arena);
	buf_init(&l->text, MIB);
	if (tree_memory(&here, commit, n, &l->arena, &l->err) ||
	    (policy && tree_memory(&there, policy, npolicy, &l->arena, &l->err)))
		fail_msg("%s", l->err.msg);
	const struct project_opts o = {
		.commit = here,
		.policy = policy ? there : here,
		.bind = bind ? arena_json(&l->arena, json_loads(bind, 0, NULL)) : NULL,
	};
	l->rc = project_load(&l->project, &o, &l->arena, &l->diags, &l->err);
	diags_sort(&l->diags);
	for (size_t i = 0; i < l->diags.list.n; i++) {
		const struct diag *d = &l->diags.list.v[i];
		buf_addf(&l->text, "%s:%u:%u %s: %s\n", d->at.file ? d->at.file : "?", d->at.line,
			 d->at.col, d->rule, d->msg);
		if (d->hint)
			buf_addf(&l->text, "  hint: %s\n", d->hint);
	}
	if (l->err.kind)
		buf_addf(&l->text, "err %d: %s\n", l->err.kind, l->err.msg);
}

static void unload(struct loaded *l)
{
	buf_release(&l->text);
	arena_release(&l->arena);
}

#define LOAD(l, files) load(l, files, ARRAY_LEN(files), NULL, 0, NULL)

static void expect_clean(struct loaded *l)
{
	if (l->rc || l->diags.errors)
		fail_msg("unexpected:\n%s", buf_cstr(&l->text));
}

static void expect_word(struct loaded *l, const char *word)
{
	if (!l->rc)
		fail_msg("loaded without an error; expected: %s", word);
	if (!strstr(buf_cstr(&l->text), word))
		fail_msg("'%s' is not in:\n%s", word, buf_cstr(&l->text));
}

static void expect_file(const char *path, const char *bytes, const char *cases, const char *word)
{
	struct loaded l;
	struct arena a = ARENA_INIT;
	const char *conf = arena_fmt(&a,
				     "version: 1\ntargets: {t: {provider: recorded}}\nsuites:\n  s:\n"
				     "    target: t\n    cases: %s\n    metrics: {m: {scorer: equals, "
				     "expected: \"{{expected}}\"}}\n",
				     cases);
	struct tree_mem files[] = { { "gate.yaml", str_c(conf) }, { path, str_c(bytes) } };
	LOAD(&l, files);
	if (word)
		expect_word(&l, word);
	else
		expect_clean(&l);
	unload(&l);
	arena_release(&a);
}

/* The example of the product's page, as a tree. */
#define GATE_YAML                                                                                \
	"version: 1\n"                                                                           \
	"targets:\n"                                                                             \
	"  support:\n"                                                                           \
	"    provider: openai\n"                                                                 \
	"    prompt: {system: prompts/support.md, user: prompts/question.md}\n"                  \
	"    model: models/support.yaml\n"                                                       \
	"    params: params/support.json\n"                                                      \
	"    guardrail: {id: \"{{bind.guardrail}}\", version: \"4\"}\n"                          \
	"    tools: tools/*.json\n"                                                              \
	"  judge: {provider: openai, model: {id: judge-1}, params: {temperature: 0}}\n"          \
	"suites:\n"                                                                              \
	"  answers:\n"                                                                           \
	"    target: support\n"                                                                  \
	"    cases: golden/*.jsonl\n"                                                            \
	"    repeats: 2\n"                                                                       \
	"    metrics:\n"                                                                         \
	"      correct:  {scorer: not-numeric, expected: \"{{expected}}\", weight: 2}\n"         \
	"      grounded: {scorer: judge, rubric: rubrics/grounded.md, with: judge}\n"            \
	"      leaked:   {scorer: leak, canary: target.prompt}\n"                                \
	"      exact: exact-match\n"

#define GOOD                                                                                     \
	F("gate.yaml", GATE_YAML), F("prompts/support.md", "You serve {{shop}}.\n"),             \
		F("prompts/question.md", "Q: {{question}}"),                                     \
		F("models/support.yaml", "id: model-1\nbase_url: http://127.0.0.1:8080/v1\n"),   \
		F("params/support.json", "{\"temperature\": 0.5}"),                              \
		F("tools/a.json", "{\"type\":\"function\",\"function\":{\"name\":\"find\"}}"),   \
		F("rubrics/grounded.md", "Is it about {{question}}?\n")

#define ROWS                                                                                     \
	F("golden/a.jsonl", "{\"id\":\"one\",\"question\":\"1+1?\",\"expected\":2,\"shop\":\"A\"}\n" \
			    "{\"question\":\"2+2?\",\"expected\":4,\"shop\":\"B\"}\n")

static void a_whole_project(void **state)
{
	(void)state;
	static const struct tree_mem files[] = { GOOD, ROWS };
	struct loaded l;
	load(&l, files, ARRAY_LEN(files), NULL, 0, "{\"guardrail\": \"gr-1\"}");
	expect_clean(&l);
	const struct project *p = &l.project;
	assert_int_equal(p->ntarget, 2);
	assert_int_equal(p->nsuite, 1);
	const struct suite_conf *s = &p->suite[0];
	const struct target_conf *t = s->target;
	assert_string_equal(t->name, "support");
	assert_true(str_eqc(t->endpoint.model, "model-1"));
	assert_true(str_eqc(t->endpoint.base_url, "http://127.0.0.1:8080/v1"));
	assert_true(t->endpoint.stream);
	assert_int_equal(json_real_value(json_object_get(t->endpoint.params, "temperature")) * 10, 5);
	assert_true(str_eqc(json_get_str(json_object_get(t->endpoint.config, "guardrail"), "id"),
			    "gr-1"));
	assert_true(str_eqc(json_get_str(json_array_get(t->endpoint.tools, 0), "name"), "find"));
	assert_int_equal(t->nartifact, 5);
	assert_int_equal(s->nartifact, 2);
	assert_int_equal(s->repeats, 2);
	assert_int_equal(s->ncase, 2);
	assert_int_equal(s->nmetric, 4);
	const struct metric_conf *m = s->metric;
	assert_true(m[0].negated);
	assert_true(str_eqc(m[0].scorer, "numeric"));
	assert_int_equal(m[0].weight, 2);
	assert_true(m[0].has_template);
	assert_ptr_equal(m[1].judge, &p->target[1]);
	assert_true(str_eqc(m[3].scorer, "exact-match"));
	assert_false(m[3].has_template);
	unload(&l);
}

static void rendering(void **state)
{
	(void)state;
	static const struct tree_mem files[] = { GOOD, ROWS };
	struct loaded l;
	struct tcase c;
	struct message *msg;
	const json_t *config;
	size_t n;
	load(&l, files, ARRAY_LEN(files), NULL, 0, "{\"guardrail\": \"gr-1\"}");
	expect_clean(&l);
	const struct suite_conf *s = &l.project.suite[0];
	assert_int_equal(cases_get(s->cases, 0, &c, &l.arena, &l.err), 0);
	assert_true(str_eqc(c.id, "one"));
	assert_true(str_eq(c.cluster, c.id));
	assert_string_equal(c.at.file, "golden/a.jsonl");
	assert_int_equal(c.at.line, 1);
	assert_int_equal(prompt_render(&msg, &n, &s->target->prompt, c.vars, &l.arena, &l.err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(msg[0].role, ROLE_SYSTEM);
	assert_true(str_eqc(msg[0].text, "You serve A."));
	assert_true(str_eqc(msg[1].text, "Q: 1+1?"));
	assert_int_equal(config_render(&config, &s->metric[0], c.vars, &l.arena, &l.err), 0);
	assert_int_equal(json_integer_value(json_object_get(config, "expected")), 2);
	assert_int_equal(config_render(&config, &s->metric[1], c.vars, &l.arena, &l.err), 0);
	assert_true(str_eqc(json_get_str(config, "rubric"), "Is it about 1+1??"));
	assert_int_equal(config_render(&config, &s->metric[2], c.vars, &l.arena, &l.err), 0);
	assert_true(str_eqc(json_get_str(config, "canary"), "You serve A."));
	assert_int_equal(cases_get(s->cases, 1, &c, &l.arena, &l.err), 0);
	assert_int_equal(c.id.n, 12);
	assert_int_equal(cases_get(s->cases, 2, &c, &l.arena, &l.err), -1);
	unload(&l);
}

static void identities(void **state)
{
	(void)state;
	static const struct tree_mem files[] = { GOOD, ROWS };
	static const struct tree_mem more[] = { GOOD, ROWS,
						F("golden/b.jsonl", "{\"question\":\"x\",\"expected\":1,"
								    "\"shop\":\"C\"}") };
	static const struct tree_mem other[] = {
		F("gate.yaml", GATE_YAML), F("prompts/support.md", "Be rude to {{shop}}.\n"),
		F("prompts/question.md", "Q: {{question}}"),
		F("models/support.yaml", "id: model-1\n"), F("params/support.json", "{}"),
		F("tools/a.json", "{\"name\":\"find\"}"), F("rubrics/grounded.md", "Is it?\n"), ROWS
	};
	struct loaded a, b, c, d;
	load(&a, files, ARRAY_LEN(files), NULL, 0, "{\"guardrail\": \"gr-1\"}");
	load(&b, more, ARRAY_LEN(more), NULL, 0, "{\"guardrail\": \"gr-1\"}");
	load(&c, other, ARRAY_LEN(other), NULL, 0, "{\"guardrail\": \"gr-1\"}");
	load(&d, files, ARRAY_LEN(files), NULL, 0, "{\"guardrail\": \"gr-2\"}");
	expect_clean(&a);
	expect_clean(&b);
	expect_clean(&c);
	expect_clean(&d);
	const struct suite_conf *sa = a.project.suite, *sb = b.project.suite, *sc = c.project.suite;
	assert_true(digest_eq(&sa->target->candidate_id, &sb->target->candidate_id));
	assert_false(digest_eq(&sa->suite_id, &sb->suite_id));
	assert_false(digest_eq(&sa->target->candidate_id, &sc->target->candidate_id));
	assert_false(digest_eq(&sa->suite_id, &sc->suite_id)); /* the rubric differs */
	assert_true(digest_eq(&sa->target->candidate_id,
			      &d.project.suite[0].target->candidate_id));
	assert_true(digest_eq(&sa->suite_id, &d.project.suite[0].suite_id));
	unload(&a);
	unload(&b);
	unload(&c);
	unload(&d);
}

/* F17: what is protected comes from the policy's side, the candidate from the commit. */
static void a_change_judges_nothing(void **state)
{
	(void)state;
	static const struct tree_mem policy[] = {
		F("gate.yaml", "version: 1\ntargets:\n  bot: {provider: openai, prompt: p.md}\n"
			       "  judge: {provider: openai, model: strict}\nsuites:\n  s:\n"
			       "    target: bot\n    cases: d.jsonl\n    repeats: 3\n    metrics:\n"
			       "      good: {scorer: judge, rubric: r.md, with: judge}\n"),
		F("p.md", "old prompt {{q}}"), F("r.md", "be strict\n"),
		F("d.jsonl", "{\"id\":\"a\",\"q\":\"1\"}\n{\"id\":\"b\",\"q\":\"2\"}\n")
	};
	static const struct tree_mem commit[] = {
		F("gate.yaml", "version: 1\ntargets:\n  bot: {provider: openai, prompt: p.md}\n"
			       "  judge: {provider: openai, model: lenient}\nsuites:\n  s:\n"
			       "    target: bot\n    cases: d.jsonl\n    repeats: 1\n    metrics:\n"
			       "      good: {scorer: equals, expected: x}\n  extra:\n    target: bot\n"
			       "    cases: d.jsonl\n    metrics: {m: {scorer: judge, rubric: r.md, with: "
			       "judge}}\n"),
		F("p.md", "new prompt {{q}}"), F("r.md", "be kind\n"),
		F("d.jsonl", "{\"id\":\"easy\",\"q\":\"1\"}\n")
	};
	struct loaded l;
	load(&l, commit, ARRAY_LEN(commit), policy, ARRAY_LEN(policy), NULL);
	expect_clean(&l);
	assert_int_equal(l.project.nsuite, 2);
	const struct suite_conf *s = &l.project.suite[0], *extra = &l.project.suite[1];
	assert_false(s->is_new);
	assert_int_equal(s->repeats, 3);
	assert_int_equal(s->ncase, 2);
	assert_int_equal(s->nmetric, 1);
	assert_true(str_eqc(s->metric[0].scorer, "judge"));
	assert_true(str_eqc(json_get_str(s->metric[0].config, "rubric"), "be strict"));
	assert_true(str_eqc(s->metric[0].judge->endpoint.model, "strict"));
	assert_true(s->metric[0].judge->from_policy);
	assert_true(str_eqc(s->target->prompt.text, "new prompt {{q}}"));
	assert_true(s->artifact[0].from_policy);
	assert_false(s->target->artifact[0].from_policy);
	assert_true(extra->is_new);
	assert_int_equal(extra->ncase, 1);
	/* Even a new suite is judged by the protected judge. */
	assert_true(str_eqc(extra->metric[0].judge->endpoint.model, "strict"));
	assert_true(str_eqc(json_get_str(extra->metric[0].config, "rubric"), "be kind"));
	struct tcase c;
	assert_int_equal(cases_get(s->cases, 1, &c, &l.arena, &l.err), 0);
	assert_string_equal(c.at.file, "policy:d.jsonl");
	unload(&l);
}

static void a_removed_target(void **state)
{
	(void)state;
	static const struct tree_mem policy[] = {
		F("gate.yaml", "version: 1\ntargets: {bot: {provider: recorded}}\nsuites:\n  s:\n"
			       "    target: bot\n    cases: [{q: 1}]\n    metrics: {m: equals}\n"),
	};
	static const struct tree_mem commit[] = {
		F("gate.yaml", "version: 1\ntargets: {bots: {provider: recorded}}\nsuites:\n  s:\n"
			       "    target: bots\n    cases: [{q: 1}]\n    metrics: {m: equals}\n"),
	};
	struct loaded l;
	load(&l, commit, 1, policy, 1, NULL);
	expect_word(&l, "suite 's' evaluates target 'bot', which the commit removed or renamed\n"
			"  hint: did you mean 'bots'?");
	unload(&l);
	/* A policy ref without gate.yaml: everything is new. */
	static const struct tree_mem none[] = { F("README.md", "x") };
	load(&l, commit, 1, none, 1, NULL);
	expect_clean(&l);
	assert_true(l.project.suite[0].is_new);
	unload(&l);
	/* A commit that deletes gate.yaml is no way out. */
	load(&l, none, 1, policy, 1, NULL);
	expect_word(&l, "'gate.yaml' is not in");
	unload(&l);
	static const struct tree_mem swapped[] = {
		F("gate.yaml", "version: 1\ntargets: {bot: {provider: openai}}\nsuites:\n  s:\n"
			       "    target: bot\n    cases: [{q: 1}]\n    metrics: {m: equals}\n"),
	};
	load(&l, swapped, 1, policy, 1, NULL);
	expect_clean(&l);
	assert_non_null(strstr(buf_cstr(&l.text), "changes its provider from 'recorded' to 'openai'"));
	unload(&l);
}

static void expect_prompt(const char *path, const char *text, const char *extra, const char *want)
{
	struct loaded l;
	struct arena a = ARENA_INIT;
	const char *conf = arena_fmt(&a,
				     "version: 1\ntargets: {t: {provider: openai, prompt: %s%s}}\n"
				     "suites: {s: {target: t, cases: [{q: Hi}], metrics: {m: "
				     "equals}}}\n",
				     path, extra);
	struct tree_mem files[] = { { "gate.yaml", str_c(conf) }, { path, str_c(text) } };
	load(&l, files, *path == '[' || *path == '"' ? 1 : 2, NULL, 0, NULL);
	struct buf got;
	buf_init(&got, MIB);
	if (!l.rc) {
		struct tcase c;
		struct message *m;
		size_t n;
		const struct suite_conf *s = &l.project.suite[0];
		assert_int_equal(cases_get(s->cases, 0, &c, &l.arena, &l.err), 0);
		assert_int_equal(prompt_render(&m, &n, &s->target->prompt, c.vars, &l.arena, &l.err),
				 0);
		for (size_t i = 0; i < n; i++)
			buf_addf(&got, "%d=%.*s|", m[i].role, STR_ARGS(m[i].text));
		buf_addf(&got, "%.*s", STR_ARGS(s->target->endpoint.model));
		json_t *params = (json_t *)(uintptr_t)s->target->endpoint.params;
		char *dump = params ? json_dumps(params, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
		buf_addf(&got, "%s", dump ? dump : "");
		free(dump);
	}
	const char *have = l.rc ? buf_cstr(&l.text) : buf_cstr(&got);
	if (l.rc ? !strstr(have, want) : strcmp(have, want) != 0)
		fail_msg("%s: wanted %s, found %s", path, want, have);
	buf_release(&got);
	unload(&l);
	arena_release(&a);
}

static void prompt_files(void **state)
{
	(void)state;
	expect_prompt("p.md", "say {{q}}\n", "", "1=say Hi|");
	expect_prompt("p.mustache", "say {{{q}}}", "", "1=say Hi|");
	expect_prompt("p.json", "[{\"role\":\"system\",\"content\":\"S\"},{\"role\":\"user\",\"content\":"
				"[{\"type\":\"text\",\"text\":\"{{q}}\"}]}]",
		      "", "0=S|1=Hi|");
	expect_prompt("p.yaml", "- role: user\n  content: |\n    a {{q}}\n    b\n- {role: assistant, "
				"content: ok}\n",
		      "", "1=a Hi\nb\n|2=ok|");
	expect_prompt("x.prompt.yml", "name: n\nmodel: openai/gpt-4o\nmodelParameters: {maxTokens: 9}\n"
				      "messages:\n- {role: user, content: '{{q}}'}\n",
		      ", params: {temperature: 1}", "1=Hi|openai/gpt-4o{\"max_tokens\":9,"
						     "\"temperature\":1}");
	expect_prompt("x.prompt.yml", "model: one\nmessages: [{role: user, content: x}]\n",
		      ", model: two", "two-values: the model is 'two' here and 'one' at "
				      "x.prompt.yml:1:8");
	expect_prompt("x.prompt.yml", "modelParameters: {temperature: 0}\nmessages: [{role: user, "
				      "content: x}]\n",
		      ", params: {temperature: 1}", "two-values: temperature is '0' here and '1'");
	expect_prompt("b.json", "{\"variants\":[{\"name\":\"v\",\"templateType\":\"CHAT\",\"modelId\":"
				"\"m\",\"templateConfiguration\":{\"chat\":{\"system\":[{\"text\":\"S\"}],"
				"\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"{{q}}\"}]}]}},"
				"\"inferenceConfiguration\":{\"text\":{\"maxTokens\":5}}}]}",
		      "", "0=S|1=Hi|m{\"max_tokens\":5}");
	expect_prompt("b.json", "{\"variants\":[{\"name\":\"v\",\"templateType\":\"TEXT\","
				"\"templateConfiguration\":{\"text\":{\"text\":\"T {{q}}\"}},"
				"\"additionalModelRequestFields\":{\"a\":1}}]}",
		      "", "'additionalModelRequestFields' is not supported");
	expect_prompt("p.prompt", "---\nmodel: x\n---\nhi", "", "is dotprompt, which is not supported");
	expect_prompt("[a.md, b.md]", "", "", "a target has one prompt, found a list of 2");
	expect_prompt("\"say {{q}}\"", "", "", "a prompt is the name of a file");
	expect_prompt("[{role: user, content: 'in place {{q}}'}]", "", "", "1=in place Hi|");
	expect_prompt("p.md", "say {{nope}}", "", "p.md:1:7 template-render: ");
	expect_prompt("p.md", "  \n", "", "the prompt is empty");
	expect_prompt("p.md", "bad \xff", "", "p.md:1:5 encoding: 'p.md' is not UTF-8");
	expect_prompt("p.json", "{\"a\":1}", "", "'p.json' is no prompt");
	expect_prompt("p.json", "[{\"role\":\"boss\",\"content\":\"x\"}]", "", "found 'boss'");
}

/* Ids and a few facts of every case: "id/cluster/weight/asserts vars". */
static void expect_cases(const char *path, const char *bytes, const char *want)
{
	struct loaded l;
	struct arena a = ARENA_INIT;
	const char *conf = arena_fmt(&a,
				     "version: 1\ntargets: {t: {provider: recorded}}\nsuites:\n  s:\n"
				     "    target: t\n    cases: '%s'\n    metrics: {m: equals}\n",
				     path);
	struct tree_mem files[] = { { "gate.yaml", str_c(conf) }, { path, str_c(bytes) } };
	struct buf got;
	LOAD(&l, files);
	expect_clean(&l);
	buf_init(&got, MIB);
	for (size_t i = 0; i < l.project.suite[0].ncase; i++) {
		struct tcase c;
		assert_int_equal(cases_get(l.project.suite[0].cases, i, &c, &a, &l.err), 0);
		char *vars = json_dumps(c.vars, JSON_SORT_KEYS | JSON_COMPACT);
		char *asserts = c.asserts ? json_dumps(c.asserts, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
		buf_addf(&got, "%u %.*s %.*s %g %s %s\n", c.at.line, STR_ARGS(c.id),
			 STR_ARGS(c.cluster), c.weight, vars, asserts ? asserts : "-");
		free(vars);
		free(asserts);
	}
	if (strcmp(buf_cstr(&got), want) != 0)
		fail_msg("%s gave:\n%s", path, buf_cstr(&got));
	buf_release(&got);
	unload(&l);
	arena_release(&a);
}

static void dataset_formats(void **state)
{
	(void)state;
	expect_cases("d.jsonl", "\xef\xbb\xbf{\"id\":\"a\",\"x\":1}\r\n\r\n{\"id\":7,\"cluster\":\"c\",\"weight\":2}",
		     "1 a a 1 {\"id\":\"a\",\"x\":1} -\n"
		     "3 7 c 2 {\"cluster\":\"c\",\"id\":7,\"weight\":2} -\n");
	expect_cases("d.json", "[\n {\"id\":\"a\",\"t\":\"],{\\\"\"},\n {\"id\":\"b\"\n }\n]\n",
		     "2 a a 1 {\"id\":\"a\",\"t\":\"],{\\\"\"} -\n3 b b 1 {\"id\":\"b\"} -\n");
	expect_cases("d.yaml", "- id: a\n  x: yes\n- vars: {y: 2}\n  id: b\n  assert: [{type: equals, "
			       "value: '{{y}}'}]\n  metadata: {k: v}\n",
		     "1 a a 1 {\"id\":\"a\",\"x\":\"yes\"} -\n"
		     "3 b b 1 {\"k\":\"v\",\"y\":2} [{\"type\":\"equals\",\"value\":2}]\n");
	expect_cases("d.csv",
		     "id,q,__expected,__expected2,__metric,__metadata:tier,__providerOutput,__threshold\n"
		     "a,\"one, \"\"two\"\"\",contains-any:x|,\"icontains-all(0.5): p, q\",fit,gold,out,0.5\n"
		     "b,q2,plain: text,,,silver,,\n",
		     "2 a a 1 {\"id\":\"a\",\"output\":\"out\",\"q\":\"one, \\\"two\\\"\",\"tier\":\"gold\"} "
		     "[{\"assert\":[{\"metric\":\"fit\",\"type\":\"contains-any\",\"value\":[\"x|\"]},"
		     "{\"metric\":\"fit\",\"threshold\":0.5,\"type\":\"icontains-all\",\"value\":[\"p\","
		     "\"q\"]}],\"threshold\":0.5,\"type\":\"assert-set\"}]\n"
		     "3 b b 1 {\"id\":\"b\",\"q\":\"q2\",\"tier\":\"silver\"} "
		     "[{\"type\":\"equals\",\"value\":\"plain: text\"}]\n");
	expect_cases("bedrock.jsonl",
		     "{\"prompt\":\"p\",\"referenceResponse\":\"r\",\"category\":\"c\",\"modelResponses\":"
		     "[{\"response\":\"a\",\"modelIdentifier\":\"m\"}]}\n",
		     "1 03b7162ab232 03b7162ab232 1 {\"category\":\"c\",\"expected\":\"r\",\"modelResponses\":"
		     "[{\"modelIdentifier\":\"m\",\"response\":\"a\"}],\"prompt\":\"p\","
		     "\"referenceResponse\":\"r\"} -\n");
}

static void derived_ids(void **state)
{
	(void)state;
	static const struct tree_mem files[] = {
		F("gate.yaml", "version: 1\ntargets: {t: {provider: recorded}}\nsuites:\n  s:\n"
			       "    target: t\n    cases: d.jsonl\n    metrics: {m: equals}\n"),
		F("d.jsonl", "{\"q\":\"x\",\"r\":1}\n{\"r\":1,\"q\":\"x\"}\n{\"q\":\"y\"}\n"
			     "{\"q\":\"x\",\"r\":1,\"weight\":3,\"quarantine\":{\"until\":\"2027-01-01\"}}\n"),
	};
	struct loaded l;
	struct tcase c[4];
	LOAD(&l, files);
	expect_clean(&l);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(cases_get(l.project.suite[0].cases, i, &c[i], &l.arena, &l.err), 0);
	assert_int_equal(c[0].id.n, 12);
	assert_true(str_starts(c[1].id, c[0].id) && str_ends(c[1].id, STR("-2")));
	assert_true(str_starts(c[3].id, c[0].id) && str_ends(c[3].id, STR("-3")));
	assert_true(str_eq(c[3].cluster, c[3].id));
	assert_false(str_starts(c[2].id, c[0].id));
	assert_true(c[3].quarantined);
	assert_non_null(strstr(buf_cstr(&l.text), "2 cases of suite 's' repeat an earlier one"));
	unload(&l);
}

static void bad_datasets(void **state)
{
	(void)state;
	static const char ok[] = "{\"expected\":1}\n";
	expect_file("d.jsonl", ok, "d.jsonl", NULL);
	expect_file("d.jsonl", "", "d.jsonl", "d.jsonl:1:1 empty-dataset: the dataset has no case");
	expect_file("d.jsonl", "\n\n", "d.jsonl", "empty-dataset");
	expect_file("d.csv", "expected,x\n", "d.csv", "empty-dataset");
	expect_file("d.json", "[]", "d.json", "empty-dataset");
	expect_file("d.yaml", "[]", "d.yaml", "empty-dataset");
	expect_file("d.jsonl", ok, "e/*.jsonl", "no file matches 'e/*.jsonl'");
	expect_file("d.jsonl", ok, "d.jsnl", "hint: did you mean 'd.jsonl'?");
	expect_file("d.jsonl", ok, "../d.jsonl", "leads out of the tree");
	expect_file("d.jsonl", ok, "[]", "gate.yaml:6:12");
	expect_file("d.jsonl", "{\"expected\":1}\n{\"expected\":\n", "d.jsonl", "d.jsonl:2:");
	expect_file("d.jsonl", "{\"expected\":1,\"expected\":2}\n", "d.jsonl", "d.jsonl:1:");
	expect_file("d.jsonl", "[1]\n", "d.jsonl", "a case must be an object, found array");
	expect_file("d.jsonl", "{\"expect\":1}\n{\"expect\":1}\n", "d.jsonl",
		    "gate.yaml:7:48 template-render: ");
	expect_file("d.jsonl", "{\"expect\":1}\n{\"expect\":1}\n", "d.jsonl",
		    "case at d.jsonl:1 and 1 more)");
	expect_file("d.jsonl", "{\"id\":\"a\",\"expected\":1}\n{\"id\":\"a\",\"expected\":2}\n", "d.jsonl",
		    "d.jsonl:2:1 duplicate-id: the id 'a' is taken by the case at d.jsonl:1");
	expect_file("d.jsonl", "{\"expected\":1,\"provider\":\"x\"}\n", "d.jsonl",
		    "a case cannot override provider");
	expect_file("d.jsonl", "{\"expected\":1,\"assert\":[{\"type\":\"equals\",\"provider\":\"x\"}]}\n",
		    "d.jsonl", "'provider' in 'assert'");
	expect_file("d.jsonl", "{\"expected\":1,\"assert\":[{\"value\":1}]}\n", "d.jsonl",
		    "needs a 'type'");
	expect_file("d.jsonl", "{\"expected\":1,\"assert\":[]}\n", "d.jsonl", "found an empty one");
	expect_file("d.jsonl", "{\"expected\":1,\"quarantine\":{\"until\":\"soon\"}}\n", "d.jsonl",
		    "'quarantine.until' must be a date");
	expect_file("d.jsonl", "{\"expected\":1,\"weight\":0}\n", "d.jsonl", "'weight' must be");
	expect_file("d.jsonl", "{\"expected\":1,\"turns\":{}}\n", "d.jsonl", "must be a list");
	expect_file("d.csv", "expected,__expectd\n1,2\n", "d.csv", "did you mean '__expected'?");
	expect_file("d.csv", "expected,__expected\n1,icontain: x\n", "d.csv",
		    "unknown assertion 'icontain' in __expected; did you mean 'icontains'?");
	expect_file("d.csv", "expected,__expected\n1,fn: x\n", "d.csv", "runs code");
	expect_file("d.csv", "expected,x\n1\n", "d.csv", "d.csv:2:");
	expect_file("d.yaml", "- vars: {expected: [1, 2]}\n", "d.yaml", "means several cases");
	expect_file("d.yaml", "- vars: {expected: 1}\n  asserts: []\n", "d.yaml",
		    "did you mean 'assert'?");
	expect_file("d.json", "{\"a\":1}", "d.json", "expected an array of cases");
	expect_file("d.json", "[{\"expected\":1},]", "d.json", "expected a value");
	expect_file("d.json", "[{\"expected\":1}", "d.json", "the array does not end");
	expect_file("d.jsonl", "\xff\xfe{", "d.jsonl", "is UTF-16 text");
	expect_file("d.jsonl", "{\"expected\":\"\xff\"}", "d.jsonl", "d.jsonl:1:14 encoding");
	expect_file("d.txt", "x", "d.txt", "is no dataset by its name");
	expect_file("d.jsonl", ok, "s3://bucket/d.jsonl", "read from the tree only");
}

static void nothing_scored(void **state)
{
	(void)state;
	static const struct tree_mem none[] = {
		F("gate.yaml", "version: 1\ntargets: {t: {provider: recorded}}\n"
			       "suites: {s: {target: t, cases: [{q: 1}]}}\n"),
	};
	static const struct tree_mem asserted[] = {
		F("gate.yaml", "version: 1\ntargets: {t: {provider: recorded}}\n"
			       "suites: {s: {target: t, cases: [{q: 1, assert: [{type: equals, value: "
			       "x}]}]}}\n"),
	};
	struct loaded l;
	LOAD(&l, none);
	expect_word(&l, "nothing-scored: suite 's' scores nothing");
	unload(&l);
	LOAD(&l, asserted);
	expect_clean(&l);
	assert_true(l.project.suite[0].has_asserts);
	unload(&l);
}

static void bindings(void **state)
{
	(void)state;
	static const struct tree_mem files[] = { GOOD, ROWS };
	struct loaded l;
	LOAD(&l, files);
	expect_word(&l, "gate.yaml:8:24 binding: target 'support' needs a binding");
	unload(&l);
	load(&l, files, ARRAY_LEN(files), NULL, 0, "{\"other\": 1}");
	expect_word(&l, "gate.yaml:8:2");
	unload(&l);
	static const struct tree_mem foreign[] = {
		F("gate.yaml", "version: 1\ntargets: {t: {provider: openai, model: '{{q}}'}}\n"
			       "suites: {s: {target: t, cases: [{q: 1}], metrics: {m: equals}}}\n"),
	};
	LOAD(&l, foreign);
	expect_word(&l, "'q' cannot stand in a target's settings");
	unload(&l);
	/* Every setting takes one, deep inside as well, and the candidate id has none of them. */
	static const struct tree_mem any[] = {
		F("gate.yaml", "version: 1\ntargets:\n  t: {provider: openai, model: {id: '{{bind.m}}', x: ['{{bind.n}}']},\n"
			       "    base_url: 'https://{{bind.host}}/v1', retrieval: {k: '{{bind.n}}'}, kind: '{{bind.kind}}'}\n"
			       "suites: {s: {target: t, cases: [{q: 1}], metrics: {m: equals}}}\n"),
	};
	struct digest id;
	load(&l, any, 1, NULL, 0, "{\"m\": \"a-1\", \"n\": 3, \"host\": \"h.example\", \"kind\": \"model\"}");
	const struct endpoint *e = &l.project.target[0].endpoint;
	assert_true(str_eqc(e->model, "a-1") && str_eqc(e->base_url, "https://h.example/v1"));
	assert_true(json_is_integer(json_object_get(json_object_get(e->config, "retrieval"), "k")));
	assert_true(str_eqc(json_get_str(e->config, "kind"), "model"));
	id = l.project.target[0].candidate_id;
	unload(&l);
	load(&l, any, 1, NULL, 0, "{\"m\": \"b-2\", \"n\": 4, \"host\": \"i.example\", \"kind\": \"model\"}");
	assert_memory_equal(&id, &l.project.target[0].candidate_id, sizeof(id));
	unload(&l);
	load(&l, any, 1, NULL, 0, "{\"m\": \"b-2\", \"n\": 4, \"kind\": \"model\"}");
	expect_word(&l, "gate.yaml:4:30 binding: undefined: 'bind' (an object) has no member 'host'");
	unload(&l);
}

/* Ten scattered mistakes, ten located messages. */
static void ten_mistakes(void **state)
{
	(void)state;
	static const struct tree_mem files[] = {
		F("gate.yaml", "version: 1\n"
			       "target:\n"                                        /* 1 */
			       "  x: 1\n"
			       "targets:\n"
			       "  bot:\n"
			       "    provider: openai\n"
			       "    promt: p.md\n"                                /* 2 */
			       "    stream: yes\n"                                /* 3 */
			       "    params: 5\n"                                  /* 4 */
			       "  judge: {model: m}\n"                            /* 5 */
			       "suites:\n"
			       "  s:\n"
			       "    target: bot\n"
			       "    asserts: []\n"                                /* 6 */
			       "    repeats: 0\n"                                 /* 7 */
			       "    metrics:\n"                                   /* 8: cases */
			       "      a: {scorrer: equals}\n"                     /* 9 */
			       "      b: {scorer: equals, weight: heavy}\n"),     /* 10 */
	};
	static const char *const want[] = { "gate.yaml:2:1 ",  "gate.yaml:7:5 ",  "gate.yaml:8:13 ",
					    "gate.yaml:9:13 ", "gate.yaml:10:",	  "gate.yaml:14:5 ",
					    "gate.yaml:15:14 ", "'cases'",	  "gate.yaml:17:",
					    "gate.yaml:18:35 " };
	struct loaded l;
	LOAD(&l, files);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		expect_word(&l, want[i]);
	assert_true(l.diags.errors >= ARRAY_LEN(want));
	assert_non_null(strstr(buf_cstr(&l.text), "did you mean 'prompt'?"));
	assert_non_null(strstr(buf_cstr(&l.text), "did you mean 'targets'?"));
	unload(&l);
}

/* The index costs at most 32 bytes a case, and reading a case costs one row. */
static void hundred_thousand_cases(void **state)
{
	(void)state;
	enum { N = 100 * 1000 };
	struct buf text;
	struct loaded l;
	struct err err = ERR_INIT;
	struct arena a = ARENA_INIT;
	buf_init(&text, 64 * MIB);
	for (int i = 0; i < N; i++)
		buf_addf(&text, "{\"question\":\"what is %d plus one?\",\"expected\":\"%d\"}\n", i, i + 1);
	struct tree_mem files[] = {
		F("gate.yaml", "version: 1\ntargets: {t: {provider: openai, prompt: p.md}}\nsuites:\n"
			       "  s:\n    target: t\n    cases: d.jsonl\n    metrics: {m: {scorer: equals, "
			       "expected: '{{expected}}'}}\n"),
		F("p.md", "Answer: {{question}}"),
		{ "d.jsonl", buf_str(&text) },
	};
	int64_t begin = clock_system().mono_ns(NULL);
	LOAD(&l, files);
	expect_clean(&l);
	const struct suite_conf *s = &l.project.suite[0];
	assert_int_equal(s->ncase, N);
	assert_true(l.arena.bytes < 32u * N + MIB);
	int64_t middle = clock_system().mono_ns(NULL);
	struct arena_mark m = arena_mark(&a);
	for (size_t i = 0; i < N; i++) {
		struct tcase c;
		struct message *msg;
		size_t n;
		assert_int_equal(cases_get(s->cases, i, &c, &a, &err), 0);
		assert_int_equal(prompt_render(&msg, &n, &s->target->prompt, c.vars, &a, &err), 0);
		assert_true(a.bytes < 64 * KIB);
		arena_rewind(&a, m);
	}
	print_message("# %d cases: pass one %.0f ms, read and render %.0f ms\n", N,
		      (double)(middle - begin) / 1e6,
		      (double)(clock_system().mono_ns(NULL) - middle) / 1e6);
	arena_release(&a);
	unload(&l);
	buf_release(&text);
}

/* What protects the decision cannot be read: that is trust, not a mistake in a file. */
static void policy_objects_missing(void **state)
{
	(void)state;
	struct scratch *s = scratch_new();
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct diags d;
	struct project p;
	struct repo *r;
	struct tree *commit = NULL, *policy = NULL;
	assert_true(scratch_sh(
		s, "git init -q one; cd one; printf '%s\\n' 'version: 1' "
		   "'targets: {t: {provider: recorded}}' "
		   "'suites: {s: {target: t, cases: d.jsonl, metrics: {m: equals}}}' >gate.yaml; "
		   "echo '{\"q\":1}' >d.jsonl; git add .; git commit -qm one; git tag protected; "
		   "echo '{\"q\":2}' >>d.jsonl; git commit -qam two; cd ..; "
		   "git clone -q --filter=blob:none \"file://$PWD/one\" part"));
	const struct repo_opts o = { .path = scratch_path(s, "part") };
	diags_init(&d, &a);
	if (repo_open(&r, &o, &a, &err) || repo_tree(&commit, r, "HEAD", &a, &err) ||
	    repo_tree(&policy, r, "protected", &a, &err))
		fail_msg("%s", err.msg);
	struct project_opts po = { .commit = commit, .policy = policy };
	assert_int_equal(project_load(&p, &po, &a, &d, &err), -1);
	assert_int_equal(err.kind, ERR_TRUST);
	assert_non_null(strstr(err.msg, "partial clone"));
	/* With every object there, the protected dataset is the one that counts. */
	const struct repo_opts whole = { .path = scratch_path(s, "one") };
	if (repo_open(&r, &whole, &a, &err) || repo_tree(&commit, r, "HEAD", &a, &err) ||
	    repo_tree(&policy, r, "protected", &a, &err))
		fail_msg("%s", err.msg);
	po = (struct project_opts){ .commit = commit, .policy = policy };
	assert_int_equal(project_load(&p, &po, &a, &d, &err), 0);
	assert_int_equal(p.suite[0].ncase, 1);
	struct tcase c;
	assert_int_equal(cases_get(p.suite[0].cases, 0, &c, &a, &err), 0);
	assert_int_equal(strcspn(c.at.file, ":"), 7);
	assert_string_equal(c.at.file + 8, "d.jsonl");
	arena_release(&a);
	scratch_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_project),
		cmocka_unit_test(rendering),
		cmocka_unit_test(identities),
		cmocka_unit_test(a_change_judges_nothing),
		cmocka_unit_test(a_removed_target),
		cmocka_unit_test(prompt_files),
		cmocka_unit_test(dataset_formats),
		cmocka_unit_test(derived_ids),
		cmocka_unit_test(bad_datasets),
		cmocka_unit_test(nothing_scored),
		cmocka_unit_test(bindings),
		cmocka_unit_test(ten_mistakes),
		cmocka_unit_test(policy_objects_missing),
		cmocka_unit_test(hundred_thousand_cases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
