/* The comment on a pull request and the step summary: verdict first, thresholds, failures folded
 * away, accounting, what was judged.  It is written in blocks; one that would pass the cap is left
 * out whole and counted, so a cut never leaves half a table, an open fold or half a character. */
#include "base/limits.h"
#include "base/num.h"
#include "doc/jsonx.h"
#include "record/past.h"
#include "report/failview.h"
#include "report/mdw.h"
#include "report/pairview.h"
#include "report/report.h"
#include "report/textw.h"
#include "verdict/verdict.h"

#include <inttypes.h>
#include <math.h>

/* GitHub takes 65,536 characters a comment and drops a step summary above 1 MiB. */
#define COMMENT_MAX (64 * KIB)
#define SUMMARY_MAX (1024 * KIB)

enum { LABEL_MAX = 200, NOTE_MAX = 600, REASON_MAX = 400, ANSWER_MAX = 400, BLOCKERS_SHOWN = 10, FLIPS_SHOWN = 10 };
/* Groups in the table; what is in a cell before it is cut. */
enum { GROUPS_SHOWN = 10, CELL_MAX = 65536 };
/* Kept free for the notes on what was left out. */
enum { CUT_NOTES = 512 };

struct page {
	const struct record *r;
	struct arena arena;
	struct buf out;  /* what stands */
	struct buf tail; /* accounting and identity: always there */
	size_t cap;
};

/* Append a block when it fits with the tail; false when it does not. */
static bool put_block(struct page *p, const struct buf *block)
{
	if (block->over || p->out.n + block->n + p->tail.n + CUT_NOTES > p->cap)
		return false;
	buf_add(&p->out, buf_str(block));
	return true;
}

static void code(struct buf *b, const char *s, size_t max)
{
	mdw_code(b, str_c(s ? s : ""), max);
}

/* --- the verdict --- */

static void add_blockers(struct buf *b, const struct record *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->nfinding; i++) {
		const struct finding *f = &r->finding[i];
		if (!f->blocking || f->verdict == VERDICT_PASS || f->verdict == VERDICT_NA)
			continue;
		if (n++ >= BLOCKERS_SHOWN)
			continue;
		buf_adds(b, n == 1 ? ": " : ", ");
		code(b, f->label, LABEL_MAX);
	}
	if (n > BLOCKERS_SHOWN)
		buf_addf(b, " and %zu more", n - BLOCKERS_SHOWN);
	if (!n && r->filtered)
		buf_adds(b, ": a part of the stage decides nothing");
	else if (!n && r->stopped)
		buf_adds(b, ": the run did not end");
}

static void put_verdict(struct page *p)
{
	static const char *const words[] = { "✅ PASS", "❌ FAIL", "❔ UNDECIDED", "ℹ️ MEASURED" };
	const struct record *r = p->r;
	struct buf *b = &p->out;
	buf_addf(b, "### %s: ", words[r->measure ? VERDICT_NA : r->verdict]);
	if (r->measure) {
		buf_adds(b, r->exit_code ? "not every sample was scored; nothing was decided" : "nothing was decided");
	} else {
		code(b, r->stage ? r->stage : "the stage", LABEL_MAX);
		buf_adds(b, r->exit_code ? " is blocked" : " may be promoted");
		if (r->exit_code)
			add_blockers(b, r);
	}
	buf_adds(b, "\n\n");
	if (r->stopped) {
		buf_adds(b, "Stopped: ");
		code(b, r->stopped, NOTE_MAX);
		buf_adds(b, "\n\n");
	}
}

static void put_note(struct page *p, struct str note)
{
	struct buf b;
	buf_init(&b, 16 * KIB);
	buf_adds(&b, "> note: ");
	mdw_code(&b, note, NOTE_MAX);
	buf_adds(&b, "\n\n");
	put_block(p, &b);
	buf_release(&b);
}

