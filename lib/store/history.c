#include "store/history.h"

#include "base/limits.h"
#include "crypto/sha256.h"
#include "record/record_read.h"
#include "store/store_impl.h"

#include <stdlib.h>

enum { CASE_ROWS_MAX = 200 };
/* Of marks and lists of ids together. */
#define MARKS_BYTES_MAX (64 * MIB)

/* --- runs --- */

static struct store_run row_to_run(sqlite3_stmt *q, struct arena *a)
{
	struct store_run r = {
		.run_id = store_column_text(q, 0, a),
		.stage = store_column_text(q, 1, a),
		.commit = store_column_text(q, 2, a),
		.branch = store_column_text(q, 3, a),
		.verdict = store_column_text(q, 4, a),
		.folder = store_column_text(q, 5, a),
		.head_json = store_column_text(q, 6, a),
		.start_ms = sqlite3_column_int64(q, 7),
		.exit_code = sqlite3_column_int(q, 8),
	};
	store_column_digest(q, 9, &r.candidate_id);
	store_column_digest(q, 10, &r.plan);
	return r;
}

int store_history(struct store *s, size_t limit, struct store_run **run, size_t *n,
		  struct arena *a, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "SELECT run_id, stage, commit_oid, branch, verdict, folder, head,"
					   " start_ms, exit_code, candidate, plan"
					   " FROM runs ORDER BY n DESC LIMIT ?1", err);
	if (!q)
		return -1;
	sqlite3_bind_int64(q, 1, (sqlite3_int64)limit);
	VEC(struct store_run) list = { .v = NULL };
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW)
		*vec_push(&list, a) = row_to_run(q, a);
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	if (bad)
		return -1;
	*run = list.v;
	*n = list.n;
	return 0;
}

int history_holding(struct store *s, const char *text, const char *not_run, size_t limit, struct store_run **run,
		    size_t *n, struct arena *a, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "SELECT run_id, start_ms FROM runs WHERE run_id <> ?2 AND instr(head, ?1) > 0"
					   " ORDER BY n DESC LIMIT ?3", err);
	if (!q)
		return -1;
	store_bind_str(q, 1, str_c(text));
	store_bind_str(q, 2, str_c(not_run));
	sqlite3_bind_int64(q, 3, (sqlite3_int64)limit);
	VEC(struct store_run) list = { .v = NULL };
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW)
		*vec_push(&list, a) = (struct store_run){ .run_id = store_column_text(q, 0, a),
							  .start_ms = sqlite3_column_int64(q, 1) };
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	*run = list.v;
	*n = list.n;
	return bad;
}

/* --- earlier verdicts --- */

struct pair {
	unsigned char b[2 * DIGEST_BYTES];
};

static int pair_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct pair));
}

/* One digest of the stage, its suites and their candidates, in whatever order they stand; twins that only
 * measure against are no part of it.  False for a run whose verdict is on nothing whole. */
static bool judged_of(struct digest *out, const struct record *head)
{
	struct arena a = ARENA_INIT;
	struct sha256 h;
	bool refused = head->stopped && !head->noutcome; /* nothing was seen */
	if (head->measure || head->filtered || refused || !head->stage)
		return false;
	struct pair *pair = arena_array(&a, struct pair, head->nsuite + 1);
	size_t n = 0;
	for (size_t i = 0; i < head->nsuite; i++) {
		if (head->suite[i].role != SUITE_PLAIN)
			continue;
		memcpy(pair[n].b, head->suite[i].suite_id.b, DIGEST_BYTES);
		memcpy(pair[n++].b + DIGEST_BYTES, head->suite[i].candidate_id.b, DIGEST_BYTES);
	}
	qsort(pair, n, sizeof(*pair), pair_order);
	sha256_init(&h);
	sha256_update(&h, STR("gate-judged-1"));
	sha256_update(&h, (struct str){ .p = (const char *)pair, .n = n * sizeof(*pair) });
	sha256_update(&h, str_c(head->stage));
	sha256_final(&h, out);
	arena_release(&a);
	return true;
}

