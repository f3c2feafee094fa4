#include "verdict/verdict.h"

#include "base/auto.h"
#include "verdict/verdict_blocks.h"
#include "verdict/verdict_early.h"
#include "verdict/verdict_fill.h"
#include "verdict/verdict_observed.h"
#include "verdict/verdict_paired.h"
#include "verdict/verdict_pairing.h"
#include "verdict/verdict_worst.h"

#include <math.h>

struct decide {
	const struct record *rec;
	const struct verdict_table *t;
	const struct early *early; /* NULL: every planned sample is played */
	bool quiet;		   /* nobody reads how many cases would decide */
	struct arena *arena, *scratch;
};

static void add_note(struct finding *f, struct arena *a, const char *note)
{
	f->note = f->note ? arena_fmt(a, "%s; %s", f->note, note) : note;
}

/* ---- a ruling as a row of the record; shared with the plan ---- */

static void fill_numbers(struct finding *f, const struct ruling *r)
{
	bool observed = !strcmp(r->method, "observed");
	f->has_estimate = !isnan(r->estimate);
	f->estimate = r->estimate;
	f->has_bounds = !observed && (!isnan(r->lower) || !isnan(r->upper));
	f->lower = f->has_bounds ? r->lower : NAN;
	f->upper = f->has_bounds ? r->upper : NAN;
	f->n = r->n;
	f->clusters = r->clusters;
	f->unscored = r->unscored;
	f->absent = r->absent;
	f->hits = r->hits;
	f->method = r->method;
	f->needed = r->needed;
	f->detects = r->detects;
}

void verdict_fill(struct finding *f, const struct ruling *r, const char *slice,
		  const struct row *row, struct arena *a)
{
	fill_numbers(f, r);
	f->verdict = r->verdict;
	f->judge = judging_json(r->judge, a);
	if (r->note)
		add_note(f, a, r->note);
	if (slice)
		f->slice = arena_fmt(a, "%s%s%s=%s", f->slice, *f->slice ? ", " : "", row->t->worst,
				     slice);
	f->observed_text = r->paired	    ? arena_fmt(a, "%s, was %s", r->paired->now_text, r->paired->old_text)
			   : !f->has_estimate ? "–"
			   : r->counted	    ? arena_fmt(a, "%.0f/%zu", r->hits, r->scored)
					    : verdict_value_text(r->estimate, f->unit, a);
}

/* ---- rows that need no rule ---- */

static double spend_value(const struct spend *s, const char *what)
{
	if (!strcmp(what, "usd"))
		return s->usd;
	return (double)(!strcmp(what, "tokens") ? s->tokens : s->calls);
}

static void decide_spend(struct finding *f, const struct row *r, const struct decide *d)
{
	double x = spend_value(&d->rec->spend, r->t->agg_text);
	f->method = "observed";
	if (!isfinite(x)) {
		add_note(f, d->arena, "some call has no known price");
		return;
	}
	f->has_estimate = true;
	f->estimate = x;
	f->observed_text = verdict_value_text(x, f->unit, d->arena);
	const struct spend *s = &d->rec->spend;
	bool tokens = !strcmp(r->t->agg_text, "tokens");
	if (s->resumed)
		add_note(f, d->arena, "at least: what was paid before the run was resumed is not all known");
	else if (tokens && s->tokens_open)
		add_note(f, d->arena, "at least: some call reported no usage");
	bool least = s->resumed || (tokens && s->tokens_open);
	f->verdict = rule_compare(r->t->op, r->t->bound.value, x, least ? INFINITY : x);
}

/* There is nothing to pair with, and the reason settles the row. */
static void without_twin(struct finding *f, const struct row *r, struct arena *a)
{
	if (r->vs == BASE_SAME) {
		f->method = "same-candidate";
		f->observed_text = "same candidate";
		f->verdict = paired_same_holds(r->t) ? VERDICT_PASS : VERDICT_FAIL;
		add_note(f, a, paired_same_holds(r->t) ? "same candidate"
						       : "same candidate: the row demands a change");
	} else if (r->vs == BASE_ABSENT) {
		f->verdict = VERDICT_NA;
		add_note(f, a, "no baseline yet");
	} else {
		add_note(f, a, r->nsuite > 1 ? "not all of its suites have a baseline" : "no baseline was run");
	}
}

/* True when the row is settled without looking at a sample. */
static bool cannot_decide(struct finding *f, const struct row *r, struct arena *a)
{
	if (r->is_new)
		add_note(f, a, "a new suite: takes effect after merge");
	else if (!threshold_needs_baseline(r->t) || r->vs == BASE_TWIN)
		return false;
	else
		without_twin(f, r, a);
	return true;
}

