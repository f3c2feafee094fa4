/* gate plan: what would run, what it would take, and what each threshold needs. */
#include "gate/common.h"
#include "gate/exit.h"
#include "gate/recordref.h"

#include "base/num.h"
#include "base/sink.h"
#include "record/record_read.h"
#include "report/textw.h"
#include "run/estimate.h"
#include "run/tokencount.h"
#include "run/forecast.h"
#include "verdict/verdict.h"

#include <math.h>

struct plan_args {
	struct common common;
	bool fresh, count;
};

/* Runs of the store that are looked at for a comparison. */
enum { PAST_MAX = 20 };

static const struct opt plan_opts[] = {
	OPT_COMMON(struct plan_args),
	{ "store", 0, OPT_TEXT, COMMON_AT(struct plan_args, store), "DIR",
	  "whose replies can be reused; default .gate" },
	{ "fresh", 0, OPT_FLAG, offsetof(struct plan_args, fresh), NULL, "count as if nothing were reused" },
	{ "count-tokens", 0, OPT_FLAG, offsetof(struct plan_args, count), NULL,
	  "let the provider count what would be read (calls nothing that costs)" },
	OPT_END,
};

/* What is printed, and where. */
struct view {
	struct textw w;
	struct report_opts o;
	struct arena *arena;
};

static unsigned longer(unsigned width, const char *text)
{
	unsigned n = text_width(str_c(text));
	return n > width ? n : width;
}

/* A name in its column, and a count of samples at the right of the next. */
static unsigned put_head(struct view *v, const char *name, unsigned width, size_t samples)
{
	char n[32];
	verdict_count_text(n, samples);
	sink_puts(v->w.out, "  ");
	textw_safe(&v->w, str_c(name), 0);
	for (unsigned i = text_width(str_c(name)); i < width; i++)
		sink_puts(v->w.out, " ");
	sink_printf(v->w.out, "  %7s sample%-1s", n, num_s(samples));
	return 2 + width + 2 + 7 + 8;
}

/* Text that ends a line, or stands below it where the terminal is too narrow. */
static void put_tail(struct view *v, const char *text, unsigned at)
{
	bool fits = !v->o.width || at + 2 + text_width(str_c(text)) <= v->o.width;
	sink_puts(v->w.out, fits ? "  " : "\n      ");
	textw_wrap(&v->w, str_c(text), fits ? at + 2 : 6, 6);
	sink_puts(v->w.out, "\n");
}

static const char *number(struct view *v, uint64_t n)
{
	char text[32];
	verdict_count_text(text, n);
	return arena_cstr(v->arena, str_c(text));
}

static const char *counted(struct view *v, uint64_t n, const char *noun)
{
	return arena_fmt(v->arena, "%s %s%s", number(v, n), noun, num_s(n));
}

static const char *calls_text(struct view *v, const struct suite_head *s, const struct estimate *e)
{
	struct arena *a = v->arena;
	const char *text = arena_fmt(a, "(%s × %u)  %s", counted(v, s->cases, "case"), s->repeats,
				     counted(v, e->calls - e->reused, "call"));
	if (e->reused)
		text = arena_fmt(a, "%s + %s reused", text, number(v, e->reused));
	if (e->judge_calls)
		text = arena_fmt(a, "%s + at least %s of judges", text, number(v, e->judge_calls));
	return text;
}

static const char *tokens_text(struct view *v, const struct suite_head *s, const struct estimate *e)
{
	const char *in = arena_fmt(v->arena, "%s%s in", e->counted && e->counted == s->cases ? "" : "≈ ",
				   counted(v, (uint64_t)llround(e->tokens_in), "token"));
	if (e->counted)
		in = arena_fmt(v->arena, "%s (%s counted)", in,
			       e->counted == s->cases ? "all" : counted(v, e->counted, "case"));
	if (!isfinite(e->tokens_out_max))
		return in;
	return arena_fmt(v->arena, "%s, at most %s out", in, number(v, (uint64_t)llround(e->tokens_out_max)));
}

static void show_suite(struct view *v, const struct suite_head *s, const struct estimate *e,
		       const struct forecast *f, unsigned width)
{
	const char *usd = forecast_usd(f, v->arena);
	unsigned at = put_head(v, s->name, width, s->planned);
	const char *calls = calls_text(v, s, e);
	sink_puts(v->w.out, " ");
	textw_safe(&v->w, str_c(calls), 0);
	if (e->calls)
		put_tail(v, usd ? arena_fmt(v->arena, "%s, %s", tokens_text(v, s, e), usd) : tokens_text(v, s, e), at + 1 + text_width(str_c(calls)));
	else
		sink_puts(v->w.out, "\n");
}

/* What the truth must be for all of the planned cases to pass most of the time. */
static const char *power_text(struct view *v, const struct finding *f)
{
	bool high = *f->op == '>';
	if (!isfinite(f->detects) || !isfinite(f->bound))
		return "";
	return arena_fmt(v->arena, "; all of them pass 4 times of 5 from a true %s on",
			 verdict_value_text(high ? f->bound + f->detects : f->bound - f->detects,
					    f->unit ? f->unit : "", v->arena));
}

