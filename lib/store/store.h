/* struct store: one SQLite file in WAL mode that keeps what a run must not lose: replies (by the
 * digest of the canonical call), the outcomes of the runs that are under way, and the history of
 * finished runs.  Several processes may run at one store: each run has a slot of its own, and the
 * outcomes of one are never seen by another.  Writes are gathered in one transaction; store_flush ends it.  A kill loses at
 * most what was not flushed.  A store that another process is writing waits a few seconds, then
 * says so.  Memory stays flat: nothing is cached here. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "call/reply.h"
#include "record/record.h"

struct store;

/* Open or create FOLDER/store.db.  The store closes with the arena. */
int store_open(struct store **out, const char *folder, struct arena *a, struct err *err) MUST_USE;
/* A store in memory, for --no-store and tests. */
int store_open_memory(struct store **out, struct arena *a, struct err *err) MUST_USE;

/* Replies.  get: 1 found (reused is set; times as measured then), 0 not there, -1. */
int store_reply_get(struct store *s, const struct digest *call, struct reply *out,
		    struct arena *a, struct err *err) MUST_USE;
int store_reply_put(struct store *s, const struct digest *call, const struct reply *r,
		    struct err *err) MUST_USE;

/* From now on only replies that are put later are found; the others stay until they are replaced. */
int store_reply_hide(struct store *s, struct err *err) MUST_USE;

/* The run under way.  begin forgets unfinished runs whose process is gone; with resume it goes on with
 * the one that store_run_unfinished found. */
int store_run_begin(struct store *s, const struct record *head, bool resume,
		    struct err *err) MUST_USE;
/* The id and start of an unfinished run of this plan that no living process has; 1 found, 0 none. */
int store_run_unfinished(struct store *s, const struct digest *plan, const char **run_id,
			 int64_t *start_ms, struct arena *a, struct err *err) MUST_USE;
/* `settled` is false for a sample that was never called: --resume plays it again. */
int store_outcome_put(struct store *s, size_t seq, struct str line, bool settled,
		      struct err *err) MUST_USE;
typedef int store_each_fn(void *ctx, size_t seq, struct str line, struct err *err);
/* The lines in order of seq, each with its LF. */
int store_outcomes_each(struct store *s, store_each_fn *each, void *ctx,
			struct err *err) MUST_USE;
/* Keep the run's head in the history.  A finished run's outcomes are dropped (the record's file has
 * them); of one that was suspended the settled ones stay for --resume. */
int store_run_end(struct store *s, const struct record *head, struct str head_json,
		  const char *folder, bool suspended, struct err *err) MUST_USE;
int store_flush(struct store *s, struct err *err) MUST_USE;
/* The calls are over: what is left is read once, in order, and needs little memory. */
int store_trim(struct store *s, struct err *err) MUST_USE;

#endif
