#include "report/compareview.h"

#include "base/num.h"
#include "verdict/verdict.h"

#include <math.h>

const struct compareview *const *compareview_all(void)
{
	static const struct compareview *const all[] = { &compareview_console, &compareview_json,
							 &compareview_markdown, NULL };
	return all;
}

/* ---- numbers ---- */

const char *compareview_value(double x, const char *unit, struct arena *a)
{
	return isfinite(x) ? verdict_value_text(x, unit, a) : "-";
}

const char *compareview_change(double x, const char *unit, struct arena *a)
{
	if (!isfinite(x))
		return "-";
	/* The sign of what is printed: "-0.000" says nothing. */
	const char *size = verdict_value_text(fabs(x), unit, a);
	bool nothing = !strpbrk(size, "123456789");
	return arena_fmt(a, "%s%s", nothing ? "" : x < 0 ? "-" : "+", size);
}

/* Without the unit that the other end of the interval shows. */
static const char *without_unit(const char *text, const char *other, struct arena *a)
{
	const char *x = strrchr(text, ' '), *y = strrchr(other, ' ');
	if (!x || !y || strcmp(x, y))
		return text;
	return arena_fmt(a, "%.*s", (int)(x - text), text);
}

const char *compareview_interval(double lower, double upper, const char *unit, const char *dots,
				 struct arena *a)
{
	if (!isfinite(lower) || !isfinite(upper))
		return "";
	const char *low = compareview_change(lower, unit, a), *high = compareview_change(upper, unit, a);
	return arena_fmt(a, "%s %s %s", without_unit(low, high, a), dots, high);
}

const char *compareview_p(double p, struct arena *a)
{
	if (!isfinite(p))
		return "";
	if (p < 0.0001)
		return "< 0.0001";
	return arena_fmt(a, p < 0.001 ? "%.4f" : p < 0.1 ? "%.3f" : "%.2f", p);
}

int compareview_trend(const struct compare_metric *m, double lower, double upper)
{
	bool shown = isfinite(m->p_holm) ? m->p_holm <= COMPARE_RISK : lower > 0 || upper < 0;
	if (!shown || m->head->direction == NO_DIRECTION || !isfinite(m->diff))
		return 0;
	bool up = isfinite(m->p_holm) ? m->diff > 0 : lower > 0;
	return up == (m->head->direction == HIGHER_IS_BETTER) ? 1 : -1;
}

const char *compareview_flip(const struct compare_flip *f, const char *arrow, struct arena *a)
{
	if (f->samples <= 1)
		return "";
	return arena_fmt(a, "%u/%u %s %u/%u right", f->right_before, f->samples, arrow, f->right_after,
			 f->samples);
}

/* ---- rows ---- */

static bool is_named(const struct compare_metric *m, const char *name)
{
	return !strcmp(m->head->name, name);
}

bool compareview_is_quiet(const struct compare_metric *m)
{
	if (!m->head->builtin)
		return false;
	if (!m->before.n && !m->after.n)
		return true;
	if (m->head->kind == METRIC_BINARY)
		return !(m->before.mean > 0) && !(m->after.mean > 0);
	return is_named(m, "ttlt") || is_named(m, "tpot") || is_named(m, "tps");
}

static struct compareview_row quantile_row(const struct compare_metric *m, size_t at, struct arena *a)
{
	const struct compare_quantile *q = &m->quantile[at];
	return (struct compareview_row){
		.metric = m,
		.label = arena_fmt(a, "%s p%.0f", m->head->name, q->p * 100),
		.unit = m->head->unit,
		.before = q->before,
		.after = q->after,
		.diff = q->after - q->before,
		.lower = q->lower,
		.upper = q->upper,
		.first = at == 0,
	};
}