static void put_notes(struct page *p)
{
	size_t i;
	json_t *note;
	const char *before = past_verdicts(p->r, &p->arena), *reroll = past_reroll(p->r, &p->arena);
	json_array_foreach ((json_t *)(uintptr_t)p->r->notes, i, note)
		put_note(p, json_str(note));
	if (before)
		put_note(p, str_c(before));
	if (reroll)
		put_note(p, str_c(reroll));
	for (size_t k = 0; k < past_judges(p->r); k++) {
		bool changed;
		const char *judge = past_judge(p->r, k, &changed, &p->arena);
		if (judge)
			put_note(p, str_c(judge));
	}
}

/* --- thresholds --- */

static void add_number(struct buf *b, struct page *p, const struct finding *f, double x)
{
	code(b, pairview_value(f, x, &p->arena), LABEL_MAX);
}

static void add_bounds(struct buf *b, struct page *p, const struct finding *f)
{
	if (f->observed_only) {
		buf_adds(b, "as observed");
	} else if (f->has_bounds && !(isnan(f->lower) && isnan(f->upper))) {
		add_number(b, p, f, f->lower);
		buf_adds(b, " … ");
		add_number(b, p, f, f->upper);
	}
}

static void add_flips(struct buf *b, const struct finding *f, const char *way)
{
	size_t more, i;
	json_t *id;
	const json_t *list = pairview_flips(f, way, FLIPS_SHOWN, &more);
	if (!list)
		return;
	buf_addf(b, "<br>%s: ", way);
	json_array_foreach ((json_t *)(uintptr_t)list, i, id) {
		if (i == FLIPS_SHOWN)
			break;
		buf_adds(b, i ? ", " : "");
		mdw_code(b, json_str(id), LABEL_MAX);
	}
	if (more)
		buf_addf(b, " and %zu more", more);
}

static void add_pairs(struct buf *b, struct page *p, const struct finding *f)
{
	if (!f->paired)
		return;
	buf_adds(b, "<br>");
	code(b, pairview_text(f, &p->arena), NOTE_MAX);
	if (pairview_is_repeated(p->r, (size_t)(f - p->r->finding)))
		return;
	add_flips(b, f, "lost");
	add_flips(b, f, "gained");
}

static void add_row(struct buf *b, struct page *p, const struct finding *f)
{
	static const char *const marks[] = { "✅ pass", "❌ **fail**", "❔ **undecided**", "n/a" };
	buf_adds(b, "| ");
	code(b, f->label, LABEL_MAX);
	buf_adds(b, " | ");
	if (f->observed_text)
		code(b, f->observed_text, LABEL_MAX);
	buf_adds(b, " | ");
	add_bounds(b, p, f);
	buf_addf(b, " | %zu", f->n);
	if (f->clusters && f->clusters != f->n)
		buf_addf(b, " in %zu", f->clusters);
	buf_adds(b, " | ");
	code(b, arena_fmt(&p->arena, "%s %s", f->op ? f->op : "", f->bound_text ? f->bound_text : ""), LABEL_MAX);
	buf_addf(b, " | %s%s", marks[f->verdict], f->blocking ? "" : " (warn)");
	if (f->unscored)
		buf_addf(b, ", %zu unscored", f->unscored);
	if (f->note && (f->verdict != VERDICT_PASS || pairview_is_silence(f))) {
		buf_adds(b, "<br>");
		code(b, f->note, NOTE_MAX);
	}
	if (f->because && f->verdict != VERDICT_PASS) {
		buf_adds(b, "<br>because: ");
		code(b, f->because, NOTE_MAX);
	}
	add_pairs(b, p, f);
	buf_adds(b, " |\n");
}

