#include "record/outcome_scan.h"

#include "base/b64.h"
#include "doc/jsonscan.h"

#include <math.h>

/* Suites with more metrics and cases with more tags than these are compared pairwise by nobody. */
enum { SCAN_METRICS_MAX = 256, SCAN_TAGS_MAX = 64 };

struct scan_suite {
	struct str name;
	struct str *metric;
	size_t nmetric;
	bool odd; /* two metrics of one name, or too many of them */
};

struct outcome_scan {
	struct scan_suite *suite;
	size_t nsuite;
	size_t last; /* the suite of the line before */
};

/* One line on its way: what was read of it. */
struct line {
	struct jsonscan j;
	struct outcome *out;
	const struct scan_suite *suite;
	struct cell *cell;
	struct arena *arena;
	unsigned seen;
};

/* --- names --- */

/* Most names differ in length or in their first byte. */
static bool same(struct str a, struct str b)
{
	return a.n == b.n && (!a.n || (a.p[0] == b.p[0] && !memcmp(a.p, b.p, a.n)));
}

static bool has_twins(const struct str *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (str_eq(name[i], name[k]))
				return true;
	return false;
}

struct outcome_scan *outcome_scan_new(const struct record *head, struct arena *a)
{
	struct outcome_scan *s = arena_new(a, struct outcome_scan);
	s->nsuite = head->nsuite;
	s->suite = arena_array(a, struct scan_suite, head->nsuite);
	for (size_t i = 0; i < head->nsuite; i++) {
		const struct suite_head *h = &head->suite[i];
		struct scan_suite *to = &s->suite[i];
		*to = (struct scan_suite){ .name = str_c(h->name), .nmetric = h->nmetric };
		to->metric = arena_array(a, struct str, h->nmetric);
		for (size_t k = 0; k < h->nmetric; k++)
			to->metric[k] = str_c(h->metric[k].name);
		to->odd = h->nmetric > SCAN_METRICS_MAX || has_twins(to->metric, h->nmetric);
	}
	return s;
}

/* The first suite of that name: lines of one suite stand together. */
static bool find_suite(struct outcome_scan *s, struct str name, struct line *l)
{
	size_t i = s->last;
	if (i >= s->nsuite || !same(name, s->suite[i].name))
		for (i = 0; i < s->nsuite && !same(name, s->suite[i].name);)
			i++;
	if (!name.p || i == s->nsuite || s->suite[i].odd)
		return false;
	s->last = i;
	l->suite = &s->suite[i];
	l->out->suite = (unsigned)i;
	l->cell = arena_array(l->arena, struct cell, l->suite->nmetric);
	return true;
}

/* The metric of that name, sought from `from` on: a line's cells stand in the order of the metrics. */
static size_t find_metric(const struct scan_suite *s, struct str name, size_t from)
{
	for (size_t i = from; i < s->nmetric; i++)
		if (same(name, s->metric[i]))
			return i;
	for (size_t i = 0; i < from && i < s->nmetric; i++)
		if (same(name, s->metric[i]))
			return i;
	return s->nmetric;
}

/* --- a line's parts --- */

static void read_cell(struct jsonscan *j, struct cell *c)
{
	struct str key;
	c->state = CELL_UNSCORED;
	c->value = NAN;
	if (!jsonscan_enter(j, '{'))
		return;
	while (jsonscan_member(j, &key)) {
		if (!same(key, STR("value"))) {
			jsonscan_skip(j);
			continue;
		}
		j->bad |= c->state == CELL_SCORED;
		c->state = CELL_SCORED;
		c->value = jsonscan_number(j);
	}
}

/* When the call began, and whether the answer is one of an earlier run.  False: a cell, perhaps. */
static bool read_time(struct line *l, struct str key, unsigned *seen)
{
	struct jsonscan *j = &l->j;
	unsigned bit = same(key, STR("begun_ms")) ? 1 : same(key, STR("reused")) ? 2 : 0;
	if (!bit)
		return false;
	j->bad |= (*seen & bit) != 0;
	*seen |= bit;
	if (bit == 2) {
		l->out->reply.reused = jsonscan_at(j, 't');
		j->bad |= jsonscan_at(j, '{');
		jsonscan_skip(j);
		return true;
	}
	int64_t ms = jsonscan_count(j);
	l->out->reply.time.begun_ms = ms > 0 && ms <= BEGUN_MS_MAX ? ms : 0;
	return true;
}

/* A metric that is there twice, in one object or in both, is for the full reader. */
static void read_cells(struct line *l, bool times)
{
	struct jsonscan *j = &l->j;
	struct str key;
	size_t next = 0;
	unsigned seen = 0;
	if (!l->suite || !jsonscan_enter(j, '{')) {
		j->bad = true;
		return;
	}
	while (jsonscan_member(j, &key)) {
		if (times && read_time(l, key, &seen))
			continue;
		size_t i = find_metric(l->suite, key, next);
		if (i == l->suite->nmetric) {
			jsonscan_skip(j);
			continue;
		}
		j->bad |= l->cell[i].state != CELL_ABSENT || !jsonscan_at(j, '{');
		read_cell(j, &l->cell[i]);
		next = i + 1;
	}
}