size_t compareview_rows(struct compareview_row out[COMPAREVIEW_ROWS], const struct compare_metric *m,
			struct arena *a)
{
	size_t n = 0;
	if (!m->comparable)
		return 0;
	if (metric_is_time(m->head)) {
		for (size_t i = 0; i < m->nquantile; i++)
			out[n++] = quantile_row(m, i, a);
		return n;
	}
	out[0] = (struct compareview_row){
		.metric = m,
		.label = m->head->kind == METRIC_VALUE ? arena_fmt(a, "%s mean", m->head->name) : m->head->name,
		.unit = m->head->unit,
		.before = m->before.mean,
		.after = m->after.mean,
		.diff = m->diff,
		.lower = m->lower,
		.upper = m->upper,
		.first = true,
	};
	return 1;
}

/* ---- asides ---- */

struct asides {
	const char **v;
	size_t n, most;
	const struct compare_pair *pair;
	const struct compare_suite *suite;
	struct arena *a;
};

static void say(struct asides *s, const char *text)
{
	if (s->n < s->most)
		s->v[s->n++] = text;
}

static void say_names(struct asides *s, const char *label, const char *const *name, size_t n)
{
	const char *all = "";
	for (size_t i = 0; i < n; i++)
		all = arena_fmt(s->a, "%s%s%s", all, i ? ", " : "", name[i]);
	if (n)
		say(s, arena_fmt(s->a, "only in %s: %s", label, all));
}

static void say_samples(struct asides *s)
{
	const struct compare_suite *x = s->suite;
	const char *a = s->pair->before->label, *b = s->pair->after->label;
	if (!x->same_suite)
		say(s, "ANOTHER SUITE: its cases, scorers or judge differ, the bar moved");
	if (!s->pair->same_candidate && x->same_candidate)
		say(s, "same candidate: what differs is chance, or the suite");
	if (!x->paired)
		say(s, arena_fmt(s->a, "not paired: %zu sample%s in %s only, %zu in %s only, %zu in both",
				 x->only_before, num_s(x->only_before), a, x->only_after, b, x->pairs));
	else if (x->only_before || x->only_after)
		say(s, arena_fmt(s->a, "left out: %zu sample%s in %s only, %zu in %s only", x->only_before,
				 num_s(x->only_before), a, x->only_after, b));
	if (x->left_out)
		say(s, arena_fmt(s->a, "left out: %zu quarantined or surplus", x->left_out));
}

static void say_metric(struct asides *s, const struct compare_metric *m)
{
	const char *a = s->pair->before->label, *b = s->pair->after->label;
	if (!m->comparable)
		say(s, arena_fmt(s->a, "%s: another kind of metric in %s, not compared", m->head->name, a));
	if (m->cut_moved)
		say(s, arena_fmt(s->a, "%s: another cut in %s; right and wrong are by %s's", m->head->name, a, b));
	if (m->before.unscored || m->after.unscored)
		say(s, arena_fmt(s->a, "%s: no value for %zu sample%s of %s and %zu of %s; %s", m->head->name,
				 m->before.unscored, num_s(m->before.unscored), a, m->after.unscored, b,
				 m->paired ? "their pairs are left out" : "they are left out"));
	if (m->clusters && m->clusters != m->n && !m->head->builtin)
		say(s, arena_fmt(s->a, "%s: %zu samples in %zu clusters, which are what counts",
				 m->head->name, m->n, m->clusters));
}

size_t compareview_asides(const char *out[], size_t most, const struct compare_pair *p,
			  const struct compare_suite *s, struct arena *a)
{
	struct asides all = { .v = out, .most = most, .pair = p, .suite = s, .a = a };
	say_samples(&all);
	say_names(&all, p->before->label, s->lost_metric, s->nlost_metric);
	say_names(&all, p->after->label, s->new_metric, s->nnew_metric);
	for (size_t i = 0; i < s->nmetric; i++)
		if (!s->metric[i].head->builtin || !compareview_is_quiet(&s->metric[i]) ||
		    is_named(&s->metric[i], "cost"))
			say_metric(&all, &s->metric[i]);
	return all.n;
}
