/* compare as JSON: everything that was computed, numbers unrounded. */
#include "base/clock.h"
#include "base/limits.h"
#include "doc/jsonw.h"
#include "report/compareview.h"
#include "report/textw.h"

static void put_side(struct jsonw *w, const struct compare_side *s)
{
	char stamp[CLOCK_TEXT], hex[DIGEST_HEX];
	const struct record *r = s->head;
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "label", s->label);
	jsonw_text(w, "name", s->name);
	jsonw_text(w, "run", r->run_id);
	jsonw_text(w, "start", clock_rfc3339(r->start_ms, stamp));
	jsonw_bool(w, "baseline", s->role == SUITE_BASELINE);
	jsonw_text(w, "commit", compare_side_commit(s));
	jsonw_text(w, "ref", compare_side_ref(s));
	jsonw_text(w, "stage", r->stage);
	if (s->role == SUITE_PLAIN)
		jsonw_text(w, "candidate_id", digest_hex(&r->candidate_id, hex));
	jsonw_text(w, "verdict", verdict_name(r->verdict));
	jsonw_num(w, "spend_usd", r->spend.usd);
	jsonw_int(w, "spend_tokens", r->spend.tokens);
	jsonw_close(w, '}');
}

static void put_texts(struct jsonw *w, const char *key, const char *const *v, size_t n)
{
	jsonw_open(w, key, '[');
	for (size_t i = 0; i < n; i++)
		jsonw_text(w, NULL, v[i]);
	jsonw_close(w, ']');
}

static void put_value(struct jsonw *w, const char *key, const struct compare_value *v)
{
	jsonw_open(w, key, '{');
	jsonw_int(w, "n", (int64_t)v->n);
	jsonw_int(w, "unscored", (int64_t)v->unscored);
	jsonw_num(w, "mean", v->mean);
	jsonw_close(w, '}');
}

static void put_quantile(struct jsonw *w, const struct compare_quantile *q)
{
	jsonw_open(w, NULL, '{');
	jsonw_num(w, "p", q->p);
	jsonw_num(w, "old", q->before);
	jsonw_num(w, "new", q->after);
	jsonw_num(w, "difference", q->after - q->before);
	jsonw_num(w, "lower", q->lower);
	jsonw_num(w, "upper", q->upper);
	jsonw_close(w, '}');
}

static void put_flip(struct jsonw *w, const struct compare_flip *f)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "case", f->case_id);
	jsonw_text(w, "to", f->worse ? "wrong" : "right");
	jsonw_int(w, "samples", f->samples);
	jsonw_int(w, "right_old", f->right_before);
	jsonw_int(w, "right_new", f->right_after);
	jsonw_num(w, "old", f->before);
	jsonw_num(w, "new", f->after);
	if (f->reason.n)
		jsonw_str(w, "reason", f->reason);
	jsonw_close(w, '}');
}

static void put_flips(struct jsonw *w, const struct compare_metric *m)
{
	if (!m->has_flips)
		return;
	jsonw_int(w, "right_to_wrong", (int64_t)m->worse);
	jsonw_int(w, "wrong_to_right", (int64_t)m->better);
	jsonw_num(w, "p", m->p);
	jsonw_num(w, "p_holm", m->p_holm);
	jsonw_int(w, "worse_cases", (int64_t)m->worse_cases);
	jsonw_int(w, "better_cases", (int64_t)m->better_cases);
	jsonw_open(w, "flips", '[');
	for (size_t i = 0; i < m->nflip; i++)
		put_flip(w, &m->flip[i]);
	jsonw_close(w, ']');
}

static void put_metric(struct jsonw *w, const struct compare_metric *m)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "metric", m->head->name);
	jsonw_text(w, "kind", metric_kind_name(m->head->kind));
	jsonw_text(w, "direction", direction_name(m->head->direction));
	jsonw_text(w, "unit", m->head->unit);
	jsonw_bool(w, "builtin", m->head->builtin);
	jsonw_bool(w, "comparable", m->comparable);
	if (m->head->kind != METRIC_VALUE)
		jsonw_bool(w, "same_cut", !m->cut_moved);
	if (m->comparable) {
		jsonw_int(w, "pairs", (int64_t)m->n);
		jsonw_int(w, "clusters", (int64_t)m->clusters);
		put_value(w, "old", &m->before);
		put_value(w, "new", &m->after);
		jsonw_num(w, "difference", m->diff);
		jsonw_num(w, "lower", m->lower);
		jsonw_num(w, "upper", m->upper);
		jsonw_text(w, "method", m->method);
		jsonw_open(w, "percentiles", '[');
		for (size_t i = 0; i < m->nquantile; i++)
			put_quantile(w, &m->quantile[i]);
		jsonw_close(w, ']');
		put_flips(w, m);
	}
	jsonw_close(w, '}');
}

