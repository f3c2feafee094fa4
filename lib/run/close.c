/* The end of a run: decide, write outcomes.jsonl and record.json, keep the history. */
#include "run/run.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/sink.h"
#include "crypto/sha256.h"
#include "doc/jsonx.h"
#include "record/record_write.h"
#include "run/drift.h"
#include "run/recall.h"
#include "store/history.h"
#include "verdict/failures.h"
#include "verdict/redecide.h"

struct lines {
	struct sink *sink;
	struct sha256 sha;
	size_t n;
};

static int copy_line(void *ctx, size_t seq, struct str line, struct err *err)
{
	struct lines *l = ctx;
	(void)seq;
	sink_write(l->sink, line);
	sha256_update(&l->sha, line);
	l->n++;
	return sink_check(l->sink, err);
}

static int drop(struct sink *s, struct str bytes, struct err *err)
{
	(void)s;
	(void)bytes;
	(void)err;
	return 0;
}

/* outcomes.jsonl (nowhere when there is no folder), its digest and count into the head. */
static int write_outcomes(struct run *r, struct err *err)
{
	struct sink nowhere = { .write = drop };
	struct sink_file file;
	struct lines l = { .sink = &nowhere };
	if (r->folder) {
		if (sink_file_open(&file, arena_fmt(r->arena, "%s/outcomes.jsonl", r->folder), err))
			return -1;
		l.sink = &file.sink;
	}
	sha256_init(&l.sha);
	int bad = store_outcomes_each(r->store, copy_line, &l, err);
	sha256_final(&l.sha, &r->head.outcomes_digest);
	r->head.noutcome = l.n;
	/* The record must hold what the verdict was made of. */
	if (!bad && !r->refused && l.n != r->planned)
		bad = err_set(err, ERR_SYSTEM, "the store gave back %zu outcomes of %zu; run again with --fresh "
					       "or another --store", l.n, r->planned);
	if (r->folder && bad)
		sink_file_abort(&file);
	else if (r->folder)
		bad = sink_file_commit(&file, err);
	return bad ? -1 : 0;
}

/* They quote cases too, which nothing has cleaned. */
static const json_t *clean_failures(struct run *r)
{
	struct buf b;
	const char *why;
	const json_t *j = failures_json(r->failures, &r->head, r->table, r->arena);
	buf_init(&b, OUTCOME_LINE_MAX);
	json_write(&b, j);
	struct str text = buf_str(&b), clean = redact(&r->redactor, text, r->arena);
	j = clean.p == text.p ? j : json_lenient(r->arena, clean, &why);
	buf_release(&b);
	return j;
}

static int decide(struct run *r, struct err *err)
{
	if (r->stage && !r->refused && verdict_decide(&r->head, r->table, r->stage, r->arena, err))
		return -1;
	if (r->failures && !r->refused)
		r->head.failures = clean_failures(r);
	verdict_settle(&r->head);
	return 0;
}

int run_close(struct run *r, struct err *err)
{
	r->head.end_ms = r->o.clock.wall_ms(r->o.clock.ctx);
	if (r->store && store_trim(r->store, err))
		return -1;
	arena_trim(); /* of what the calls took … */
	if (decide(r, err))
		return -1;
	arena_trim(); /* … and the verdict */
	if (r->o.store) {
		r->folder = arena_fmt(r->arena, "%s/runs/%s", r->o.store, r->head.run_id);
		if (fs_mkdirs(r->folder, err))
			return -1;
	}
	struct buf head;
	buf_init(&head, RECORD_HEAD_MAX);
	/* A refused run opens the store only now; what an earlier one left there is not its own. */
	int bad = r->store ? 0 : run_open_store(r, err) || store_run_begin(r->store, &r->head, false, err);
	bad = bad || write_outcomes(r, err) || recall(r, err) || drift(r, err);
	record_write_head(&head, &r->head);
	if (!bad && head.over)
		bad = err_set(err, ERR_SYSTEM, "the record's head is larger than %zu bytes", head.max);
	if (!bad && r->folder)
		bad = fs_write_atomic(arena_fmt(r->arena, "%s/record.json", r->folder), buf_str(&head), err);
	if (!bad)
		bad = (r->marks && history_put(r->store, &r->head, r->marks, err)) ||
		      store_run_end(r->store, &r->head, buf_str(&head), r->folder, r->suspended, err);
	buf_release(&head);
	return bad ? -1 : 0;
}
