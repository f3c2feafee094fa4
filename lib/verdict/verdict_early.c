#include "verdict/verdict_early.h"

#include "base/auto.h"
#include "stat/special.h"
#include "verdict/verdict_judged.h"
#include "verdict/verdict_versus.h"

#include <math.h>
#include <stdlib.h>

/* --- the order --- */

static uint64_t salt_of(uint64_t seed, const char *suite)
{
	uint64_t h = table_key_of(0, seed + 0x9e3779b97f4a7c15u);
	for (; *suite; suite++)
		h = table_key_of(h, (unsigned char)*suite);
	return h;
}

static uint64_t key_of(const struct early_suite *s, uint64_t cluster)
{
	return table_key_of(s->salt, cluster);
}

struct place {
	uint64_t key;
	uint32_t at;
};

static int by_key(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Looks fall on the ends of clusters: the first at or after the prefix that was meant. */
static void place_looks(struct early_suite *s, const struct place *p)
{
	int64_t look[EARLY_LOOKS];
	size_t n = early_looks((int64_t)s->n, look);
	for (size_t i = 0; i < n; i++) {
		size_t end = (size_t)look[i];
		while (end < s->n && p[end].key == p[end - 1].key)
			end++;
		if (s->nlook && s->prefix[s->nlook - 1] >= end)
			continue;
		s->prefix[s->nlook] = end;
		s->limit[s->nlook++] = p[end - 1].key;
	}
}

static void order_suite(struct early_suite *out, const struct verdict_table *t, size_t suite, uint64_t seed, struct arena *a)
{
	const struct table_suite *s = &t->suite[suite];
	struct arena scratch AUTO(arena_release) = ARENA_INIT;
	struct place *p = arena_array(&scratch, struct place, s->n + 1);
	*out = (struct early_suite){ .n = s->n, .salt = salt_of(seed, s->head->name) };
	out->order = arena_array(a, uint32_t, s->n + 1);
	for (size_t i = 0; i < s->n; i++)
		p[i] = (struct place){ .key = key_of(out, t->cluster[s->base + i]), .at = (uint32_t)i };
	qsort(p, s->n, sizeof(*p), by_key);
	for (size_t i = 0; i < s->n; i++)
		out->order[i] = p[i].at;
	place_looks(out, p);
}

void early_order(struct early *out, const struct verdict_table *t, uint64_t seed, struct arena *a)
{
	*out = (struct early){ .suite = arena_array(a, struct early_suite, t->nsuite + 1) };
	while (out->nsuite < t->nsuite && t->suite[out->nsuite].head->role == SUITE_PLAIN) {
		order_suite(&out->suite[out->nsuite], t, out->nsuite, seed, a);
		out->nsuite++;
	}
}

static bool came(const struct verdict_table *t, const struct table_suite *s, size_t at)
{
	unsigned char status = t->status[s->base + at];
	return status == TABLE_QUARANTINED || (status == TABLE_OPEN && !table_is_surplus(t, s, at));
}

static const struct table_suite *twin_of(const struct verdict_table *t, const struct table_suite *s)
{
	for (size_t i = 0; i < t->nsuite && s->head->base == BASE_TWIN; i++)
		if (t->suite[i].head->role == SUITE_BASELINE && !strcmp(t->suite[i].head->of, s->head->name))
			return &t->suite[i];
	return s;
}

size_t early_reached(const struct early_suite *e, const struct verdict_table *t, size_t suite, size_t *ahead)
{
	const struct table_suite *s = &t->suite[suite], *twin = twin_of(t, s);
	size_t look = 0;
	while (*ahead < e->n && came(t, s, e->order[*ahead]) && came(t, twin, e->order[*ahead]))
		++*ahead;
	while (look < e->nlook && e->prefix[look] <= *ahead)
		look++;
	return look;
}

static void set_mask(const struct early *e, struct verdict_table *t, size_t suite, bool on, uint64_t limit)
{
	struct table_suite *s = &t->suite[suite];
	struct table_suite *both[] = { s, &t->suite[twin_of(t, s) - t->suite] };
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		both[i]->masked = on;
		both[i]->salt = e->suite[suite].salt;
		both[i]->limit = limit;
	}
}

void early_mask(const struct early *e, struct verdict_table *t, size_t suite, size_t looks)
{
	const struct early_suite *s = &e->suite[suite];
	/* Before the first look nothing counts. */
	set_mask(e, t, suite, looks < s->nlook, looks ? s->limit[looks - 1] : 0);
}

void early_unmask(const struct early *e, struct verdict_table *t, size_t suite)
{
	set_mask(e, t, suite, false, 0);
}