int history_judged(struct store *s, const struct record *head, struct err *err)
{
	struct digest judged;
	sqlite3_stmt *q = store_prepare(s, "UPDATE runs SET judged = ?1, policy = ?2, calls = ?3 WHERE run_id = ?4",
					err);
	if (!q)
		return -1;
	if (judged_of(&judged, head))
		store_bind_digest(q, 1, &judged);
	if (head->policy_path)
		store_bind_digest(q, 2, &head->policy_digest);
	sqlite3_bind_int64(q, 3, head->spend.calls > head->spend.reused ? head->spend.calls - head->spend.reused : 0);
	store_bind_str(q, 4, str_c(head->run_id));
	return store_finish(s, q, err);
}

static int count_earlier(struct store *s, const struct digest *judged, const char *run_id,
			 struct earlier_list *out, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "SELECT verdict, count(*) FROM runs WHERE judged = ?1 AND run_id <> ?2"
					   " GROUP BY verdict", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, judged);
	store_bind_str(q, 2, str_c(run_id));
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		size_t n = (size_t)sqlite3_column_int64(q, 1);
		int verdict = verdict_parse(store_column_str(q, 0));
		out->total += n;
		out->passed += verdict == VERDICT_PASS ? n : 0;
		out->failed += verdict == VERDICT_FAIL ? n : 0;
		out->undecided += verdict == VERDICT_UNDECIDED ? n : 0;
	}
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	return bad;
}

int history_earlier(struct store *s, const struct record *head, size_t limit, struct earlier_list *out,
		    struct arena *a, struct err *err)
{
	struct digest judged;
	*out = (struct earlier_list){ .n = 0 };
	if (!judged_of(&judged, head))
		return 0;
	if (count_earlier(s, &judged, head->run_id, out, err))
		return -1;
	sqlite3_stmt *q = store_prepare(s, "SELECT run_id, verdict, start_ms, exit_code, policy, calls FROM runs"
					   " WHERE judged = ?1 AND run_id <> ?2 ORDER BY n DESC LIMIT ?3", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, &judged);
	store_bind_str(q, 2, str_c(head->run_id));
	sqlite3_bind_int64(q, 3, (sqlite3_int64)limit);
	VEC(struct earlier) list = { .v = NULL };
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		struct earlier *e = vec_push(&list, a);
		*e = (struct earlier){
			.run_id = store_column_text(q, 0, a),
			.verdict = store_column_text(q, 1, a),
			.start_ms = sqlite3_column_int64(q, 2),
			.exit_code = sqlite3_column_int(q, 3),
			.has_policy = sqlite3_column_type(q, 4) == SQLITE_BLOB,
			.calls = sqlite3_column_int64(q, 5),
		};
		store_column_digest(q, 4, &e->policy);
	}
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	out->run = list.v;
	out->n = list.n;
	return bad;
}

/* --- marks: keep --- */

/* The number of this list of ids, kept once for all runs that have it. */
static int put_ids(struct store *s, struct str ids, int64_t *n, struct err *err)
{
	struct digest d;
	sha256(&d, ids);
	sqlite3_stmt *q = store_prepare(s, "INSERT OR IGNORE INTO mark_ids(digest, bytes, ids) VALUES(?1, ?2, ?3)",
					err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, &d);
	sqlite3_bind_int64(q, 2, (sqlite3_int64)ids.n);
	store_bind_str(q, 3, ids);
	if (store_finish(s, q, err))
		return -1;
	q = store_prepare(s, "SELECT n FROM mark_ids WHERE digest = ?1", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, &d);
	int bad = sqlite3_step(q) == SQLITE_ROW ? 0 : store_fail(s, err);
	*n = bad ? 0 : sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return bad;
}

static int put_marks(struct store *s, const struct record *head, const struct suite_head *h,
		     const struct suite_marks *m, struct str marks, int64_t ids, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "INSERT OR REPLACE INTO marks(run_id, suite_name, suite, candidate, start_ms,"
					   " repeats, ids, bytes, marks) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
					err);
	if (!q)
		return -1;
	store_bind_str(q, 1, str_c(head->run_id));
	store_bind_str(q, 2, str_c(h->name));
	store_bind_digest(q, 3, &h->suite_id);
	store_bind_digest(q, 4, &h->candidate_id);
	sqlite3_bind_int64(q, 5, head->start_ms);
	sqlite3_bind_int64(q, 6, m->repeats);
	sqlite3_bind_int64(q, 7, ids);
	sqlite3_bind_int64(q, 8, (sqlite3_int64)marks.n);
	store_bind_str(q, 9, marks);
	return store_finish(s, q, err);
}