/* At the first look that settles it, else at the end, where what was not played is open. */
static int decide_taken(struct ruling *out, const struct rule_ask *ask, const struct taken *k, const struct decide *d,
			struct err *err)
{
	const struct row *r = ask->row;
	bool settled = false, open = false;
	if (d->early && early_fits(r)) {
		const struct early_suite *s = &d->early->suite[r->suite[0]];
		size_t ahead = 0, reached = early_reached(s, d->t, r->suite[0], &ahead);
		if (early_decide(&settled, &open, out, ask, k, s, reached, err))
			return -1;
	}
	if (open && d->quiet)
		*out = (struct ruling){ .verdict = VERDICT_UNDECIDED, .method = "none" };
	return settled || (open && d->quiet) ? 0 : rule_decide(out, ask, k, err);
}

static int decide_row(struct finding *f, const struct row *r, const struct decide *d,
		      struct err *err)
{
	struct rule_ask ask = { .row = r,
				.alpha = r->alpha,
				.look_ahead = !d->quiet,
				.arena = d->arena,
				.scratch = d->scratch };
	struct ruling ruling;
	const char *slice = NULL;
	*f = row_finding(r, d->rec, d->arena);
	f->observed_text = "–";
	if (r->t->agg == AGG_SPEND) {
		decide_spend(f, r, d);
		return 0;
	}
	if (cannot_decide(f, r, d->arena))
		return 0;
	if (r->t->worst) {
		if (worst_decide(&ruling, &slice, &ask, d->t, false, err))
			return -1;
	} else {
		struct take_filter filter = take_filter_of(r, d->t);
		struct taken k = take_samples(r, d->t, &filter, false, d->scratch);
		if (decide_taken(&ruling, &ask, &k, d, err))
			return -1;
	}
	verdict_fill(f, &ruling, slice, r, d->arena);
	if (ruling.paired)
		f->paired = verdict_pairing_json(ruling.paired, r, d->t, d->arena);
	if (row_is_timing(r) && !f->observed_only && !d->quiet)
		add_note(f, d->arena, verdict_blocks(f, r, d->t, slice, d->arena, d->scratch));
	return 0;
}

/* ---- the stage ---- */

enum verdict_kind verdict_of_stage(const struct finding *f, size_t n)
{
	size_t blocking = 0, undecided = 0, failed = 0;
	for (size_t i = 0; i < n; i++) {
		if (!f[i].blocking || f[i].verdict == VERDICT_NA)
			continue;
		blocking++;
		failed += f[i].verdict == VERDICT_FAIL;
		undecided += f[i].verdict != VERDICT_FAIL && f[i].verdict != VERDICT_PASS;
	}
	if (failed)
		return VERDICT_FAIL;
	return undecided || !blocking ? VERDICT_UNDECIDED : VERDICT_PASS;
}

/* Places come from the plan, or from the record that is decided again: keep them. */
static void keep_place(struct finding *f, const struct record *rec, size_t i)
{
	if (i < rec->nfinding && rec->finding && rec->finding[i].text &&
	    !strcmp(rec->finding[i].text, f->text))
		f->at = rec->finding[i].at;
}

static int match_again(struct rows *rows, const struct record *rec, const struct stage *s,
		       struct arena *a, struct err *err)
{
	struct diags d;
	diags_init(&d, a);
	if (!rows_match(rows, s, rec, NULL, 0, a, &d))
		return 0;
	return err_set(err, ERR_TRUST, "the thresholds do not fit the record: %s",
		       d.list.n ? d.list.v[0].msg : "no match");
}

int verdict_decide(struct record *rec, const struct verdict_table *t, const struct stage *s,
		   struct arena *a, struct err *err)
{
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	struct decide d = { .rec = rec, .t = t, .arena = a, .scratch = &scratch };
	struct rows rows;
	struct early early;
	if (match_again(&rows, rec, s, a, err))
		return -1;
	if (s->early) {
		early_order(&early, t, rec->seed, a);
		d.early = &early;
	}
	struct finding *f = arena_array(a, struct finding, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		struct arena_mark mark = arena_mark(&scratch);
		if (decide_row(&f[i], &rows.v[i], &d, err))
			return -1;
		arena_rewind(&scratch, mark);
		keep_place(&f[i], rec, i);
	}
	rec->finding = f;
	rec->nfinding = rows.n;
	rec->verdict = verdict_of_stage(f, rows.n);
	return 0;
}

int verdict_row_now(enum verdict_kind *out, const struct row *r, const struct record *rec,
		    const struct verdict_table *t, const struct early *early, struct arena *a, struct err *err)
{
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	struct decide d = { .rec = rec, .t = t, .early = early, .quiet = true,
			    .arena = a, .scratch = &scratch };
	struct finding f;
	if (decide_row(&f, r, &d, err))
		return -1;
	*out = f.verdict;
	return 0;
}
