#include "run/drift.h"

#include "base/map.h"
#include "record/record_read.h"
#include "stat/paired.h"
#include "store/history.h"

/* Runs of the past that are looked at: one that was refused, or whose record is gone, tells nothing. */
enum { PAST_MAX = 10 };

/* Which labelled answers a judge got right: by id "+" or "-"; those without a verdict or a label are not in it. */
struct rights {
	const struct record *head;
	const struct suite_head *suite;
	int metric, label; /* columns */
	struct map map;
	size_t right;
};

static const char *const right = "+", *const wrong = "-";

static int column_of(const struct suite_head *s, const char *name)
{
	for (size_t i = 0; i < s->nmetric; i++)
		if (!strcmp(s->metric[i].name, name))
			return (int)i;
	return -1;
}

static bool rights_init(struct rights *t, const struct record *head, const struct suite_head *s, struct arena *a)
{
	*t = (struct rights){ .head = head, .suite = s };
	t->metric = column_of(s, s->of_metric);
	t->label = column_of(s, "label");
	map_init(&t->map, a);
	return t->metric >= 0 && t->label >= 0;
}

static void take(struct rights *t, const struct outcome *o)
{
	if (&t->head->suite[o->suite] != t->suite)
		return;
	const struct cell *said = &o->cell[t->metric], *label = &o->cell[t->label];
	if (said->state != CELL_SCORED || label->state != CELL_SCORED)
		return;
	bool is = metric_passes(&t->suite->metric[t->metric], said->value) == (label->value == 1);
	map_put(&t->map, o->case_id, (void *)(uintptr_t)(is ? right : wrong));
	t->right += is;
}

/* --- this run's --- */

struct lines {
	struct rights *rights;
	size_t from, to;
	struct arena scratch;
};

static int take_line(void *ctx, size_t seq, struct str line, struct err *err)
{
	struct lines *l = ctx;
	struct outcome o;
	if (seq < l->from || seq >= l->to)
		return 0;
	struct arena_mark m = arena_mark(&l->scratch);
	int bad = record_read_outcome(&o, l->rights->head, str_trim(line), &l->scratch, err);
	if (!bad)
		take(l->rights, &o);
	arena_rewind(&l->scratch, m);
	return bad;
}

static int take_own(struct rights *t, struct run *r, size_t suite, struct err *err)
{
	size_t from = r->suite[suite].first_seq;
	struct lines l = { .rights = t, .from = from, .to = from + r->head.suite[suite].planned, .scratch = ARENA_INIT };
	int bad = store_outcomes_each(r->store, take_line, &l, err);
	arena_release(&l.scratch);
	return bad;
}

/* --- an earlier run's --- */

static const struct suite_head *same_calibration(const struct record *rec, const struct suite_head *s)
{
	for (size_t i = 0; i < rec->nsuite; i++)
		if (rec->suite[i].role == SUITE_CALIBRATION && digest_eq(&rec->suite[i].suite_id, &s->suite_id) &&
		    digest_eq(&rec->suite[i].candidate_id, &s->candidate_id))
			return &rec->suite[i];
	return NULL;
}

/* False where the record tells nothing: it is gone, was changed, or was never played. */
static bool take_earlier(struct rights *t, const char *folder, const struct suite_head *s, struct arena *a)
{
	struct record_file *f = arena_new(a, struct record_file);
	struct arena scratch = ARENA_INIT;
	struct err err = ERR_INIT;
	struct outcome o;
	int got = 0;
	if (record_open(f, folder, a, &err))
		return false;
	const struct suite_head *old = same_calibration(&f->head, s);
	if (!old || !rights_init(t, &f->head, old, a) || f->outcomes.rewind(&f->outcomes, &err))
		return false;
	while ((got = f->outcomes.next(&f->outcomes, &o, &scratch, &err)) > 0) {
		take(t, &o);
		arena_rewind(&scratch, (struct arena_mark){ .top = NULL });
	}
	arena_release(&scratch);
	return !got && t->map.entry.n;
}

/* --- both --- */

static void compare(json_t *out, const struct rights *now, const struct rights *then, double alpha)
{
	struct pairs p = { .n = 0 };
	for (size_t i = 0; i < now->map.entry.n; i++) {
		const struct map_entry *e = &now->map.entry.v[i];
		const char *old = map_get(&then->map, e->key), *new = e->value;
		p.n += old != NULL;
		p.gained += old == wrong && new == right;
		p.lost += old == right && new == wrong;
	}
	double chance = p.n ? mcnemar_two_sided(p) : 1;
	json_object_set_new(out, "was", json_real((double)then->right / (double)then->map.entry.n));
	json_object_set_new(out, "better", json_integer(p.gained));
	json_object_set_new(out, "worse", json_integer(p.lost));
	json_object_set_new(out, "p", json_real(chance));
	json_object_set_new(out, "changed", json_boolean(chance <= alpha));
}

static int look_back(json_t *out, struct run *r, const struct suite_head *s, const struct rights *now, struct arena *a,
		     struct err *err)
{
	struct store_run *past;
	size_t n;
	char hex[DIGEST_HEX], stamp[CLOCK_TEXT];
	if (history_holding(r->store, digest_hex(&s->suite_id, hex), r->head.run_id, PAST_MAX, &past, &n, a, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct rights then;
		if (!take_earlier(&then, arena_fmt(a, "%s/runs/%s", r->o.store, past[i].run_id), s, a))
			continue;
		json_object_set_new(out, "run", json_string(past[i].run_id));
		json_object_set_new(out, "start", json_string(clock_rfc3339(past[i].start_ms, stamp)));
		compare(out, now, &then, 1 - r->head.confidence);
		break;
	}
	return 0;
}

static int of_suite(json_t *list, struct run *r, size_t suite, struct arena *a, struct err *err)
{
	const struct suite_head *s = &r->head.suite[suite];
	struct rights now;
	if (!rights_init(&now, &r->head, s, a) || take_own(&now, r, suite, err))
		return err->kind == ERR_NONE ? 0 : -1;
	size_t n = now.map.entry.n;
	if (!n)
		return 0;
	json_t *out = json_pack("{ss sf sI sI}", "suite", s->name, "agreement", (double)now.right / (double)n, "labels",
				(json_int_t)n, "reused", (json_int_t)r->suite[suite].rejudged);
	json_array_append_new(list, out);
	return look_back(out, r, s, &now, a, err);
}

int drift(struct run *r, struct err *err)
{
	json_t *list = arena_json(r->arena, json_array());
	struct arena scratch = ARENA_INIT;
	int bad = 0;
	for (size_t i = r->nplain; r->o.store && i < r->nsuite && !bad; i++)
		if (r->head.suite[i].role == SUITE_CALIBRATION)
			bad = of_suite(list, r, i, &scratch, err);
	arena_release(&scratch);
	if (json_array_size(list))
		r->head.judges = list;
	return bad;
}