static int drop_old_runs(struct store *s, const struct suite_head *h, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "DELETE FROM marks WHERE suite = ?1 AND candidate = ?2 AND n <= (SELECT n"
					   " FROM marks WHERE suite = ?1 AND candidate = ?2 ORDER BY n DESC"
					   " LIMIT 1 OFFSET ?3)", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, &h->suite_id);
	store_bind_digest(q, 2, &h->candidate_id);
	sqlite3_bind_int64(q, 3, HISTORY_RUNS_MAX);
	return store_finish(s, q, err);
}

static int one_number(struct store *s, const char *sql, int64_t *n, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, sql, err);
	if (!q)
		return -1;
	int bad = sqlite3_step(q) == SQLITE_ROW ? 0 : store_fail(s, err);
	*n = bad ? 0 : sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return bad;
}

/* The oldest eighth at a time, until the rest has room. */
static int drop_bulk(struct store *s, struct err *err)
{
	for (;;) {
		int64_t bytes, rows;
		if (one_number(s, "SELECT (SELECT coalesce(sum(bytes), 0) FROM marks)"
				  " + (SELECT coalesce(sum(bytes), 0) FROM mark_ids)", &bytes, err) ||
		    one_number(s, "SELECT count(*) FROM marks", &rows, err))
			return -1;
		if (bytes <= (int64_t)MARKS_BYTES_MAX || !rows)
			return 0;
		sqlite3_stmt *q = store_prepare(s, "DELETE FROM marks WHERE n IN (SELECT n FROM marks ORDER BY n LIMIT ?1)",
						err);
		if (q)
			sqlite3_bind_int64(q, 1, rows / 8 + 1);
		if (store_finish(s, q, err) ||
		    store_finish(s, store_prepare(s, "DELETE FROM mark_ids WHERE n NOT IN (SELECT ids FROM marks)",
						  err), err))
			return -1;
	}
}

static int put_suite(struct store *s, const struct record *head, size_t i, const struct suite_marks *m,
		     struct err *err)
{
	struct buf ids, marks;
	int64_t list;
	buf_init(&ids, MARKS_BYTES_MAX / 2);
	buf_init(&marks, MARKS_BYTES_MAX / 2);
	marks_write_ids(&ids, m);
	marks_write(&marks, &head->suite[i], m);
	/* A run too large to be kept beside any other is not kept at all. */
	bool room = !ids.over && !marks.over && marks.n;
	int bad = room && (put_ids(s, buf_str(&ids), &list, err) ||
			   put_marks(s, head, &head->suite[i], m, buf_str(&marks), list, err) ||
			   drop_old_runs(s, &head->suite[i], err));
	buf_release(&ids);
	buf_release(&marks);
	return bad ? -1 : 0;
}

int history_put(struct store *s, const struct record *head, const struct marks *m, struct err *err)
{
	bool any = false;
	for (size_t i = 0; i < head->nsuite; i++) {
		if (!m->suite[i].any_new)
			continue;
		if (store_begin(s, err) || put_suite(s, head, i, &m->suite[i], err))
			return -1;
		any = true;
	}
	return any ? drop_bulk(s, err) : 0;
}

/* --- marks: look --- */

int history_tally(struct store *s, const struct record *head, size_t suite, struct tally *out, struct err *err)
{
	const struct suite_head *h = &head->suite[suite];
	sqlite3_stmt *q = store_prepare(s, "SELECT m.ids, i.ids, m.repeats, m.marks, m.start_ms FROM marks m JOIN mark_ids i"
					   " ON i.n = m.ids WHERE m.suite = ?1 AND m.candidate = ?2"
					   " AND m.run_id <> ?3 ORDER BY m.n", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, &h->suite_id);
	store_bind_digest(q, 2, &h->candidate_id);
	store_bind_str(q, 3, str_c(head->run_id));
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW)
		tally_add(out, sqlite3_column_int64(q, 0), store_column_str(q, 1),
			  (size_t)sqlite3_column_int64(q, 2), store_column_str(q, 3), sqlite3_column_int64(q, 4));
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	return bad;
}

/* Candidates come one after the other; of each only what was flaky is carried on. */
struct gather {
	struct map seen; /* suite, case and metric: a struct flaky */
	VEC(struct flaky *) list;
	struct arena *arena, scratch;
	struct tally tally;
	const char *suite; /* of the tally; NULL: none is under way */
	struct digest id, candidate;
};