static void put_suite(struct jsonw *w, const struct compare_suite *s)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "suite", s->name);
	jsonw_bool(w, "same_suite", s->same_suite);
	jsonw_bool(w, "same_candidate", s->same_candidate);
	jsonw_bool(w, "paired", s->paired);
	jsonw_int(w, "pairs", (int64_t)s->pairs);
	jsonw_int(w, "only_old", (int64_t)s->only_before);
	jsonw_int(w, "only_new", (int64_t)s->only_after);
	jsonw_int(w, "left_out", (int64_t)s->left_out);
	put_texts(w, "metrics_only_old", s->lost_metric, s->nlost_metric);
	put_texts(w, "metrics_only_new", s->new_metric, s->nnew_metric);
	jsonw_open(w, "metrics", '[');
	for (size_t i = 0; i < s->nmetric; i++)
		put_metric(w, &s->metric[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void put_pair(struct jsonw *w, const struct compare_pair *p)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "old", p->before->label);
	jsonw_text(w, "new", p->after->label);
	jsonw_bool(w, "same_candidate", p->same_candidate);
	jsonw_bool(w, "same_policy", p->same_policy);
	put_texts(w, "notes", p->note, p->nnote);
	put_texts(w, "suites_only_old", p->lost_suite, p->nlost_suite);
	put_texts(w, "suites_only_new", p->new_suite, p->nnew_suite);
	jsonw_int(w, "tests", (int64_t)p->tests);
	jsonw_open(w, "suites", '[');
	for (size_t i = 0; i < p->nsuite; i++)
		put_suite(w, &p->suite[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void put_point(struct jsonw *w, const struct compare *c, const struct pareto *t,
		      const struct pareto_point *p)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "record", c->side[p->side].label);
	jsonw_bool(w, "same_suite", p->same_suite);
	jsonw_num(w, "quality", p->axis[PARETO_QUALITY]);
	jsonw_num(w, "lower", p->lower);
	jsonw_num(w, "upper", p->upper);
	jsonw_int(w, "n", (int64_t)p->n);
	jsonw_int(w, "unscored", (int64_t)p->unscored);
	jsonw_int(w, "cases", (int64_t)p->cases);
	jsonw_num(w, "cost_of_case_usd", p->axis[PARETO_COST]);
	jsonw_num(w, "latency_p50_ms", p->axis[PARETO_P50]);
	jsonw_num(w, "latency_p95_ms", p->axis[PARETO_P95]);
	jsonw_bool(w, "frontier", !p->beaten_by);
	if (p->beaten_by)
		jsonw_text(w, "dominated_by", c->side[t->point[p->beaten_by - 1].side].label);
	jsonw_close(w, '}');
}

static void put_front(struct jsonw *w, const struct compare *c, const struct pareto *t)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "suite", t->suite);
	jsonw_text(w, "metric", t->metric->name);
	jsonw_text(w, "direction", direction_name(t->metric->direction));
	jsonw_open(w, "axes", '[');
	for (enum pareto_axis i = 0; i < PARETO_AXES; i++)
		if (t->counts[i])
			jsonw_text(w, NULL, pareto_axis_name(i));
	jsonw_close(w, ']');
	jsonw_open(w, "points", '[');
	for (size_t i = 0; i < t->npoint; i++)
		put_point(w, c, t, &t->point[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static void put_all(struct jsonw *w, const struct compare *c)
{
	jsonw_open(w, NULL, '{');
	jsonw_text(w, "schema", "gate-compare");
	jsonw_int(w, "version", 1);
	jsonw_num(w, "confidence", 1 - COMPARE_RISK);
	jsonw_open(w, "records", '[');
	for (size_t i = 0; i < c->nside; i++)
		put_side(w, &c->side[i]);
	jsonw_close(w, ']');
	jsonw_open(w, "comparisons", '[');
	for (size_t i = 0; i < c->npair; i++)
		put_pair(w, &c->pair[i]);
	jsonw_close(w, ']');
	jsonw_open(w, "pareto", '[');
	for (size_t i = 0; i < c->npareto; i++)
		put_front(w, c, &c->pareto[i]);
	jsonw_close(w, ']');
	jsonw_close(w, '}');
}

static int write_json(struct sink *out, const struct compare *c, const struct report_opts *o,
		      struct err *err)
{
	struct buf b;
	(void)o;
	buf_init(&b, RECORD_HEAD_MAX * COMPARE_SIDES_MAX);
	struct jsonw w = { .out = &b, .indent = true };
	put_all(&w, c);
	bool over = b.over;
	textw_put_json(out, buf_str(&b));
	sink_puts(out, "\n");
	buf_release(&b);
	if (over)
		return err_set(err, ERR_USAGE, "the comparison has too many flips for one document; ask for fewer with --flips");
	return sink_check(out, err);
}

const struct compareview compareview_json = {
	.name = "json",
	.extension = ".json",
	.write = write_json,
};
