#include "verdict/redecide.h"

#include "base/limits.h"
#include "doc/jsonx.h"
#include "record/record_write.h"
#include "verdict/verdict.h"


static int exit_code_of(const struct record *h)
{
	size_t planned = 0, settled = 0;
	if (h->measure) {
		for (size_t i = 0; i < h->nsuite; i++) {
			planned += h->suite[i].planned;
			settled += h->suite[i].scored + h->suite[i].quarantined;
		}
		return planned && planned == settled ? 0 : 3;
	}
	if (h->verdict == VERDICT_FAIL)
		return 1;
	return h->verdict == VERDICT_PASS && !h->filtered && !h->stopped ? 0 : 3;
}

void verdict_settle(struct record *head)
{
	if (head->measure)
		head->verdict = VERDICT_NA;
	if (head->verdict == VERDICT_PASS && (head->filtered || head->stopped))
		head->verdict = VERDICT_UNDECIDED;
	head->exit_code = exit_code_of(head);
}

/* --- what the outcomes say --- */

struct again {
	const struct record *was;
	struct suite_head *suite; /* the same with the samples counted anew */
	struct record head;
	struct redecision *out;
	struct arena *arena;
};

static void differ(struct again *g, const char *what, const char *was, const char *is)
{
	*vec_push(&g->out->differences, g->arena) =
		arena_fmt(g->arena, "%s: the record says %s, its outcomes say %s", what, was, is);
}

static void count_one(struct suite_head *s, enum sample_status status)
{
	switch (status) {
	case SAMPLE_SCORED:
		s->scored++;
		break;
	case SAMPLE_UNSCORED:
		s->unscored++;
		break;
	case SAMPLE_QUARANTINED:
		s->quarantined++;
		break;
	case SAMPLE_SURPLUS:
		s->surplus++;
		break;
	}
}

static int take_all(struct again *g, struct verdict_table *t, struct outcomes *it, struct err *err)
{
	struct arena scratch = ARENA_INIT;
	struct outcome o;
	int got, bad = it->rewind(it, err);
	bool brief = it->brief;
	it->brief = true;
	while (!bad && (got = it->next(it, &o, &scratch, err)) != 0) {
		bad = got < 0 || (t && verdict_table_add(t, &o, err));
		if (!bad)
			count_one(&g->suite[o.suite], o.status);
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
	}
	it->brief = brief;
	arena_release(&scratch);
	return bad ? -1 : 0;
}

/* Whatever has no outcome was never called: it is unscored. */
static int recount(struct again *g, struct err *err)
{
	for (size_t i = 0; i < g->head.nsuite; i++) {
		struct suite_head *s = &g->suite[i];
		size_t seen = s->scored + s->unscored + s->quarantined + s->surplus;
		if (seen > s->planned)
			return err_set(err, ERR_TRUST, "suite '%s' has %zu outcomes and %zu planned samples: the record was changed",
				       s->name, seen, s->planned);
		s->unscored += s->planned - seen;
	}
	return 0;
}

static const char *accounting(struct arena *a, const struct suite_head *s)
{
	return arena_fmt(a, "scored %zu + unscored %zu + quarantined %zu + surplus %zu", s->scored, s->unscored,
			 s->quarantined, s->surplus);
}

static void compare_suites(struct again *g)
{
	for (size_t i = 0; i < g->head.nsuite; i++) {
		const char *was = accounting(g->arena, &g->was->suite[i]);
		const char *is = accounting(g->arena, &g->suite[i]);
		if (strcmp(was, is))
			differ(g, arena_fmt(g->arena, "suite '%s'", g->suite[i].name), was, is);
	}
}

/* --- findings --- */

static json_t *finding_json(const struct finding *f)
{
	struct buf b;
	buf_init(&b, MIB);
	record_write_finding(&b, f);
	json_t *j = b.over ? NULL : json_loadb(b.p, b.n, JSON_ALLOW_NUL, NULL);
	buf_release(&b);
	return j;
}