static void keep_flaky(struct gather *g, struct str id, struct str metric, const struct tally_count *c)
{
	struct str key = str_c(arena_fmt(&g->scratch, "%s\n%.*s\n%.*s", g->suite, STR_ARGS(metric), STR_ARGS(id)));
	struct flaky *f = map_get(&g->seen, key);
	if (!f) {
		f = arena_new(g->arena, struct flaky);
		*f = (struct flaky){
			.suite = arena_fmt(g->arena, "%s", g->suite),
			.case_id = arena_str(g->arena, id),
			.metric = arena_str(g->arena, metric),
		};
		map_put(&g->seen, key, f);
		*vec_push(&g->list, g->arena) = f;
	}
	f->candidates++;
	f->count.pass += c->pass;
	f->count.fail += c->fail;
	f->count.unscored += c->unscored;
	f->count.runs += c->runs;
	f->count.last_ms = c->last_ms > f->count.last_ms ? c->last_ms : f->count.last_ms;
}

static void end_group(struct gather *g)
{
	const struct tally *t = &g->tally;
	for (size_t m = 0; g->suite && m < t->metric.n; m++)
		for (size_t i = 0; i < t->metric.v[m].of.n; i++)
			if (tally_flaky(&t->metric.v[m].of.v[i]))
				keep_flaky(g, t->position.entry.v[i].key, t->metric.v[m].name, &t->metric.v[m].of.v[i]);
	g->suite = NULL;
	arena_rewind(&g->scratch, (struct arena_mark){ .top = NULL });
}

static void take_row(struct gather *g, sqlite3_stmt *q)
{
	struct digest id = { .b = { 0 } }, candidate = { .b = { 0 } };
	struct str name = store_column_str(q, 0);
	store_column_digest(q, 1, &id);
	store_column_digest(q, 2, &candidate);
	if (g->suite && (!digest_eq(&id, &g->id) || !digest_eq(&candidate, &g->candidate)))
		end_group(g);
	if (!g->suite) {
		g->id = id;
		g->candidate = candidate;
		tally_init(&g->tally, &g->scratch);
	}
	/* A suite that was renamed goes by its last name. */
	if (!g->suite || !str_eqc(name, g->suite))
		g->suite = arena_cstr(&g->scratch, name);
	tally_add(&g->tally, sqlite3_column_int64(q, 3), store_column_str(q, 4), (size_t)sqlite3_column_int64(q, 5),
		  store_column_str(q, 6), sqlite3_column_int64(q, 7));
}

static int flaky_order(const void *a, const void *b)
{
	const struct flaky *x = a, *y = b;
	uint64_t xr = x->count.pass < x->count.fail ? x->count.pass : x->count.fail;
	uint64_t yr = y->count.pass < y->count.fail ? y->count.pass : y->count.fail;
	uint64_t xn = (uint64_t)x->count.pass + x->count.fail, yn = (uint64_t)y->count.pass + y->count.fail;
	if (xr * yn != yr * xn)
		return xr * yn > yr * xn ? -1 : 1;
	if (xn != yn)
		return xn > yn ? -1 : 1;
	int by = strcmp(x->suite, y->suite);
	by = by ? by : str_cmp(x->case_id, y->case_id);
	return by ? by : str_cmp(x->metric, y->metric);
}

int history_flaky(struct store *s, const char *suite, struct flaky **out, size_t *n, struct arena *a,
		  struct err *err)
{
	struct gather g = { .arena = a, .scratch = ARENA_INIT };
	sqlite3_stmt *q = store_prepare(s, "SELECT m.suite_name, m.suite, m.candidate, m.ids, i.ids, m.repeats, m.marks,"
					   " m.start_ms FROM marks m JOIN mark_ids i ON i.n = m.ids"
					   " WHERE ?1 IS NULL OR m.suite_name = ?1"
					   " ORDER BY m.suite, m.candidate, m.n", err);
	if (!q)
		return -1;
	map_init(&g.seen, a);
	sqlite3_bind_text(q, 1, suite, -1, SQLITE_STATIC);
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW)
		take_row(&g, q);
	end_group(&g);
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	arena_release(&g.scratch);
	*n = g.list.n;
	*out = arena_array(a, struct flaky, g.list.n + 1);
	for (size_t i = 0; i < g.list.n; i++)
		(*out)[i] = *g.list.v[i];
	qsort(*out, *n, sizeof(**out), flaky_order);
	return bad;
}

