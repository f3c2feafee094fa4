/* What store.c and history.c share of an open store: the database, the transaction that may be
 * under way and the small steps of a statement.  Nobody else includes this. */
#ifndef STORE_STORE_IMPL_H
#define STORE_STORE_IMPL_H

#include "store/store.h"

#include <sqlite3.h>

enum statement { SQL_BEGIN, SQL_COMMIT, SQL_REPLY_GET, SQL_REPLY_PUT, SQL_OUTCOME_PUT, SQL_COUNT };

struct store {
	sqlite3 *db;
	const char *path;
	sqlite3_stmt *stmt[SQL_COUNT];
	bool open; /* a transaction is under way */
	int64_t since; /* replies up to this row are not looked at */
	int lock;     /* a file whose byte `slot` says that the run there is alive; -1 in memory */
	int64_t slot; /* of this process's run; 0 before it begins */
	struct buf text;
};

/* What SQLite holds against the last step; -1. */
int store_fail(struct store *s, struct err *err);
/* One statement prepared for the occasion; NULL with *err set. */
sqlite3_stmt *store_prepare(struct store *s, const char *sql, struct err *err);
/* Step a statement that gives no rows, and end it; takes NULL, which is -1. */
int store_finish(struct store *s, sqlite3_stmt *q, struct err *err) MUST_USE;
/* Begin a transaction unless one is under way; store_flush ends it. */
int store_begin(struct store *s, struct err *err) MUST_USE;

/* Columns and rows that version 2 brought, for a store of version 1; inside a transaction. */
int history_upgrade(struct store *s, struct err *err) MUST_USE;
/* Say of the run's row what earlier verdicts are found by. */
int history_judged(struct store *s, const struct record *head, struct err *err) MUST_USE;

static inline void store_bind_digest(sqlite3_stmt *q, int at, const struct digest *d)
{
	sqlite3_bind_blob(q, at, d->b, DIGEST_BYTES, SQLITE_STATIC);
}

static inline void store_bind_str(sqlite3_stmt *q, int at, struct str s)
{
	sqlite3_bind_text64(q, at, s.p ? s.p : "", s.n, SQLITE_STATIC, SQLITE_UTF8);
}

static inline struct str store_column_str(sqlite3_stmt *q, int at)
{
	const unsigned char *p = sqlite3_column_text(q, at);
	return (struct str){ .p = (const char *)p, .n = (size_t)sqlite3_column_bytes(q, at) };
}

/* NULL for a column without a value. */
static inline const char *store_column_text(sqlite3_stmt *q, int at, struct arena *a)
{
	if (sqlite3_column_type(q, at) == SQLITE_NULL)
		return NULL;
	return arena_cstr(a, store_column_str(q, at));
}

static inline void store_column_digest(sqlite3_stmt *q, int at, struct digest *d)
{
	const void *bytes = sqlite3_column_blob(q, at);
	if (bytes && sqlite3_column_bytes(q, at) == DIGEST_BYTES)
		memcpy(d->b, bytes, DIGEST_BYTES);
}

#endif