/* --- the rule of a look --- */

bool early_fits(const struct row *r)
{
	bool compares = threshold_needs_baseline(r->t);
	return r->early && r->nsuite == 1 && !r->t->worst && r->t->agg != AGG_SPEND && !row_is_observed(r) &&
	       !(compares && (r->t->agg == AGG_QUANTILE || r->vs != BASE_TWIN));
}

struct drop {
	uint64_t key;
	double lo, hi;
};

static int by_drop(const void *a, const void *b)
{
	const struct drop *x = a, *y = b;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->lo > y->lo) - (x->lo < y->lo);
}

/* The means of the clusters up to a key, worst and best, in the order of play. */
static struct drop *drops_of(size_t *n, const struct unit *u, const struct early_suite *s, uint64_t limit,
			     struct arena *scratch)
{
	const struct cluster_means *low = unit_means(u, UNIT_LOW, scratch), *high = unit_means(u, UNIT_HIGH, scratch);
	struct drop *d = arena_array(scratch, struct drop, u->clusters + 1);
	*n = 0;
	for (size_t i = 0; i < u->clusters; i++) {
		uint64_t key = key_of(s, u->v[u->groups.order[u->groups.from[i]]].cluster);
		if (key <= limit)
			d[(*n)++] = (struct drop){ .key = key, .lo = low->mean[i], .hi = high->mean[i] };
	}
	qsort(d, *n, sizeof(*d), by_drop);
	return d;
}

/* With what is missing at its worst the mean is on one side of the bar, at its best on the other: then no
 * bound decides. */
static bool is_open(const struct unit *u, double bar, struct arena *scratch)
{
	const struct cluster_means *low = unit_means(u, UNIT_LOW, scratch), *high = unit_means(u, UNIT_HIGH, scratch);
	double least = 0, most = 0;
	for (size_t i = 0; i < u->clusters; i++) {
		least += low->mean[i];
		most += high->mean[i];
	}
	double at = bar * (double)u->clusters, slack = 1e-9 * (double)u->clusters;
	return least < at - slack && most > at + slack;
}

/* Two bets, one against each side of the bar. */
struct bets {
	struct martingale above, below; /* reached: the mean is above, below the bar */
};

static void feed(struct bets *b, const struct drop *d)
{
	martingale_feed(&b->above, d->lo);
	martingale_feed(&b->below, 1 - d->hi);
}

/* Which look settles it, and which way; s->nlook when none does. */
static size_t find_look(bool *above, const struct rule_ask *ask, const struct unit *u, const struct rule_bar *bar,
			const struct early_suite *s, size_t reached)
{
	bool wants_above = bar->op == OP_GE || bar->op == OP_GT;
	size_t n = 0, at = 0;
	const struct drop *d = reached ? drops_of(&n, u, s, s->limit[reached - 1], ask->scratch) : NULL;
	struct bets b;
	bool pairs = threshold_needs_baseline(ask->row->t);
	void (*init)(struct martingale *, double, int64_t, double) = pairs ? martingale_init_pairs : martingale_init;
	init(&b.above, bar->at, (int64_t)u->clusters, ask->alpha);
	init(&b.below, 1 - bar->at, (int64_t)u->clusters, ask->alpha);
	for (size_t look = 0; look < reached; look++) {
		for (; at < n && d[at].key <= s->limit[look]; at++)
			feed(&b, &d[at]);
		*above = martingale_reached(&b.above);
		if ((*above || martingale_reached(&b.below)) && !(bar->one_way && *above == wants_above))
			return look;
	}
	return s->nlook;
}

/* What was seen before the look, as a run of its own. */
static struct taken before(const struct taken *k, const struct early_suite *s, size_t look, struct arena *scratch)
{
	struct taken out = *k;
	out.v = arena_array(scratch, struct take, k->n + 1);
	out.n = out.scored = out.unscored = out.surplus = out.old_scored = out.old_unscored = 0;
	bool pairs = k->old_scored + k->old_unscored;
	for (size_t i = 0; i < k->n; i++) {
		if (key_of(s, k->v[i].cluster) > s->limit[look])
			continue;
		out.v[out.n++] = k->v[i];
		out.scored += k->v[i].scored;
		out.unscored += !k->v[i].scored;
		out.old_scored += pairs && k->v[i].old_scored;
		out.old_unscored += pairs && !k->v[i].old_scored;
	}
	return out;
}

/* What the bets are on: the row's own evidence, or the differences of its pairs.  "Not below" can be lost by a
 * look, and is kept at the end alone. */