static void put_table(struct page *p)
{
	size_t left = 0;
	if (!p->r->nfinding)
		return;
	buf_addf(&p->out, "| threshold | observed | %.4g %% bounds (one-sided) | n | needs | verdict |\n"
			  "| --- | ---: | --- | ---: | --- | --- |\n", p->r->confidence * 100);
	for (size_t i = 0; i < p->r->nfinding; i++) {
		struct buf b;
		buf_init(&b, 16 * KIB);
		add_row(&b, p, &p->r->finding[i]);
		left += !put_block(p, &b);
		buf_release(&b);
	}
	if (left)
		buf_addf(&p->out, "\n… %zu more threshold%s not fit here; all are in the record.\n", left,
			 left == 1 ? " does" : "s do");
	buf_adds(&p->out, "\n");
}

/* --- failures --- */

static void add_case(struct buf *b, struct page *p, const json_t *g, const json_t *x)
{
	struct str answer = json_get_str(x, "answer");
	const char *flaky = past_flaky(p->r, json_get_str(g, "suite"), json_get_str(x, "case"),
				       json_get_str(g, "metric"), &p->arena);
	buf_adds(b, "- ");
	mdw_code(b, json_get_str(x, "case"), LABEL_MAX);
	buf_adds(b, ": ");
	mdw_code(b, json_get_str(x, "reason"), REASON_MAX);
	if (flaky)
		buf_addf(b, " (%s)", flaky);
	if (answer.n) {
		buf_adds(b, "<br>answer: ");
		mdw_code(b, answer, ANSWER_MAX);
	}
	buf_adds(b, "\n");
}

static void add_group(struct buf *b, struct page *p, const json_t *g)
{
	size_t i;
	json_t *x;
	buf_addf(b, "<details>\n<summary>%" JSON_INTEGER_FORMAT " × ",
		 json_integer_value(json_object_get(g, "count")));
	mdw_html_code(b, json_get_str(g, "suite"), LABEL_MAX);
	if (json_get_str(g, "metric").n) {
		buf_adds(b, " ");
		mdw_html_code(b, json_get_str(g, "metric"), LABEL_MAX);
	}
	buf_adds(b, ": ");
	mdw_html_code(b, json_get_str(g, "pattern"), REASON_MAX);
	buf_adds(b, "</summary>\n\n");
	json_array_foreach (json_object_get(g, "cases"), i, x)
		add_case(b, p, g, x);
	buf_adds(b, "\n</details>\n\n");
}

static void add_cell(struct buf *b, struct buf *text)
{
	buf_adds(b, " | ");
	if (text->n)
		mdw_code(b, buf_str(text), NOTE_MAX);
	buf_reset(text);
}

/* How many, which, what they make of the gap, what they share. */
static void add_line(struct buf *b, struct page *p, const json_t *g)
{
	struct buf text;
	buf_init(&text, CELL_MAX);
	buf_addf(b, "| %" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(g, "count")));
	failview_name(&text, g);
	add_cell(b, &text);
	failview_gap(&text, p->r, failview_first(g));
	add_cell(b, &text);
	failview_where(&text, g);
	add_cell(b, &text);
	buf_adds(b, " |\n");
	buf_release(&text);
}

static void put_groups(struct page *p)
{
	size_t i;
	json_t *g;
	if (!json_array_size(p->r->failures))
		return;
	buf_adds(&p->out, "| failures | of | what they make | what they share |\n"
			  "| ---: | --- | --- | --- |\n");
	json_array_foreach ((json_t *)(uintptr_t)p->r->failures, i, g) {
		struct buf b;
		if (i == GROUPS_SHOWN)
			break;
		buf_init(&b, p->cap);
		add_line(&b, p, g);
		put_block(p, &b);
		buf_release(&b);
	}
	buf_adds(&p->out, "\n");
}

static void put_failures(struct page *p)
{
	size_t i, left = 0;
	json_t *g;
	put_groups(p);
	json_array_foreach ((json_t *)(uintptr_t)p->r->failures, i, g) {
		struct buf b;
		buf_init(&b, p->cap);
		add_group(&b, p, g);
		left += !put_block(p, &b);
		buf_release(&b);
	}
	if (left)
		buf_addf(&p->out, "… %zu more group%s of failures %s not fit here; all are in the record.\n\n", left,
			 num_s(left), left == 1 ? "does" : "do");
}