static const char *need_text(struct view *v, const struct finding *f)
{
	if (f->unreachable)
		return f->note ? f->note : "unreachable";
	if (!strncmp(f->bound_text, "baseline", 8) && f->note)
		return f->note;
	if (f->needed <= 0)
		return f->observed_only ? "as observed" : "reachable";
	return arena_fmt(v->arena, "%s of %s suffice%s when every one is good%s",
			 number(v, (uint64_t)f->needed), counted(v, f->clusters, "case"), f->needed == 1 ? "s" : "",
			 power_text(v, f));
}

/* How long it takes where a limit is what it waits for. */
static void show_limit(struct view *v, const struct run *r)
{
	double seconds;
	const struct policy_limit *l = forecast_limit(r, &seconds);
	if (!l || seconds < 1)
		return;
	const char *text = seconds < 100 ? arena_fmt(v->arena, "%.0f s", seconds) :
					   arena_fmt(v->arena, "%.0f min", ceil(seconds / 60 - 1e-9));
	sink_printf(v->w.out, "\n  at least %s under the limits of %s:%u\n", text, l->at.file, l->at.line);
}

static void show_plan(struct view *v, const struct run *r, const struct estimate *e)
{
	const struct record *h = &r->head;
	unsigned names = 0, thresholds = 0;
	for (size_t i = 0; i < r->nsuite; i++)
		names = longer(names, h->suite[i].name);
	for (size_t i = 0; i < h->nfinding; i++)
		thresholds = longer(thresholds, h->finding[i].text);
	sink_printf(v->w.out, "%.*s %s ", h->commit ? 7 : 9, h->commit ? h->commit : "work tree",
		    v->o.utf8 ? "→" : "->");
	textw_safe(&v->w, str_c(h->stage ? h->stage : "measure only"), 0);
	sink_puts(v->w.out, "\n\n");
	for (size_t i = 0; i < r->nsuite; i++) {
		struct forecast f;
		forecast_suite(&f, r, &r->suite[i]);
		if (!r->prices)
			f.low = NAN;
		show_suite(v, &h->suite[i], &e[i], &f, names);
	}
	show_limit(v, r);
	sink_puts(v->w.out, "\n");
	for (size_t i = 0; i < h->nfinding; i++) {
		const struct finding *f = &h->finding[i];
		put_tail(v, need_text(v, f), put_head(v, f->text, thresholds, f->n));
	}
}

static int print_plan(const struct gate *g, const struct run *r, const struct estimate *e, struct err *err)
{
	struct sink_file file;
	struct view v = { .o = { .utf8 = g->out.utf8, .width = g->out.width }, .arena = g->arena };
	if (sink_file_open(&file, "-", err))
		return -1;
	v.w = (struct textw){ .out = &file.sink, .o = &v.o };
	show_plan(&v, r, e);
	return sink_file_commit(&file, err);
}

/* The newest run of the store that was set against a baseline: it knows how often answers change. */
static const struct record *newest_comparison(const char *store, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct store_run *run;
	size_t n;
	if (recordref_history(&run, &n, store, PAST_MAX, a, &ignored))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct record *head = arena_new(a, struct record);
		if (!run[i].head_json || record_read_head(head, str_c(run[i].head_json), run[i].run_id, a, &ignored))
			continue;
		for (size_t k = 0; k < head->nfinding; k++)
			if (head->finding[k].paired)
				return head;
	}
	return NULL;
}

static int run_plan(struct gate *g, int argc, char **argv, struct err *err)
{
	struct plan_args a = { .common = { .store = ".gate" } };
	struct run_opts o;
	struct diags d;
	struct run *r = arena_new(g->arena, struct run);
	if (opt_parse(plan_opts, "plan", &argc, argv, &a, g->arena, err))
		return -1;
	if (argc)
		return err_set(err, ERR_USAGE, "gate plan: unexpected '%s'", argv[0]);
	if (common_opts(&o, g, &a.common, err))
		return -1;
	o.past = newest_comparison(a.common.store, g->arena);
	o.store = a.common.store;
	o.fresh = a.fresh;
	diags_init(&d, g->arena);
	int bad = run_prepare(r, &o, &d, err);
	show_diags(g, &d);
	if (bad)
		return err->kind == ERR_NONE ? EXIT_USAGE : -1;
	struct estimate *e = arena_array(g->arena, struct estimate, r->nsuite);
	if (estimate_suites(e, r, err) || (a.count && tokencount(e, r, err)))
		return -1;
	common_notes(g, r);
	if (print_plan(g, r, e, err))
		return -1;
	return r->vplan.unreachable ? EXIT_UNDECIDED : EXIT_PASS;
}

const struct cmd cmd_plan = {
	.name = "plan",
	.synopsis = "[--stage STAGE] [--commit REV] [--policy-ref REV]",
	.help = "show what would run: calls, tokens, cases needed; no call, no cost",
	.opt = plan_opts,
	.run = run_plan,
};