static const char *value_text(struct arena *a, const json_t *v)
{
	struct buf b;
	if (!v)
		return "nothing";
	buf_init(&b, MIB);
	json_write(&b, v);
	const char *out = arena_cstr(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void compare_members(struct again *g, const char *label, json_t *was, json_t *is)
{
	const char *key;
	json_t *v;
	json_object_foreach (was, key, v) {
		json_t *now = json_object_get(is, key);
		if (!now || !json_equal(v, now))
			differ(g, arena_fmt(g->arena, "'%s': %s", label, key), value_text(g->arena, v),
			       value_text(g->arena, now));
	}
	json_object_foreach (is, key, v)
		if (!json_object_get(was, key))
			differ(g, arena_fmt(g->arena, "'%s': %s", label, key), "nothing", value_text(g->arena, v));
}

/* The bytes that both would have in record.json, member by member. */
static void compare_findings(struct again *g)
{
	if (g->was->nfinding != g->head.nfinding)
		differ(g, "thresholds", arena_fmt(g->arena, "%zu", g->was->nfinding),
		       arena_fmt(g->arena, "%zu", g->head.nfinding));
	for (size_t i = 0; i < g->was->nfinding && i < g->head.nfinding; i++) {
		json_t *was = finding_json(&g->was->finding[i]), *is = finding_json(&g->head.finding[i]);
		compare_members(g, g->was->finding[i].label, was, is);
		json_decref(was);
		json_decref(is);
	}
}

/* Nobody calls when a blocking threshold is out of reach: the findings are the plan's then, and all
 * that can be checked is that nothing was decided. */
static bool was_refused(const struct record *r)
{
	return r->stopped && !r->noutcome;
}

static void compare_verdict(struct again *g)
{
	struct record *now = &g->head;
	if (now->verdict != g->was->verdict)
		differ(g, "verdict", verdict_name(g->was->verdict), verdict_name(now->verdict));
	if (now->exit_code != g->was->exit_code)
		differ(g, "exit_code", arena_fmt(g->arena, "%d", g->was->exit_code),
		       arena_fmt(g->arena, "%d", now->exit_code));
}

/* Every planned sample has an outcome, but in a run that was refused before its first call. */
static int check_size(const struct record *r, struct err *err)
{
	size_t planned = 0;
	for (size_t i = 0; i < r->nsuite; i++) {
		if (r->suite[i].planned > CASES_MAX - planned)
			return err_set(err, ERR_TRUST, "the record plans more than %zu samples", CASES_MAX);
		planned += r->suite[i].planned;
	}
	if (planned == r->noutcome || was_refused(r))
		return 0;
	return err_set(err, ERR_TRUST, "the record plans %zu samples and has %zu outcomes: it was changed", planned,
		       r->noutcome);
}

static int decide(struct again *g, struct outcomes *it, struct err *err)
{
	const struct stage *stage = NULL;
	struct policy *policy = arena_new(g->arena, struct policy);
	struct verdict_table *t = NULL;
	if (g->was->measure && (g->was->stage || g->was->policy || g->was->nfinding))
		return err_set(err, ERR_TRUST, "a measurement has no stage, policy or thresholds, but this record does: it was changed");
	if (!g->was->measure) {
		if (policy_from_record(policy, &stage, g->was, g->arena, err))
			return -1;
		t = verdict_table_new(stage, &g->head, g->arena);
	}
	if (take_all(g, t, it, err) || recount(g, err))
		return -1;
	if (t && verdict_decide(&g->head, t, stage, g->arena, err))
		return -1;
	verdict_settle(&g->head);
	return 0;
}

int redecide(struct redecision *out, const struct record *was, struct outcomes *it, struct arena *a,
	     struct err *err)
{
	struct again g = { .was = was, .head = *was, .out = out, .arena = a };
	*out = (struct redecision){ .verdict = VERDICT_UNDECIDED };
	g.suite = arena_array(a, struct suite_head, was->nsuite + 1);
	for (size_t i = 0; i < was->nsuite; i++) {
		g.suite[i] = was->suite[i];
		g.suite[i].scored = g.suite[i].unscored = g.suite[i].quarantined = g.suite[i].surplus = 0;
	}
	g.head.suite = g.suite;
	if (check_size(was, err) || decide(&g, it, err))
		return -1;
	compare_suites(&g);
	if (!was_refused(was))
		compare_findings(&g);
	compare_verdict(&g);
	out->verdict = g.head.verdict;
	out->exit_code = g.head.exit_code;
	return 0;
}
