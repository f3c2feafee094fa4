/* What a person sees: who judged what by whose rules, a line per suite, the threshold table,
 * grouped failures with their worst cases, the accounting, and one line that says what happens
 * now. */
#include "record/past.h"
#include "report/console.h"
#include "report/pairview.h"
#include "verdict/verdict.h"

#include <inttypes.h>
#include <math.h>

/* A bar is for terminals of at least BAR_WIDTH columns. */
enum { SHORT_OID = 7, BAR_CELLS = 18, BAR_WIDTH = 80, NAME_MAX = 40 };

const char *console_safe(struct console *c, const char *s)
{
	struct buf b;
	struct str from = str_c(s ? s : "");
	buf_init(&b, from.n * 10 + 64);
	text_safe(&b, from, c->w.o->utf8);
	const char *out = arena_cstr(&c->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

const char *console_dots(const struct console *c)
{
	return c->w.o->utf8 ? "…" : "..";
}

enum paint console_paint(enum verdict_kind v)
{
	static const enum paint paints[] = { PAINT_GREEN, PAINT_RED, PAINT_YELLOW, PAINT_DIM };
	return paints[v];
}

static const char *short_oid(struct console *c, const char *oid)
{
	return oid ? console_safe(c, arena_fmt(&c->arena, "%.*s", SHORT_OID, oid)) : "";
}

static void line_end(struct console *c)
{
	sink_puts(c->w.out, "\n");
}

/* --- lines of several parts, which go on below where the terminal ends --- */

struct part {
	enum paint paint;
	const char *text;
};

static void put_parts(struct console *c, const struct part *part, size_t n, unsigned first,
		      unsigned gap, unsigned indent)
{
	unsigned at = first, width = c->w.o->width;
	bool begun = false;
	for (size_t i = 0; i < n; i++) {
		unsigned cells = text_width(str_c(part[i].text));
		if (!cells)
			continue;
		if (begun && width && at + gap + cells > width) {
			sink_printf(c->w.out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (begun) {
			sink_printf(c->w.out, "%*s", (int)gap, "");
			at += gap;
		}
		if (width && at + cells > width)
			textw_wrap(&c->w, str_c(part[i].text), at, indent);
		else
			textw_put(&c->w, part[i].paint, part[i].text);
		at += cells;
		begun = true;
	}
	line_end(c);
}

/* --- the head --- */

static const char *subject_text(struct console *c)
{
	const struct record *r = c->r;
	const char *arrow = !r->stage ? "" : c->w.o->utf8 ? " → " : " -> ";
	return arena_fmt(&c->arena, "%s%s%s%s%s", r->commit ? short_oid(c, r->commit) : "work tree",
			 r->branch ? " " : "", console_safe(c, r->branch), arrow,
			 console_safe(c, r->stage));
}

static const char *policy_text(struct console *c)
{
	const struct record *r = c->r;
	if (r->measure)
		return "no policy: measures, decides nothing";
	if (r->policy_self)
		return arena_fmt(&c->arena, "policy: %s", console_safe(c, r->policy_self));
	return arena_fmt(&c->arena, "policy %s %s", console_safe(c, r->policy_ref),
			 short_oid(c, r->policy_commit));
}

/* What was decided of this candidate before, and what a pass after that is. */
static void put_past(struct console *c)
{
	const char *before = past_verdicts(c->r, &c->arena), *reroll = past_reroll(c->r, &c->arena);
	if (before) {
		sink_puts(c->w.out, "  ");
		textw_wrap(&c->w, str_c(before), 2, 4);
		line_end(c);
	}
	if (reroll) {
		sink_puts(c->w.out, "  note: ");
		textw_wrap(&c->w, str_c(reroll), 8, 8);
		line_end(c);
	}
	for (size_t i = 0; i < past_judges(c->r); i++) {
		bool changed;
		const char *judge = past_judge(c->r, i, &changed, &c->arena);
		if (!judge)
			continue;
		sink_puts(c->w.out, changed ? "  warning: " : "  ");
		textw_wrap(&c->w, str_c(judge), changed ? 11 : 2, 4);
		line_end(c);
	}
}

/* "baseline 91be02d (merge-base)"; empty when no threshold asks for one. */
static const char *baseline_text(struct console *c)
{
	const char *named = json_string_value(json_object_get(c->r->baseline, "named"));
	const char *commit = json_string_value(json_object_get(c->r->baseline, "commit"));
	if (!named)
		return "";
	named = console_safe(c, named);
	return commit ? arena_fmt(&c->arena, "baseline %.7s (%s)", console_safe(c, commit), named)
		      : arena_fmt(&c->arena, "baseline %s: none yet", named);
}

static void put_header(struct console *c)
{
	char hex[DIGEST_HEX];
	digest_hex(&c->r->candidate_id, hex);
	const struct part parts[] = {
		{ PAINT_NONE, arena_fmt(&c->arena, "gate %s", console_safe(c, c->r->gate_version)) },
		{ PAINT_BOLD, subject_text(c) },
		{ PAINT_NONE, policy_text(c) },
		{ PAINT_NONE, arena_fmt(&c->arena, "candidate %.4s%s%s", hex, console_dots(c),
					hex + DIGEST_HEX - 4) },
		{ PAINT_NONE, baseline_text(c) },
	};
	put_parts(c, parts, ARRAY_LEN(parts), 0, 3, 2);
	size_t i;
	json_t *note;
	json_array_foreach ((json_t *)(uintptr_t)c->r->notes, i, note) {
		sink_puts(c->w.out, "  note: ");
		textw_wrap(&c->w, (struct str){ json_string_value(note), json_string_length(note) }, 8, 8);
		line_end(c);
	}
	put_past(c);
	line_end(c);
}

/* --- suites --- */

static const char *duration(struct console *c, int64_t ms)
{
	if (ms < 50)
		return "";
	if (ms >= 600000)
		return arena_fmt(&c->arena, "%" PRId64 " min", ms / 60000);
	return arena_fmt(&c->arena, ms < 9950 ? "%.1f s" : "%.0f s", (double)ms / 1000);
}

/* How much of the plan was scored; only where someone looks at it. */
static const char *bar_text(struct console *c, size_t done, size_t planned)
{
	if (c->w.o->width < BAR_WIDTH || !c->w.o->utf8 || !planned)
		return "";
	size_t full = done * BAR_CELLS / planned;
	struct buf b;
	buf_init(&b, (size_t)BAR_CELLS * 3 + 1);
	for (size_t i = 0; i < BAR_CELLS; i++)
		buf_adds(&b, i < full ? "█" : "░");
	const char *text = arena_cstr(&c->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static const char *rate_text(struct console *c, const struct suite_head *s, size_t done)
{
	double rate = s->wall_ms > 0 ? (double)done * 1000 / (double)s->wall_ms : 0;
	return s->wall_ms >= 1000 && rate >= 1 ? arena_fmt(&c->arena, "%.0f/s", rate) : "";
}

static const char *cost_text(struct console *c, double usd)
{
	if (isnan(usd))
		return "unpriced";
	return usd > 0 ? arena_fmt(&c->arena, usd >= 0.1 ? "$%.2f" : "$%.4f", usd) : "";
}

/* A latency that some threshold asks for, as a taste of the table below. */
static const char *ttft_text(struct console *c, const struct suite_head *s)
{
	for (size_t i = 0; i < c->r->nfinding; i++) {
		const struct finding *f = &c->r->finding[i];
		if (f->suite && f->metric && f->has_estimate && !f->slice && !f->paired && !strcmp(f->suite, s->name) &&
		    !strcmp(f->metric, "ttft"))
			return arena_fmt(&c->arena, "ttft %s %s", console_safe(c, f->aggregate),
					 verdict_value_text(f->estimate, "ms", &c->arena));
	}
	return "";
}

static void put_suite(struct console *c, const struct suite_head *s, unsigned name_width)
{
	const char *name = console_safe(c, s->name);
	size_t done = s->planned > s->unscored ? s->planned - s->unscored : 0;
	const struct part parts[] = {
		{ PAINT_NONE, arena_fmt(&c->arena, "%zu/%zu", done, s->planned) },
		{ PAINT_NONE, bar_text(c, done, s->planned) },
		{ PAINT_NONE, duration(c, s->wall_ms) },
		{ PAINT_NONE, rate_text(c, s, done) },
		{ PAINT_NONE, ttft_text(c, s) },
		{ isnan(s->usd + s->judge_usd) ? PAINT_DIM : PAINT_NONE, cost_text(c, s->usd + s->judge_usd) },
		{ PAINT_YELLOW, s->unscored ? arena_fmt(&c->arena, "%zu unscored", s->unscored) : "" },
		{ PAINT_NONE, s->quarantined ? arena_fmt(&c->arena, "%zu quarantined", s->quarantined) : "" },
		{ PAINT_NONE, s->surplus ? arena_fmt(&c->arena, "%zu surplus", s->surplus) : "" },
		{ PAINT_YELLOW, s->is_new ? "new, takes effect after merge" : "" },
	};
	sink_puts(c->w.out, "  ");
	textw_cell(&c->w, PAINT_NONE, name, (int)name_width + 2);
	put_parts(c, parts, ARRAY_LEN(parts), name_width + 4, 2, name_width + 4);
}

static void put_suites(struct console *c)
{
	unsigned width = 0;
	for (size_t i = 0; i < c->r->nsuite; i++) {
		unsigned n = text_width(str_c(console_safe(c, c->r->suite[i].name)));
		width = n > width ? n : width;
	}
	width = width > NAME_MAX ? NAME_MAX : width;
	for (size_t i = 0; i < c->r->nsuite; i++)
		put_suite(c, &c->r->suite[i], width);
}

/* --- the end --- */

static const char *account_text(struct console *c, const struct suite_head *s)
{
	const char *more = s->surplus ? arena_fmt(&c->arena, " + surplus %zu", s->surplus) : "";
	return arena_fmt(&c->arena, "planned %zu = scored %zu + unscored %zu + quarantined %zu%s", s->planned, s->scored,
			 s->unscored, s->quarantined, more);
}

/* Twins are no part of what the stage planned: each kind has a line of its own. */
static void put_twins(struct console *c)
{
	for (enum suite_role role = SUITE_BASELINE; role <= SUITE_CALIBRATION; role++) {
		struct suite_head sum;
		if (!pairview_account(c->r, role, &sum))
			continue;
		sink_puts(c->w.out, "  ");
		textw_wrap(&c->w, str_c(arena_fmt(&c->arena, "%s: %s", suite_role_name(role), account_text(c, &sum))), 2,
			   4);
		line_end(c);
	}
}

/* What early stop was worth, and its price. */
static void put_early(struct console *c)
{
	struct suite_head sum;
	pairview_account(c->r, SUITE_PLAIN, &sum);
	if (!sum.surplus)
		return;
	sink_puts(c->w.out, "  early stop: ");
	textw_wrap(&c->w, str_c(verdict_early_text(c->r, &c->arena)), 14, 14);
	line_end(c);
}

static void put_accounting(struct console *c)
{
	struct suite_head sum;
	pairview_account(c->r, SUITE_PLAIN, &sum);
	const char *reuse = c->r->replayed     ? "(replayed: nothing was called)" :
			    !c->r->spend.reused ? "" :
			    arena_fmt(&c->arena, "(%" PRId64 " %s reused; --fresh calls again)", c->r->spend.reused,
				      c->r->spend.reused == 1 ? "reply" : "replies");
	const struct part parts[] = {
		{ PAINT_NONE, account_text(c, &sum) },
		{ PAINT_DIM, reuse },
	};
	sink_puts(c->w.out, "\n  ");
	put_parts(c, parts, ARRAY_LEN(parts), 2, 3, 2);
	put_twins(c);
	put_early(c);
	if (c->r->stopped) {
		sink_puts(c->w.out, "  stopped: ");
		textw_wrap(&c->w, str_c(c->r->stopped), 11, 11);
		line_end(c);
	}
}

/* Does another bar on the same thing have the same label? */
static bool has_twin(const struct record *r, size_t i)
{
	for (size_t k = 0; k < r->nfinding; k++)
		if (k != i && !strcmp(r->finding[k].label, r->finding[i].label))
			return true;
	return false;
}

/* What holds the stage up: thresholds, else the part or the stop that decides nothing. */
static const char *blockers_text(struct console *c)
{
	struct buf b;
	buf_init(&b, 16384);
	for (size_t i = 0; i < c->r->nfinding; i++) {
		const struct finding *f = &c->r->finding[i];
		if (!f->blocking || f->verdict == VERDICT_PASS || f->verdict == VERDICT_NA)
			continue;
		buf_adds(&b, b.n ? ", " : ": ");
		buf_adds(&b, f->label);
		if (has_twin(c->r, i))
			buf_addf(&b, " %s %s", console_sign(c, f->op ? f->op : ""),
				 f->bound_text ? f->bound_text : "");
	}
	if (!b.n && c->r->filtered)
		buf_adds(&b, ": a part of the stage decides nothing");
	else if (!b.n && c->r->stopped)
		buf_adds(&b, ": the run did not end");
	const char *text = arena_cstr(&c->arena, buf_str(&b));
	buf_release(&b);
	return text;
}

static const char *end_text(struct console *c)
{
	const struct record *r = c->r;
	if (r->measure)
		return r->exit_code ? "not every sample was scored; nothing was decided" : "nothing was decided";
	const char *stage = r->stage ? r->stage : "the stage";
	if (r->exit_code == 0)
		return arena_fmt(&c->arena, "%s may be promoted", stage);
	return arena_fmt(&c->arena, "%s is blocked%s", stage, blockers_text(c));
}

static void put_end(struct console *c)
{
	static const char *const words[] = { "PASS", "FAIL", "UNDECIDED", "MEASURED" };
	const struct record *r = c->r;
	const char *word = words[r->measure ? VERDICT_NA : r->verdict];
	const char *text = arena_fmt(&c->arena, "%s   exit %d", end_text(c), r->exit_code);
	line_end(c);
	textw_put(&c->w, console_paint(r->measure ? VERDICT_NA : r->verdict), word);
	sink_puts(c->w.out, "  ");
	textw_wrap(&c->w, str_c(text), (unsigned)strlen(word) + 2, 2);
	line_end(c);
}

static int write_console(struct sink *out, const struct record *head, struct outcomes *it,
			 const struct report_opts *o, struct err *err)
{
	struct console c = { .w = { .out = out, .o = o }, .r = head, .arena = ARENA_INIT };
	(void)it;
	if (!o->quiet)
		put_header(&c);
	if (!o->quiet)
		put_suites(&c);
	console_table(&c);
	console_failures(&c);
	if (!o->quiet || head->exit_code)
		put_accounting(&c);
	if (o->folder && head->exit_code && !o->quiet) {
		sink_puts(out, "  record: ");
		textw_safe(&c.w, str_c(o->folder), 0);
		line_end(&c);
	}
	put_end(&c);
	arena_release(&c.arena);
	return sink_check(out, err);
}

const struct reporter_ops report_console = {
	.name = "console",
	.help = "what a person reads on a terminal or in a log",
	.extension = ".txt",
	.write = write_console,
};