/* --- the end --- */

static void add_account(struct buf *b, const struct suite_head *s)
{
	buf_addf(b, "planned %zu = scored %zu + unscored %zu + quarantined %zu", s->planned, s->scored, s->unscored,
		 s->quarantined);
	if (s->surplus)
		buf_addf(b, " + surplus %zu", s->surplus);
}

static void add_accounting(struct buf *b, const struct record *r)
{
	struct suite_head sum;
	pairview_account(r, SUITE_PLAIN, &sum);
	add_account(b, &sum);
	if (sum.surplus) {
		struct arena a = ARENA_INIT;
		buf_addf(b, " (early stop: %s)", verdict_early_text(r, &a));
		arena_release(&a);
	}
	if (r->replayed)
		buf_adds(b, "; replayed, nothing was called");
	else if (r->spend.reused)
		buf_addf(b, "; %" PRId64 " %s reused", r->spend.reused,
			 r->spend.reused == 1 ? "reply" : "replies");
	buf_addf(b, "; exit %d\n\n", r->exit_code);
	for (enum suite_role role = SUITE_BASELINE; role <= SUITE_CALIBRATION; role++) {
		if (!pairview_account(r, role, &sum))
			continue;
		buf_addf(b, "%s: ", suite_role_name(role));
		add_account(b, &sum);
		buf_adds(b, "\n\n");
	}
}

static void add_named(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, ", %s ", name);
	code(b, value, LABEL_MAX);
}

static void add_identity(struct buf *b, const struct record *r)
{
	char hex[DIGEST_HEX];
	buf_adds(b, "<sub>gate ");
	code(b, r->gate_version, LABEL_MAX);
	add_named(b, "commit", r->commit ? r->commit : "work tree");
	add_named(b, "branch", r->branch);
	add_named(b, "candidate", digest_hex(&r->candidate_id, hex));
	if (r->policy_self)
		add_named(b, "policy", r->policy_self);
	else
		add_named(b, "policy", r->policy_ref);
	add_named(b, "at", r->policy_commit);
	add_named(b, "plan", digest_hex(&r->plan_digest, hex));
	add_named(b, "run", r->run_id);
	buf_adds(b, "</sub>\n");
}

static int write_page(struct sink *out, const struct record *head, size_t cap, struct err *err)
{
	struct page p = { .r = head, .cap = cap };
	buf_init(&p.out, cap);
	buf_init(&p.tail, 8 * KIB);
	add_accounting(&p.tail, head);
	add_identity(&p.tail, head);
	put_verdict(&p);
	put_notes(&p);
	put_table(&p);
	put_failures(&p);
	buf_add(&p.out, buf_str(&p.tail));
	bool over = p.out.over || p.tail.over;
	sink_write(out, buf_str(&p.out));
	buf_release(&p.out);
	buf_release(&p.tail);
	arena_release(&p.arena);
	if (over)
		return err_set(err, ERR_BUG, "a Markdown report passed its cap of %zu bytes", cap);
	return sink_check(out, err);
}

static int write_markdown(struct sink *out, const struct record *head, struct outcomes *it,
			  const struct report_opts *o, struct err *err)
{
	(void)it;
	(void)o;
	return write_page(out, head, COMMENT_MAX, err);
}

static int write_summary(struct sink *out, const struct record *head, struct outcomes *it,
			 const struct report_opts *o, struct err *err)
{
	(void)it;
	(void)o;
	return write_page(out, head, SUMMARY_MAX, err);
}

const struct reporter_ops report_markdown = {
	.name = "markdown",
	.help = "a pull request's comment: Markdown of at most 64 KiB",
	.extension = ".md",
	.write = write_markdown,
};

const struct reporter_ops report_summary = {
	.name = "summary",
	.help = "a CI step's summary: the same Markdown, up to 1 MiB",
	.extension = NULL,
	.write = write_summary,
};
