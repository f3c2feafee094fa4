/* JUnit XML as Jenkins, GitLab and CodeBuild read it (junit-10.xsd): one suite "thresholds" that
 * says what was decided, then one suite for each of ours with a test for each sample.  Two passes
 * over the outcomes, the first only counts, so that memory stays flat. */
#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonx.h"
#include "record/past.h"
#include "report/failview.h"
#include "report/pairview.h"
#include "report/report.h"
#include "report/talkview.h"
#include "report/xmlw.h"
#include "verdict/verdict.h"

/* GitLab takes 30 MB a file: what does not fit here is in the record. */
enum { REASON_MAX = 500, ANSWER_MAX = 1024, STEP_MAX = 500, TALK_MAX = 8192, FLIPS_SHOWN = 50 };

enum result { RESULT_OK, RESULT_FAILURE, RESULT_ERROR, RESULT_SKIPPED, RESULTS };

struct tally {
	size_t n[RESULTS];
};

struct junit {
	struct xmlw w;
	const struct record *r;
	struct outcomes *it;
	struct arena arena;   /* for the whole report */
	struct arena scratch; /* for one outcome */
	struct tally *suite;
	struct tally decided;
};

/* --- what a sample or a threshold is to JUnit --- */

/* A score on the bad side of its cut.  Built-in metrics are measured, not judged. */
static bool is_bad(const struct metric_head *m, const struct cell *x)
{
	if (x->state != CELL_SCORED || m->builtin || m->kind == METRIC_VALUE)
		return false;
	if (m->direction == HIGHER_IS_BETTER)
		return !(x->value >= m->cut);
	return m->direction == LOWER_IS_BETTER && !(x->value < m->cut);
}

static enum result result_of(const struct record *r, const struct outcome *o)
{
	const struct suite_head *s = &r->suite[o->suite];
	if (o->status == SAMPLE_QUARANTINED || o->status == SAMPLE_SURPLUS)
		return RESULT_SKIPPED;
	for (size_t i = 0; i < s->nmetric; i++)
		if (is_bad(&s->metric[i], &o->cell[i]))
			return RESULT_FAILURE;
	return o->status == SAMPLE_UNSCORED ? RESULT_ERROR : RESULT_OK;
}

static enum result result_of_finding(const struct finding *f)
{
	if (f->verdict == VERDICT_PASS)
		return RESULT_OK;
	if (f->verdict == VERDICT_NA || !f->blocking)
		return RESULT_SKIPPED;
	return f->verdict == VERDICT_FAIL ? RESULT_FAILURE : RESULT_ERROR;
}

static enum result result_of_stage(const struct record *r)
{
	if (r->measure)
		return r->exit_code ? RESULT_ERROR : RESULT_SKIPPED;
	if (r->verdict == VERDICT_PASS && r->exit_code == 0)
		return RESULT_OK;
	return r->verdict == VERDICT_FAIL ? RESULT_FAILURE : RESULT_ERROR;
}

static size_t tests_of(const struct tally *t)
{
	return t->n[RESULT_OK] + t->n[RESULT_FAILURE] + t->n[RESULT_ERROR] + t->n[RESULT_SKIPPED];
}

/* --- writing --- */

static void put_result(struct junit *j, enum result result, const char *type, struct str message,
		       struct str text)
{
	static const char *const names[] = { NULL, "failure", "error", "skipped" };
	xmlw_open(&j->w, names[result]);
	xmlw_attr(&j->w, "type", str_c(type));
	xmlw_attr(&j->w, "message", message);
	if (text.n)
		xmlw_text(&j->w, text);
	xmlw_close(&j->w);
}

static void open_suite(struct junit *j, struct str name, const struct tally *t, double seconds)
{
	char stamp[CLOCK_TEXT];
	xmlw_open(&j->w, "testsuite");
	xmlw_attr(&j->w, "name", name);
	xmlw_attr_n(&j->w, "tests", tests_of(t));
	xmlw_attr_n(&j->w, "failures", t->n[RESULT_FAILURE]);
	xmlw_attr_n(&j->w, "errors", t->n[RESULT_ERROR]);
	xmlw_attr_n(&j->w, "skipped", t->n[RESULT_SKIPPED]);
	xmlw_attr_seconds(&j->w, "time", seconds);
	xmlw_attr(&j->w, "timestamp", str_c(clock_rfc3339(j->r->start_ms, stamp)));
}

