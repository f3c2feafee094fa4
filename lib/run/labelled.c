#include "run/labelled.h"

#include "provider/provider.h"
#include "suite/calibration.h"

#include <math.h>

/* Answers are brought along; whoever judges them is the candidate here. */
static const struct suite_conf *conf_of(struct run *r, const struct metric_conf *m)
{
	struct suite_conf *c = arena_new(r->arena, struct suite_conf);
	struct target_conf *t = arena_new(r->arena, struct target_conf);
	*c = *m->calibration;
	*t = *c->target;
	t->endpoint.provider = provider_find(t->provider_name);
	if (m->judge)
		t->candidate_id = m->judge->candidate_id;
	c->target = t;
	return c;
}

static size_t count(const struct run *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->nplain; i++)
		for (size_t k = 0; k < r->suite[i].conf->nmetric; k++)
			n += r->suite[i].conf->metric[k].calibration != NULL;
	return n;
}

void labelled_plan(struct run *r)
{
	size_t n = count(r);
	if (!n)
		return;
	struct suite_plan *all = arena_array(r->arena, struct suite_plan, r->nsuite + n);
	for (size_t i = 0; i < r->nsuite; i++)
		all[i] = r->suite[i];
	r->suite = all;
	for (size_t i = 0; i < r->nplain; i++)
		for (size_t k = 0; k < all[i].conf->nmetric; k++) {
			const struct metric_conf *m = &all[i].conf->metric[k];
			if (m->calibration)
				all[r->nsuite++] = (struct suite_plan){
					.conf = conf_of(r, m), .role = SUITE_CALIBRATION, .of = i, .of_metric = m->name,
				};
		}
}

static struct metric_plan label_plan(struct run *r, unsigned rater)
{
	struct metric_conf *conf = arena_new(r->arena, struct metric_conf);
	*conf = (struct metric_conf){ .weight = 1 };
	conf->name = rater ? arena_fmt(r->arena, "label.%u", rater) : "label";
	return (struct metric_plan){
		.conf = conf,
		.traits = { .kind = METRIC_BINARY, .direction = HIGHER_IS_BETTER, .cut = 0.5, .unit = "" },
		.label = true,
		.rater = rater,
	};
}

void labelled_bind(struct run *r, struct suite_plan *s)
{
	const struct suite_plan *of = &r->suite[s->of];
	size_t k = 0;
	while (of->metric[k].conf != s->conf->metric)
		k++;
	s->metric = arena_array(r->arena, struct metric_plan, 2 + s->conf->raters);
	s->metric[s->nmetric++] = of->metric[k];
	s->metric[s->nmetric++] = label_plan(r, 0);
	for (unsigned i = 1; i <= s->conf->raters; i++)
		s->metric[s->nmetric++] = label_plan(r, i);
}

void labelled_check(const struct metric_plan *m, struct diags *d)
{
	const struct suite_conf *c = m->conf->calibration;
	if (!c || !m->scorer || score_needs(m->scorer, m->conf->config) & NEEDS_JUDGE)
		return;
	diag_add(d, c->at, "calibration", "metric '%s' has a calibration, and its scorer '%s' asks no judge", m->conf->name,
		 m->scorer->name);
	diag_hint(d, "remove it: what is computed needs no people to confirm it");
}

struct cell labelled_cell(const struct metric_plan *m, const struct tcase *c)
{
	int is = !m->rater ? c->label->is : m->rater <= c->label->raters ? c->label->rater[m->rater - 1] : -1;
	if (is < 0)
		return (struct cell){ .state = CELL_ABSENT, .value = NAN };
	return (struct cell){ .state = CELL_SCORED, .value = is };
}