static void read_tags(struct line *l)
{
	struct tag tag[SCAN_TAGS_MAX];
	struct str key;
	size_t n = 0;
	if (!jsonscan_enter(&l->j, '{'))
		return;
	while (jsonscan_member(&l->j, &key)) {
		for (size_t i = 0; i < n; i++)
			l->j.bad |= same(tag[i].key, key);
		if (l->j.bad || n == SCAN_TAGS_MAX) {
			l->j.bad = true;
			return;
		}
		tag[n++] = (struct tag){ .key = key, .value = jsonscan_text(&l->j, l->arena) };
	}
	struct tag *kept = arena_array(l->arena, struct tag, n);
	if (n)
		memcpy(kept, tag, n * sizeof(*kept));
	l->out->tag = kept;
	l->out->ntag = n;
}

static void read_status(struct line *l)
{
	int status = sample_status_parse(jsonscan_plain(&l->j));
	l->j.bad |= status < 0;
	l->out->status = l->j.bad ? SAMPLE_UNSCORED : (enum sample_status)status;
}

static void read_call(struct line *l)
{
	l->j.bad |= !hex_decode(jsonscan_plain(&l->j), l->out->call.b, DIGEST_BYTES);
}

/* --- the line --- */

enum member {
	M_SEQ = 1 << 0,
	M_SUITE = 1 << 1,
	M_CASE = 1 << 2,
	M_SAMPLE = 1 << 3,
	M_STATUS = 1 << 4,
	M_CLUSTER = 1 << 5,
	M_WEIGHT = 1 << 6,
	M_TAGS = 1 << 7,
	M_SCORES = 1 << 8,
	M_CALL = 1 << 9,
	M_TIMES = 1 << 10,
	M_NEEDED = M_SEQ | M_SUITE | M_CASE | M_SAMPLE | M_STATUS | M_CALL | M_TIMES,
};

static unsigned member_of(struct str key)
{
	static const struct {
		struct str name;
		enum member member;
	} table[] = {
		{ STR_INIT("seq"), M_SEQ },	    { STR_INIT("suite"), M_SUITE },
		{ STR_INIT("case"), M_CASE },	    { STR_INIT("sample"), M_SAMPLE },
		{ STR_INIT("status"), M_STATUS },   { STR_INIT("cluster"), M_CLUSTER },
		{ STR_INIT("weight"), M_WEIGHT },   { STR_INIT("tags"), M_TAGS },
		{ STR_INIT("scores"), M_SCORES },   { STR_INIT("call"), M_CALL },
		{ STR_INIT("times"), M_TIMES },
	};
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (same(key, table[i].name))
			return table[i].member;
	return 0;
}

static void read_member(struct outcome_scan *s, struct line *l, unsigned member)
{
	struct jsonscan *j = &l->j;
	j->bad |= (l->seen & member) != 0;
	l->seen |= member;
	if (member == M_SEQ)
		l->out->seq = (size_t)jsonscan_count(j);
	else if (member == M_SUITE)
		j->bad |= !find_suite(s, jsonscan_plain(j), l);
	else if (member == M_CASE)
		l->out->case_id = jsonscan_text(j, l->arena);
	else if (member == M_SAMPLE)
		l->out->sample = (unsigned)jsonscan_count(j);
	else if (member == M_STATUS)
		read_status(l);
	else if (member == M_CLUSTER)
		l->out->cluster = jsonscan_text(j, l->arena);
	else if (member == M_WEIGHT)
		l->out->weight = jsonscan_number(j);
	else if (member == M_TAGS)
		read_tags(l);
	else if (member == M_SCORES || member == M_TIMES)
		read_cells(l, member == M_TIMES);
	else if (member == M_CALL)
		read_call(l);
	else
		jsonscan_skip(j);
}

bool outcome_scan_line(struct outcome_scan *s, struct outcome *out, struct str line, struct arena *a)
{
	struct outcome x = { .weight = 1, .cost_usd = NAN, .judge_usd = NAN };
	struct line l = { .j = jsonscan_of(line), .out = &x, .arena = a };
	struct str key;
	if (!jsonscan_enter(&l.j, '{'))
		return false;
	while (jsonscan_member(&l.j, &key))
		read_member(s, &l, member_of(key));
	if (!jsonscan_end(&l.j) || (l.seen & M_NEEDED) != M_NEEDED)
		return false;
	if (!(l.seen & M_CLUSTER))
		x.cluster = x.case_id;
	x.cell = l.cell;
	*out = x;
	return true;
}