static void open_case(struct junit *j, struct str class, struct str name, double seconds)
{
	xmlw_open(&j->w, "testcase");
	xmlw_attr(&j->w, "classname", class);
	xmlw_attr(&j->w, "name", name);
	xmlw_attr_seconds(&j->w, "time", seconds);
}

static const char *text_or(const char *s, const char *other)
{
	return s ? s : other;
}

/* A line for each group of failures that makes a part of what the threshold lacks. */
static const char *groups_of(struct junit *j, size_t finding)
{
	enum { GROUPS_SHOWN = 5 };
	struct buf b;
	size_t i, k, n = 0;
	json_t *g, *share;
	buf_init(&b, OUTCOME_LINE_MAX);
	json_array_foreach ((json_t *)(uintptr_t)j->r->failures, i, g) {
		json_array_foreach (json_object_get(g, "gaps"), k, share) {
			if (json_integer_value(json_object_get(share, "finding")) != (json_int_t)finding ||
			    n++ >= GROUPS_SHOWN)
				continue;
			buf_addf(&b, "\n%" JSON_INTEGER_FORMAT " × ",
				 json_integer_value(json_object_get(g, "count")));
			failview_name(&b, g);
			buf_adds(&b, "; ");
			failview_gap(&b, j->r, share);
		}
	}
	const char *out = arena_cstr(&j->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static void add_flips(struct buf *b, const struct finding *f, const char *way)
{
	size_t more, i;
	json_t *id;
	const json_t *list = pairview_flips(f, way, FLIPS_SHOWN, &more);
	if (!list)
		return;
	buf_addf(b, "%s: ", way);
	json_array_foreach ((json_t *)(uintptr_t)list, i, id) {
		if (i == FLIPS_SHOWN)
			break;
		buf_adds(b, i ? ", " : "");
		buf_add(b, utf8_prefix(json_str(id), REASON_MAX));
	}
	if (more)
		buf_addf(b, " and %zu more", more);
	buf_adds(b, "\n");
}

/* What a threshold's row in the table shows beside its verdict. */
static struct str finding_text(struct junit *j, size_t at)
{
	const struct finding *f = &j->r->finding[at];
	struct buf b;
	buf_init(&b, (size_t)64 * 1024);
	buf_addf(&b, "%s\nn %zu, clusters %zu, unscored %zu\n", f->text, f->n, f->clusters, f->unscored);
	if (f->paired) {
		buf_addf(&b, "%s, %s\n", text_or(f->observed_text, ""), pairview_text(f, &j->arena));
		if (pairview_is_silence(f) && f->note)
			buf_addf(&b, "%s\n", f->note);
		add_flips(&b, f, "lost");
		add_flips(&b, f, "gained");
	}
	if (f->because)
		buf_addf(&b, "because: %s", f->because);
	buf_adds(&b, groups_of(j, at));
	struct str s = arena_str(&j->arena, buf_str(&b));
	buf_release(&b);
	return s;
}

static void put_finding(struct junit *j, size_t at)
{
	const struct finding *f = &j->r->finding[at];
	enum result result = result_of_finding(f);
	const char *severity = f->blocking ? "" : "warning: ";
	const char *needs = arena_fmt(&j->arena, "needs %s %s, observed %s", text_or(f->op, ""),
				      text_or(f->bound_text, ""), text_or(f->observed_text, "nothing"));
	open_case(j, STR("thresholds"), str_c(f->label), 0);
	if (result != RESULT_OK) {
		struct str message = str_c(arena_fmt(&j->arena, "%s%s: %s%s%s", severity,
						     verdict_name(f->verdict), needs, f->note ? "; " : "",
						     text_or(f->note, "")));
		put_result(j, result, verdict_name(f->verdict), message, finding_text(j, at));
	} else if (f->paired) {
		xmlw_open(&j->w, "system-out");
		xmlw_text(&j->w, finding_text(j, at));
		xmlw_close(&j->w);
	}
	xmlw_close(&j->w);
}

/* The stage itself: a filtered or stopped run blocks although no threshold does. */
static void put_stage(struct junit *j)
{
	enum result result = result_of_stage(j->r);
	const char *name = arena_fmt(&j->arena, "verdict of %s", text_or(j->r->stage, "the run"));
	const char *why = j->r->measure	 ? "no policy: nothing was decided" :
			  j->r->stopped  ? j->r->stopped :
			  j->r->filtered ? "a part of the stage decides nothing" :
					   "see the thresholds";
	open_case(j, STR("thresholds"), str_c(name), 0);
	if (result != RESULT_OK)
		put_result(j, result, verdict_name(j->r->verdict),
			   str_c(arena_fmt(&j->arena, "%s: %s", verdict_name(j->r->verdict), why)), STR(""));
	xmlw_close(&j->w);
}

static void put_property(struct junit *j, const char *name, const char *value)
{
	xmlw_open(&j->w, "property");
	xmlw_attr(&j->w, "name", str_c(name));
	xmlw_attr(&j->w, "value", str_c(value));
	xmlw_close(&j->w);
}

/* What was decided before stands beside what is decided now. */
static void put_properties(struct junit *j)
{
	const char *before = past_verdicts(j->r, &j->arena), *reroll = past_reroll(j->r, &j->arena);
	if (!before)
		return;
	xmlw_open(&j->w, "properties");
	put_property(j, "earlier verdicts", before);
	if (reroll)
		put_property(j, "re-roll", reroll);
	xmlw_close(&j->w);
}

static void put_thresholds(struct junit *j)
{
	open_suite(j, STR("thresholds"), &j->decided, 0);
	put_properties(j);
	for (size_t i = 0; i < j->r->nfinding; i++)
		put_finding(j, i);
	put_stage(j);
	xmlw_close(&j->w);
}

static double seconds_of(const struct record *r, const struct outcome *o)
{
	const struct suite_head *s = &r->suite[o->suite];
	for (size_t i = 0; i < s->nmetric; i++)
		if (s->metric[i].builtin && !strcmp(s->metric[i].name, "latency") &&
		    o->cell[i].state == CELL_SCORED)
			return o->cell[i].value / 1000;
	return 0;
}

/* "correct: expected 12, found 11; …" of the metrics that failed, or of those without a score. */
static void add_reasons(struct buf *b, const struct record *r, const struct outcome *o,
			enum result result)
{
	const struct suite_head *s = &r->suite[o->suite];
	for (size_t i = 0; i < s->nmetric; i++) {
		const struct cell *x = &o->cell[i];
		bool said = result == RESULT_FAILURE ? is_bad(&s->metric[i], x) :
						       x->state == CELL_UNSCORED && !s->metric[i].builtin;
		if (!said)
			continue;
		buf_addf(b, "%s%s: ", b->n ? "; " : "", s->metric[i].name);
		buf_add(b, x->reason.n ? utf8_prefix(x->reason, REASON_MAX) : STR("no reason given"));
	}
}

static struct str message_of(struct junit *j, const struct outcome *o, enum result result)
{
	struct buf b;
	buf_init(&b, (size_t)64 * 1024);
	if (result == RESULT_SKIPPED)
		past_status(&b, o);
	else if (result == RESULT_ERROR && o->reply.fail != FAIL_NONE)
		buf_add(&b, utf8_prefix(o->reply.fail_text, REASON_MAX));
	else
		add_reasons(&b, j->r, o, result);
	struct str s = arena_str(&j->scratch, buf_str(&b));
	buf_release(&b);
	return s.n ? s : str_c(sample_status_name(o->status));
}

static struct str detail_of(struct junit *j, const struct outcome *o)
{
	struct buf b;
	struct str answer = utf8_prefix(o->answer, ANSWER_MAX);
	buf_init(&b, OUTCOME_LINE_MAX);
	if (o->at.file)
		buf_addf(&b, "case at %s:%u\n", o->at.file, o->at.line);
	size_t before = b.n;
	talkview_write(&b, o->reply.trajectory, STEP_MAX);
	if (b.n - before > TALK_MAX) {
		struct str whole = str_sub(buf_str(&b), before, b.n), shown = utf8_prefix(whole, TALK_MAX);
		buf_cut(&b, before + shown.n);
		buf_addf(&b, "… (%zu more bytes)\n", whole.n - shown.n);
	}
	if (answer.n) {
		buf_adds(&b, "answer: ");
		buf_add(&b, answer);
	}
	if (answer.n < o->answer.n)
		buf_addf(&b, "… (%zu more bytes)", o->answer.n - answer.n);
	struct str s = arena_str(&j->scratch, buf_str(&b));
	buf_release(&b);
	return s;
}

static void put_sample(struct junit *j, const struct outcome *o)
{
	const struct suite_head *s = &j->r->suite[o->suite];
	enum result result = result_of(j->r, o);
	struct str name = o->case_id;
	if (s->repeats > 1) {
		struct buf b;
		buf_init(&b, name.n + 32);
		buf_add(&b, name);
		buf_addf(&b, "#%u", o->sample);
		name = arena_str(&j->scratch, buf_str(&b));
		buf_release(&b);
	}
	open_case(j, str_c(s->name), name, seconds_of(j->r, o));
	if (result != RESULT_OK) {
		const char *type = result == RESULT_FAILURE	    ? "score" :
				   o->reply.fail != FAIL_NONE ? fail_name(o->reply.fail) :
								      sample_status_name(o->status);
		put_result(j, result, type, message_of(j, o, result), detail_of(j, o));
	}
	xmlw_close(&j->w);
}

static bool is_plain(const struct record *r, const struct outcome *o)
{
	return r->suite[o->suite].role == SUITE_PLAIN;
}

/* Twins stand behind the stage's own suites: what they answered is no test of the change. */
static size_t plain_suites(const struct record *r)
{
	size_t n = 0;
	while (n < r->nsuite && r->suite[n].role == SUITE_PLAIN)
		n++;
	return n;
}

/* Close the suite that is open and open those up to `upto`, the empty ones too. */
static void advance(struct junit *j, size_t *opened, size_t upto)
{
	while (*opened < upto) {
		const struct suite_head *s = &j->r->suite[*opened];
		if (*opened)
			xmlw_close(&j->w);
		open_suite(j, str_c(s->name), &j->suite[*opened], (double)s->wall_ms / 1000);
		++*opened;
	}
}

/* Outcomes stand in the order of their suites. */
static int put_suites(struct junit *j, struct err *err)
{
	struct outcome o;
	int got;
	size_t opened = 0;
	if (j->it->rewind(j->it, err))
		return -1;
	while ((got = j->it->next(j->it, &o, &j->scratch, err)) > 0) {
		if (o.suite + (size_t)1 < opened)
			return err_set(err, ERR_TRUST, "the outcomes are not in the order of their suites: the record was changed");
		if (is_plain(j->r, &o)) {
			advance(j, &opened, o.suite + (size_t)1);
			put_sample(j, &o);
		}
		arena_rewind(&j->scratch, (struct arena_mark){ .top = NULL });
	}
	advance(j, &opened, plain_suites(j->r));
	if (opened)
		xmlw_close(&j->w);
	return got;
}

static int count_all(struct junit *j, struct err *err)
{
	struct outcome o;
	int got;
	if (j->it->rewind(j->it, err))
		return -1;
	while ((got = j->it->next(j->it, &o, &j->scratch, err)) > 0) {
		if (is_plain(j->r, &o))
			j->suite[o.suite].n[result_of(j->r, &o)]++;
		arena_rewind(&j->scratch, (struct arena_mark){ .top = NULL });
	}
	for (size_t i = 0; i < j->r->nfinding; i++)
		j->decided.n[result_of_finding(&j->r->finding[i])]++;
	j->decided.n[result_of_stage(j->r)]++;
	return got;
}

static void open_root(struct junit *j)
{
	struct tally all = j->decided;
	for (size_t i = 0; i < j->r->nsuite; i++)
		for (size_t k = 0; k < RESULTS; k++)
			all.n[k] += j->suite[i].n[k];
	xmlw_begin(&j->w, j->w.out);
	xmlw_open(&j->w, "testsuites");
	xmlw_attr(&j->w, "name", str_c(text_or(j->r->stage, "gate")));
	xmlw_attr_n(&j->w, "tests", tests_of(&all));
	xmlw_attr_n(&j->w, "failures", all.n[RESULT_FAILURE]);
	xmlw_attr_n(&j->w, "errors", all.n[RESULT_ERROR]);
	xmlw_attr_seconds(&j->w, "time", (double)(j->r->end_ms - j->r->start_ms) / 1000);
}

static int write_junit(struct sink *out, const struct record *head, struct outcomes *it,
		       const struct report_opts *o, struct err *err)
{
	struct junit j = { .w = { .out = out }, .r = head, .it = it };
	(void)o;
	j.suite = arena_array(&j.arena, struct tally, head->nsuite + 1);
	int bad = count_all(&j, err);
	if (!bad) {
		open_root(&j);
		put_thresholds(&j);
		bad = put_suites(&j, err);
		xmlw_close(&j.w);
	}
	arena_release(&j.scratch);
	arena_release(&j.arena);
	return bad ? -1 : sink_check(out, err);
}

const struct reporter_ops report_junit = {
	.name = "junit",
	.help = "JUnit XML for CI: a test for each sample and each threshold",
	.extension = ".xml",
	.write = write_junit,
};
