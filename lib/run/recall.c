#include "run/recall.h"

#include "doc/jsonx.h"
#include "store/history.h"

enum { EARLIER_MAX = 50, FLAKY_MAX = 500 };

static json_t *run_json(const struct earlier *e)
{
	char stamp[CLOCK_TEXT], hex[DIGEST_HEX];
	json_t *j = json_pack("{ss ss ss si sI}", "run", e->run_id, "start", clock_rfc3339(e->start_ms, stamp),
			      "verdict", e->verdict, "exit_code", e->exit_code, "calls", (json_int_t)e->calls);
	if (e->has_policy)
		json_object_set_new(j, "policy", json_string(digest_hex(&e->policy, hex)));
	return j;
}

static int earlier_verdicts(struct run *r, struct err *err)
{
	struct earlier_list list;
	if (history_earlier(r->store, &r->head, EARLIER_MAX, &list, r->arena, err))
		return -1;
	if (!list.total)
		return 0;
	json_t *runs = json_array();
	for (size_t i = 0; i < list.n; i++)
		json_array_append_new(runs, run_json(&list.run[i]));
	r->head.earlier_verdicts = arena_json(r->arena, json_pack("{sI sI sI sI sb so}", "total", (json_int_t)list.total,
		"passed", (json_int_t)list.passed, "failed", (json_int_t)list.failed, "undecided",
		(json_int_t)list.undecided, "fresh", r->o.fresh, "runs", runs));
	return 0;
}

static bool failed_now(const struct suite_marks *s, size_t metric, size_t at)
{
	for (size_t i = 0; i < s->repeats; i++) {
		char m = s->mark[metric][at * s->repeats + i];
		if (m == MARK_FAIL || m == MARK_OLD_FAIL)
			return true;
	}
	return false;
}

static bool any_failed(const struct suite_marks *s, size_t nmetric)
{
	for (size_t k = 0; k < nmetric; k++)
		for (size_t at = 0; s->mark[k] && at < s->ncase; at++)
			if (failed_now(s, k, at))
				return true;
	return false;
}

static void tell_case(struct run *r, json_t *out, size_t suite, size_t metric, size_t at, const struct tally *t)
{
	const struct suite_head *h = &r->head.suite[suite];
	struct str id = r->marks->suite[suite].id[at];
	const struct tally_count *c = tally_get(t, id, str_c(h->metric[metric].name));
	id = redact(&r->redactor, id, r->arena);
	if (!c || !c->pass || json_array_size(out) == FLAKY_MAX)
		return;
	json_t *j = json_pack("{ss ss sI sI sI sI}", "suite", h->name, "metric", h->metric[metric].name, "passed",
			      (json_int_t)c->pass, "of", (json_int_t)c->pass + c->fail, "unscored",
			      (json_int_t)c->unscored, "runs", (json_int_t)c->runs);
	json_object_set_new(j, "case", json_from_str(id));
	json_array_append_new(out, j);
}

static int flaky_of_suite(struct run *r, json_t *out, size_t suite, struct err *err)
{
	const struct suite_marks *s = &r->marks->suite[suite];
	size_t nmetric = r->head.suite[suite].nmetric;
	struct arena scratch = ARENA_INIT;
	struct tally t;
	if (!any_failed(s, nmetric))
		return 0;
	tally_init(&t, &scratch);
	int bad = history_tally(r->store, &r->head, suite, &t, err);
	for (size_t k = 0; k < nmetric && !bad; k++)
		for (size_t at = 0; s->mark[k] && at < s->ncase; at++)
			if (failed_now(s, k, at))
				tell_case(r, out, suite, k, at, &t);
	arena_release(&scratch);
	return bad;
}

int recall(struct run *r, struct err *err)
{
	if (!r->o.store)
		return 0;
	json_t *out = arena_json(r->arena, json_array());
	for (size_t i = 0; r->marks && i < r->head.nsuite; i++)
		if (flaky_of_suite(r, out, i, err))
			return -1;
	if (json_array_size(out))
		r->head.flaky = out;
	return earlier_verdicts(r, err);
}
