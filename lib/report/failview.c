#include "report/failview.h"

#include "base/auto.h"
#include "base/num.h"
#include "doc/jsonx.h"
#include "verdict/verdict.h"

#include <inttypes.h>
#include <math.h>

static int64_t whole(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

static double number(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	return json_is_number(v) ? json_number_value(v) : NAN;
}

static void add_quoted(struct buf *out, struct str s)
{
	buf_adds(out, "'");
	buf_add(out, s);
	buf_adds(out, "'");
}

void failview_name(struct buf *out, const json_t *group)
{
	struct str metric = json_get_str(group, "metric"), pattern = json_get_str(group, "pattern");
	const json_t *rest = json_object_get(group, "rest");
	buf_add(out, json_get_str(group, "suite"));
	if (metric.n)
		buf_adds(out, "/");
	buf_add(out, metric);
	if (pattern.n)
		buf_adds(out, ": ");
	buf_add(out, pattern);
	if (rest)
		buf_addf(out, ": %" PRId64 " of %" PRId64 " wrong, the rest %" PRId64 " of %" PRId64,
			 whole(group, "count"), whole(group, "of"), whole(rest, "count"),
			 whole(rest, "of"));
}

const json_t *failview_first(const json_t *group)
{
	return json_array_get(json_object_get(group, "gaps"), 0);
}

/* ---- gaps ---- */

struct line {
	struct buf *out;
	const struct finding *f;
	const json_t *share;
	struct arena *arena;
};

static bool is_percentile(const struct finding *f)
{
	const char *p = f->aggregate;
	return p && p[0] == 'p' && p[1] >= '0' && p[1] <= '9';
}

static const char *value(const struct line *l, double x)
{
	const char *unit = is_percentile(l->f) || !l->f->unit ? "" : l->f->unit;
	return verdict_value_text(x, unit, l->arena);
}

static const char *noun(const struct finding *f, int64_t n)
{
	const char *word = f->clusters == f->n ? "case" : "sample";
	return n == 1 ? word : f->clusters == f->n ? "cases" : "samples";
}

static void add_gap(const struct line *l, double gap)
{
	int64_t n = whole(l->share, "gap_samples");
	bool low = l->f->op && (l->f->op[0] == '<' || l->f->op[0] == '=');
	buf_addf(l->out, low ? " is %s" : " lacks %s", value(l, gap));
	if (n > 0)
		buf_addf(l->out, " (%" PRId64 " %s)", n, noun(l->f, n));
	buf_adds(l->out, low ? " too high" : "");
}

/* Of a percentile samples are past the bar; the rest of it may be. */
static bool add_percentile(const struct line *l)
{
	int64_t n = whole(l->share, "gap_samples");
	if (!is_percentile(l->f) || n <= 0)
		return false;
	buf_addf(l->out, " has %" PRId64 " %s too many past %s", n, noun(l->f, n),
		 l->f->bound_text ? l->f->bound_text : "its bar");
	return true;
}

static void add_part(const struct line *l)
{
	double part = number(l->share, "part"), share = number(l->share, "share");
	int64_t n = whole(l->share, "count");
	if (!n)
		return;
	if (isnan(part)) {
		buf_addf(l->out, ": %" PRId64 " of these %s past its bar", n, n == 1 ? "is" : "are");
		return;
	}
	if (is_percentile(l->f))
		buf_addf(l->out, ": these are %" PRId64, n);
	else
		buf_addf(l->out, ": these make %s", value(l, part));
	if (share >= 10)
		buf_adds(l->out, ", many times that");
	else if (isfinite(share))
		buf_addf(l->out, ", %s%.0f %% of it", share < 0.005 ? "below " : "",
			 share < 0.005 ? 1 : share * 100);
}

void failview_gap(struct buf *out, const struct record *r, const json_t *share)
{
	struct arena a AUTO(arena_release) = ARENA_INIT;
	double gap = number(share, "gap"), width = number(share, "width");
	int64_t at = whole(share, "finding"), open = whole(share, "unscored");
	if (!share || at < 0 || (size_t)at >= r->nfinding)
		return;
	struct line l = { .out = out, .f = &r->finding[at], .share = share, .arena = &a };
	buf_add(out, json_get_str(share, "threshold"));
	if (!isfinite(l.f->bound))
		buf_adds(out, " against the baseline");
	if (gap > 0 && !add_percentile(&l))
		add_gap(&l, gap);
	else if (gap <= 0)
		buf_adds(out, " reaches its bar, but not surely");
	add_part(&l);
	if (open)
		buf_addf(out, "%s %" PRId64 " unscored", whole(share, "count") ? ";" : ":", open);
	if (open && isfinite(width))
		buf_addf(out, " %s %s of its range open", open == 1 ? "holds" : "hold", value(&l, width));
}

/* ---- where ---- */

static void next_part(struct buf *out, size_t from)
{
	if (out->n > from)
		buf_adds(out, "; ");
}

static void add_slice(struct buf *out, const json_t *group, const json_t *slice)
{
	int64_t of = whole(group, "of");
	buf_addf(out, "%" PRId64 " of %" PRId64 " in ", whole(slice, "count"), whole(group, "count"));
	buf_add(out, json_get_str(slice, "key"));
	buf_adds(out, "=");
	buf_add(out, json_get_str(slice, "value"));
	if (of > 0)
		buf_addf(out, ", which is %.0f %% of the suite",
			 100 * (double)whole(slice, "of") / (double)of);
}

static void add_answers(struct buf *out, const json_t *x)
{
	struct str words = json_get_str(x, "words");
	bool all = json_is_true(json_object_get(x, "whole"));
	buf_addf(out, "%" PRId64 " of %" PRId64 " answers ", whole(x, "count"), whole(x, "of"));
	buf_adds(out, all && !words.n ? "are empty" : all ? "are " : "begin ");
	if (words.n)
		add_quoted(out, words);
	if (whole(x, "fine"))
		buf_addf(out, ", of the good ones %" PRId64 " of %" PRId64, whole(x, "fine"),
			 whole(x, "fine_of"));
}

void failview_where(struct buf *out, const json_t *group)
{
	enum { SLICES_SHOWN = 2 };
	size_t i, from = out->n;
	json_t *slice;
	const json_t *answers = json_object_get(group, "answers");
	json_array_foreach (json_object_get(group, "slices"), i, slice) {
		if (i == SLICES_SHOWN)
			break;
		next_part(out, from);
		add_slice(out, group, slice);
	}
	if (!answers)
		return;
	next_part(out, from);
	add_answers(out, answers);
}