static void evidence_of(struct unit *u, struct rule_bar *bar, const struct rule_ask *ask, const struct taken *k)
{
	struct versus v;
	if (!threshold_needs_baseline(ask->row->t)) {
		rule_unit(u, bar, ask, k);
		return;
	}
	versus_init(&v, ask, k);
	*u = versus_differences(&v, VERSUS_KNOWN);
	*bar = (struct rule_bar){ .op = v.high ? OP_GE : OP_LE, .at = versus_scaled(&v, v.margin), .one_way = v.regress };
}

int early_decide(bool *settled, bool *open, struct ruling *out, const struct rule_ask *ask, const struct taken *k,
		 const struct early_suite *s, size_t reached, struct err *err)
{
	struct unit u;
	struct rule_bar bar;
	bool above = false;
	*settled = *open = false;
	if (!k->n || k->bad || k->weighted || (k->judging && k->judging->demand->asked))
		return 0;
	evidence_of(&u, &bar, ask, k);
	size_t look = find_look(&above, ask, &u, &bar, s, reached);
	*open = look == s->nlook && !bar.one_way && is_open(&u, bar.at, ask->scratch);
	if (look == s->nlook)
		return 0;
	struct rule_ask quiet = *ask;
	struct taken part = before(k, s, look, ask->scratch);
	quiet.look_ahead = false;
	if (!part.scored || rule_decide(out, &quiet, &part, err))
		return part.scored ? -1 : 0;
	*settled = true;
	out->verdict = above == (bar.op == OP_GE || bar.op == OP_GT) ? VERDICT_PASS : VERDICT_FAIL;
	out->method = "martingale";
	out->lower = out->upper = NAN; /* a bound at a time that the data chose is none */
	out->needed = -1;
	out->note = arena_fmt(ask->arena, "settled after %zu of %zu samples", part.n, k->n);
	return 0;
}

/* --- a run under way --- */

/* Spending is known at the end; stopping makes it less. */
static bool holds_up(const struct row *r)
{
	return r->t->blocking && r->t->agg != AGG_SPEND && r->vs != BASE_ABSENT && r->vs != BASE_SAME;
}

int early_look(enum verdict_kind *stage, bool *done, struct early_look *l, size_t suite, struct err *err)
{
	struct arena a AUTO(arena_release) = ARENA_INIT;
	struct diags d;
	struct rows rows;
	diags_init(&d, &a);
	*stage = VERDICT_UNDECIDED;
	if (rows_match(&rows, l->s, l->rec, NULL, 0, &a, &d))
		return err_set(err, ERR_BUG, "the thresholds do not fit the run: %s", d.list.n ? d.list.v[0].msg : "no match");
	for (size_t i = 0; i < l->early->nsuite; i++)
		done[i] = true;
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *r = &rows.v[i];
		if (!holds_up(r))
			continue;
		/* What comes of two suites comes at no fixed time. */
		bool alone = r->nsuite == 1;
		if (alone && l->row[i] == VERDICT_UNDECIDED && r->suite[0] == suite &&
		    verdict_row_now(&l->row[i], r, l->rec, l->t, l->early, &a, err))
			return -1;
		if (l->row[i] == VERDICT_FAIL)
			*stage = VERDICT_FAIL;
		for (size_t k = 0; k < r->nsuite; k++)
			done[r->suite[k]] &= l->row[i] == VERDICT_PASS;
	}
	return 0;
}

/* --- for views --- */

/* The chance that the rule at half of the risk decides where the whole risk decides four times in five: normal
 * approximation. */
static double power_left(double confidence)
{
	double risk = 1 - confidence;
	double away = normal_quantile(confidence) + normal_quantile(0.8);
	return normal_cdf(away - normal_quantile(1 - risk / 2));
}

/* How often a sample was settled by a look is in the rows; here is the whole. */
const char *verdict_early_text(const struct record *r, struct arena *a)
{
	size_t played = 0, planned = 0;
	double usd = 0;
	for (size_t i = 0; i < r->nsuite; i++) {
		const struct suite_head *s = &r->suite[i];
		if (s->role == SUITE_CALIBRATION)
			continue;
		planned += s->planned;
		played += s->planned - s->surplus;
		usd += s->usd + s->judge_usd;
	}
	const char *text = arena_fmt(a, "%zu of %zu samples settled the verdict", played, planned);
	if (isfinite(usd) && usd > 0 && played)
		text = arena_fmt(a, "%s, about %s saved", text,
				 verdict_value_text(usd / (double)played * (double)(planned - played), "usd", a));
	return arena_fmt(a, "%s; a run to the end has power %.2f where the fixed rule has 0.80", text,
			 power_left(r->confidence));
}