/* Where the case stands in the list; false when it does not. */
static bool find_id(struct str ids, struct str id, size_t *at)
{
	struct str line;
	for (*at = 0; str_line(&ids, &line); ++*at)
		if (str_eq(line, id))
			return true;
	return false;
}

static void cut_case(struct case_run *r, struct str marks, size_t at, size_t repeats, struct arena *a)
{
	VEC(struct case_metric) list = { .v = NULL };
	struct str name, mark;
	while (marks_next(&marks, &name, &mark))
		if (repeats && repeats <= mark.n && at < mark.n / repeats)
			*vec_push(&list, a) = (struct case_metric){
				.name = arena_str(a, name),
				.mark = arena_str(a, str_sub(mark, at * repeats, (at + 1) * repeats)),
			};
	r->metric = list.v;
	r->nmetric = list.n;
}

static bool is_same(sqlite3_stmt *q, const struct suite_head *suite)
{
	struct digest id = { .b = { 0 } }, candidate = { .b = { 0 } };
	store_column_digest(q, 2, &id);
	store_column_digest(q, 3, &candidate);
	return digest_eq(&id, &suite->suite_id) && digest_eq(&candidate, &suite->candidate_id);
}

int history_case(struct store *s, const struct suite_head *suite, struct str id, struct case_run **run,
		 size_t *n, struct arena *a, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "SELECT m.run_id, m.start_ms, m.suite, m.candidate, m.repeats, i.ids, m.marks"
					   " FROM marks m JOIN mark_ids i ON i.n = m.ids WHERE m.suite_name = ?1"
					   " ORDER BY m.n DESC LIMIT ?2", err);
	if (!q)
		return -1;
	store_bind_str(q, 1, str_c(suite->name));
	sqlite3_bind_int(q, 2, CASE_ROWS_MAX);
	VEC(struct case_run) list = { .v = NULL };
	int code;
	while ((code = sqlite3_step(q)) == SQLITE_ROW) {
		size_t at, repeats = (size_t)sqlite3_column_int64(q, 4);
		if (!find_id(store_column_str(q, 5), id, &at))
			continue;
		struct case_run *r = vec_push(&list, a);
		*r = (struct case_run){
			.run_id = store_column_text(q, 0, a),
			.start_ms = sqlite3_column_int64(q, 1),
			.same = is_same(q, suite),
		};
		cut_case(r, store_column_str(q, 6), at, repeats, a);
	}
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	*run = list.v;
	*n = list.n;
	return bad;
}

/* --- an older store --- */

static bool has_judged(struct store *s)
{
	sqlite3_stmt *q = NULL;
	bool has = sqlite3_prepare_v2(s->db, "SELECT judged FROM runs LIMIT 0", -1, &q, NULL) == SQLITE_OK;
	sqlite3_finalize(q);
	return has;
}

static int run_sql(struct store *s, const char *sql, struct err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(s, err);
}

/* The runs it has are found by what their heads say; one that cannot be read stays in the list alone. */
static int judge_old_runs(struct store *s, struct err *err)
{
	struct arena a = ARENA_INIT;
	sqlite3_stmt *q = store_prepare(s, "SELECT run_id, head FROM runs", err);
	if (!q)
		return -1;
	int code = SQLITE_DONE, bad = 0;
	while (!bad && (code = sqlite3_step(q)) == SQLITE_ROW) {
		struct record head;
		struct err ignored = ERR_INIT;
		const char *id = arena_cstr(&a, store_column_str(q, 0));
		if (!record_read_head(&head, store_column_str(q, 1), id, &a, &ignored) && !strcmp(head.run_id, id))
			bad = history_judged(s, &head, err);
		arena_rewind(&a, (struct arena_mark){ .top = NULL });
	}
	if (!bad && code != SQLITE_DONE)
		bad = store_fail(s, err);
	sqlite3_finalize(q);
	arena_release(&a);
	return bad;
}

int history_upgrade(struct store *s, struct err *err)
{
	bool old = !has_judged(s);
	if (old && (run_sql(s, "ALTER TABLE runs ADD COLUMN judged BLOB; ALTER TABLE runs ADD COLUMN policy BLOB;"
			       "ALTER TABLE runs ADD COLUMN calls INTEGER", err) ||
		    judge_old_runs(s, err)))
		return -1;
	return run_sql(s, "CREATE INDEX IF NOT EXISTS runs_judged ON runs(judged, verdict)", err);
}
