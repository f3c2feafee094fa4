#include "store/store_impl.h"

#include "base/fs.h"
#include "base/limits.h"
#include "doc/jsonx.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000, SETUP_WAIT_MS = 7, SCHEMA_VERSION = 2, SEQ_BITS = 40, SLOTS_MAX = 10000 };

static const char *const sql_text[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_REPLY_GET] = "SELECT reply FROM replies WHERE call = ?1 AND n > ?2",
	[SQL_REPLY_PUT] = "INSERT OR REPLACE INTO replies(call, reply) VALUES(?1, ?2)",
	[SQL_OUTCOME_PUT] = "INSERT OR REPLACE INTO lines(key, line, settled) VALUES(?1, ?2, ?3)",
};

static const char schema[] =
	/* Replies are appended; only the small index is written all over. */
	"CREATE TABLE IF NOT EXISTS replies(n INTEGER PRIMARY KEY, call BLOB NOT NULL,"
	" reply TEXT NOT NULL);"
	"CREATE UNIQUE INDEX IF NOT EXISTS replies_call ON replies(call);"
	/* Runs under way or unfinished, and their outcomes: key = slot << SEQ_BITS | seq. */
	"CREATE TABLE IF NOT EXISTS lines(key INTEGER PRIMARY KEY, line TEXT NOT NULL,"
	" settled INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS running(slot INTEGER PRIMARY KEY,"
	" plan BLOB NOT NULL, run_id TEXT NOT NULL, start_ms INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS runs(n INTEGER PRIMARY KEY, run_id TEXT UNIQUE NOT NULL,"
	" stage TEXT, commit_oid TEXT, branch TEXT, verdict TEXT NOT NULL,"
	" exit_code INTEGER NOT NULL, candidate BLOB NOT NULL, plan BLOB NOT NULL,"
	" start_ms INTEGER NOT NULL, folder TEXT, head TEXT NOT NULL,"
	/* What earlier verdicts are found by (NULL: the run decided nothing), and what is said of them. */
	" judged BLOB, policy BLOB, calls INTEGER);"
	/* What a run saw of a suite's cases, a character for each metric and sample (store/marks.h). */
	"CREATE TABLE IF NOT EXISTS mark_ids(n INTEGER PRIMARY KEY, digest BLOB UNIQUE NOT NULL,"
	" bytes INTEGER NOT NULL, ids TEXT NOT NULL);"
	"CREATE TABLE IF NOT EXISTS marks(n INTEGER PRIMARY KEY, run_id TEXT NOT NULL,"
	" suite_name TEXT NOT NULL, suite BLOB NOT NULL, candidate BLOB NOT NULL,"
	" start_ms INTEGER NOT NULL, repeats INTEGER NOT NULL, ids INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL, marks TEXT NOT NULL, UNIQUE(run_id, suite_name));"
	"CREATE INDEX IF NOT EXISTS marks_suite ON marks(suite, candidate);";

int store_fail(struct store *s, struct err *err)
{
	int code = sqlite3_errcode(s->db) & 0xff;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(err, ERR_SYSTEM,
			       "store '%s' is in use by another gate; wait for it or name another --store",
			       s->path);
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return err_set(err, ERR_SYSTEM,
			       "store '%s' is damaged; move it away and run again", s->path);
	return err_set(err, ERR_SYSTEM, "store '%s': %s", s->path, sqlite3_errmsg(s->db));
}

static void close_store(void *p)
{
	struct store *s = p;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	buf_release(&s->text);
}

/* One statement prepared for the occasion; NULL with *err set. */
sqlite3_stmt *store_prepare(struct store *s, const char *sql, struct err *err)
{
	sqlite3_stmt *q = NULL;
	if (sqlite3_prepare_v2(s->db, sql, -1, &q, NULL) == SQLITE_OK)
		return q;
	store_fail(s, err);
	return NULL;
}

int store_finish(struct store *s, sqlite3_stmt *q, struct err *err)
{
	if (!q)
		return -1;
	int bad = sqlite3_step(q) == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	return bad;
}

static int version_of(struct store *s, int *version, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "PRAGMA user_version", err);
	if (!q)
		return -1;
	int bad = sqlite3_step(q) == SQLITE_ROW ? 0 : store_fail(s, err);
	*version = bad ? 0 : sqlite3_column_int(q, 0);
	sqlite3_finalize(q);
	if (!bad && *version > SCHEMA_VERSION)
		bad = err_set(err, ERR_SYSTEM,
			      "store '%s' was written by a newer gate; use that one or another --store",
			      s->path);
	return bad;
}

/* Set-up statements, with patience: SQLite does not wait by itself for the lock that turns a new file
 * into a WAL one, and two gates may begin at once. */
static int exec(struct store *s, const char *sql, struct err *err)
{
	for (int left = BUSY_MS;; left -= SETUP_WAIT_MS) {
		int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL) & 0xff;
		if (code == SQLITE_OK)
			return 0;
		if ((code != SQLITE_BUSY && code != SQLITE_LOCKED) || left <= 0)
			return store_fail(s, err);
		sqlite3_sleep(SETUP_WAIT_MS);
	}
}

/* A new store, or one of an older gate; whole or not at all.  Two gates may come to it at once: the
 * second finds it done. */
static int bring_up(struct store *s, struct err *err)
{
	int version;
	if (version_of(s, &version, err))
		return -1;
	if (version == SCHEMA_VERSION)
		return 0;
	if (exec(s, "BEGIN IMMEDIATE", err))
		return -1;
	int bad = exec(s, schema, err) || history_upgrade(s, err) ||
		  exec(s, "PRAGMA user_version=2; COMMIT", err);
	if (bad)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return bad ? -1 : 0;
}

static int open_at(struct store **out, const char *path, struct arena *a, struct err *err)
{
	struct store *s = arena_new(a, struct store);
	s->path = path;
	s->lock = -1;
	buf_init(&s->text, OUTCOME_LINE_MAX);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int code = sqlite3_open_v2(path, &s->db, flags, NULL);
	arena_defer(a, close_store, s);
	if (code != SQLITE_OK)
		return store_fail(s, err);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	/* NORMAL in WAL survives any kill of the process; a power cut may lose seconds. */
	if (exec(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4096;"
		    "PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;", err) ||
	    bring_up(s, err))
		return -1;
	for (size_t i = 0; i < SQL_COUNT; i++)
		if (sqlite3_prepare_v3(s->db, sql_text[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &s->stmt[i], NULL) != SQLITE_OK)
			return store_fail(s, err);
	*out = s;
	return 0;
}

int store_open(struct store **out, const char *folder, struct arena *a, struct err *err)
{
	if (fs_mkdirs(folder, err))
		return -1;
	/* What lies here belongs to this machine, never to a commit. */
	const char *ignore = arena_fmt(a, "%s/.gitignore", folder);
	if (fs_write_atomic(ignore, STR("*\n"), err))
		return -1;
	if (open_at(out, arena_fmt(a, "%s/store.db", folder), a, err))
		return -1;
	const char *lock = arena_fmt(a, "%s/store.lock", folder);
	(*out)->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if ((*out)->lock >= 0)
		return 0;
	int why = errno;
	return err_set(err, ERR_SYSTEM, "cannot open '%s': %s", lock, strerror(why));
}

int store_open_memory(struct store **out, struct arena *a, struct err *err)
{
	return open_at(out, ":memory:", a, err);
}

static int run_plain(struct store *s, enum statement which, struct err *err)
{
	int code = sqlite3_step(s->stmt[which]);
	int bad = code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_reset(s->stmt[which]);
	return bad;
}

int store_begin(struct store *s, struct err *err)
{
	if (s->open)
		return 0;
	if (run_plain(s, SQL_BEGIN, err))
		return -1;
	s->open = true;
	return 0;
}

int store_flush(struct store *s, struct err *err)
{
	if (!s->open)
		return 0;
	if (run_plain(s, SQL_COMMIT, err))
		return -1;
	s->open = false;
	return 0;
}

int store_trim(struct store *s, struct err *err)
{
	return store_flush(s, err) || exec(s, "PRAGMA cache_size=-512; PRAGMA shrink_memory", err) ? -1 : 0;
}

/* Run a write whose parameters are bound; the statement is left clean. */
static int write_row(struct store *s, enum statement which, struct err *err)
{
	int bad = run_plain(s, which, err);
	sqlite3_clear_bindings(s->stmt[which]);
	return bad;
}

int store_reply_hide(struct store *s, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "SELECT coalesce(max(n), 0) FROM replies", err);
	if (!q)
		return -1;
	int bad = sqlite3_step(q) == SQLITE_ROW ? 0 : store_fail(s, err);
	s->since = bad ? 0 : sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return bad;
}

int store_reply_get(struct store *s, const struct digest *call, struct reply *out,
		    struct arena *a, struct err *err)
{
	sqlite3_stmt *q = s->stmt[SQL_REPLY_GET];
	store_bind_digest(q, 1, call);
	sqlite3_bind_int64(q, 2, s->since);
	int code = sqlite3_step(q), found = 0;
	if (code == SQLITE_ROW) {
		const char *why;
		json_t *j = json_lenient(a, store_column_str(q, 0), &why);
		found = j && !reply_from_json(out, j, a);
	}
	int bad = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	if (found)
		out->reused = true;
	return bad ? -1 : found;
}

int store_reply_put(struct store *s, const struct digest *call, const struct reply *r,
		    struct err *err)
{
	if (store_begin(s, err))
		return -1;
	buf_reset(&s->text);
	reply_write(&s->text, r);
	if (s->text.over)
		return err_set(err, ERR_SYSTEM, "a reply is larger than %zu bytes", s->text.max);
	store_bind_digest(s->stmt[SQL_REPLY_PUT], 1, call);
	store_bind_str(s->stmt[SQL_REPLY_PUT], 2, buf_str(&s->text));
	return write_row(s, SQL_REPLY_PUT, err);
}

/* Take the slot for this process; false while another that lives has it.  A process that dies
 * lets go of it. */
static bool hold(struct store *s, int64_t slot)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1 };
	return s->lock < 0 || !fcntl(s->lock, F_SETLK, &l);
}

static void let_go(struct store *s, int64_t slot)
{
	struct flock l = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1 };
	if (s->lock >= 0)
		(void)fcntl(s->lock, F_SETLK, &l);
}

int store_run_unfinished(struct store *s, const struct digest *plan, const char **run_id,
			 int64_t *start_ms, struct arena *a, struct err *err)
{
	/* Inside a transaction, so that no run ends between its row and its slot. */
	if (store_begin(s, err))
		return -1;
	sqlite3_stmt *q = store_prepare(s, "SELECT run_id, start_ms, slot FROM running WHERE plan = ?1"
				     " ORDER BY slot DESC", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, plan);
	int code, found = 0;
	while (!found && (code = sqlite3_step(q)) == SQLITE_ROW) {
		int64_t slot = sqlite3_column_int64(q, 2);
		found = hold(s, slot);
		if (!found)
			continue;
		s->slot = slot;
		*run_id = arena_cstr(a, store_column_str(q, 0));
		*start_ms = sqlite3_column_int64(q, 1);
	}
	int bad = found || code == SQLITE_DONE ? 0 : store_fail(s, err);
	sqlite3_finalize(q);
	return bad || store_flush(s, err) ? -1 : found;
}

/* A statement about one slot: ?1 its first key, ?2 the key behind its last, ?3 the slot. */
static int on_slot(struct store *s, const char *sql, int64_t slot, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, sql, err);
	if (!q)
		return -1;
	const int64_t at[] = { slot << SEQ_BITS, (slot + 1) << SEQ_BITS, slot };
	for (int i = 0; i < sqlite3_bind_parameter_count(q); i++)
		sqlite3_bind_int64(q, i + 1, at[i]);
	return store_finish(s, q, err);
}

static int forget_slot(struct store *s, int64_t slot, struct err *err)
{
	return on_slot(s, "DELETE FROM lines WHERE key >= ?1 AND key < ?2", slot, err) ||
		       on_slot(s, "DELETE FROM running WHERE slot = ?3", slot, err) ?
		       -1 : 0;
}

/* Forget the runs whose process is gone; *next is a slot above all others. */
static int forget_dead(struct store *s, int64_t *next, struct err *err)
{
	sqlite3_stmt *q = store_prepare(s, "SELECT slot FROM running ORDER BY slot", err);
	if (!q)
		return -1;
	int code, bad = 0;
	*next = 1;
	while (!bad && (code = sqlite3_step(q)) != SQLITE_DONE) {
		int64_t slot = sqlite3_column_int64(q, 0);
		bad = code == SQLITE_ROW ? 0 : store_fail(s, err);
		*next = slot + 1;
		if (bad || !hold(s, slot))
			continue;
		bad = forget_slot(s, slot, err);
		let_go(s, slot);
	}
	sqlite3_finalize(q);
	return bad;
}

static int new_slot(struct store *s, const struct record *head, struct err *err)
{
	int64_t slot;
	if (forget_dead(s, &slot, err))
		return -1;
	/* One that has ended and still lives keeps its slot to its death. */
	for (int64_t last = slot + SLOTS_MAX; !hold(s, slot); slot++)
		if (slot == last)
			return err_set(err, ERR_SYSTEM, "store '%s' cannot be locked: %s; name another --store",
				       s->path, strerror(errno));
	s->slot = slot;
	sqlite3_stmt *q = store_prepare(s, "INSERT INTO running(slot, plan, run_id, start_ms)"
				     " VALUES(?4, ?1, ?2, ?3)", err);
	if (!q)
		return -1;
	store_bind_digest(q, 1, &head->plan_digest);
	store_bind_str(q, 2, str_c(head->run_id));
	sqlite3_bind_int64(q, 3, head->start_ms);
	sqlite3_bind_int64(q, 4, slot);
	return store_finish(s, q, err);
}

int store_run_begin(struct store *s, const struct record *head, bool resume, struct err *err)
{
	if (resume)
		return s->slot ? 0 : err_set(err, ERR_BUG, "no unfinished run was found to go on with");
	return store_begin(s, err) || new_slot(s, head, err) || store_flush(s, err) ? -1 : 0;
}

int store_outcome_put(struct store *s, size_t seq, struct str line, bool settled,
		      struct err *err)
{
	if (store_begin(s, err))
		return -1;
	sqlite3_bind_int64(s->stmt[SQL_OUTCOME_PUT], 1, s->slot << SEQ_BITS | (int64_t)seq);
	store_bind_str(s->stmt[SQL_OUTCOME_PUT], 2, line);
	sqlite3_bind_int(s->stmt[SQL_OUTCOME_PUT], 3, settled);
	return write_row(s, SQL_OUTCOME_PUT, err);
}

int store_outcomes_each(struct store *s, store_each_fn *each, void *ctx, struct err *err)
{
	if (store_flush(s, err))
		return -1;
	sqlite3_stmt *q = store_prepare(s, "SELECT key, line FROM lines WHERE key >= ?1 AND key < ?2 ORDER BY key",
				  err);
	if (!q)
		return -1;
	int64_t from = s->slot << SEQ_BITS;
	sqlite3_bind_int64(q, 1, from);
	sqlite3_bind_int64(q, 2, (s->slot + 1) << SEQ_BITS);
	int code, bad = 0;
	while (!bad && (code = sqlite3_step(q)) != SQLITE_DONE) {
		if (code != SQLITE_ROW)
			bad = store_fail(s, err);
		else
			bad = each(ctx, (size_t)(sqlite3_column_int64(q, 0) - from), store_column_str(q, 1), err);
	}
	sqlite3_finalize(q);
	return bad;
}

int store_run_end(struct store *s, const struct record *head, struct str head_json,
		  const char *folder, bool suspended, struct err *err)
{
	if (store_begin(s, err))
		return -1;
	sqlite3_stmt *q = store_prepare(s, "INSERT OR REPLACE INTO runs(run_id, stage, commit_oid, branch,"
				     " verdict, exit_code, candidate, plan, start_ms, folder, head)"
				     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", err);
	if (!q)
		return -1;
	const char *text[] = { head->run_id, head->stage, head->commit, head->branch,
			       verdict_name(head->verdict) };
	for (int i = 0; i < (int)ARRAY_LEN(text); i++)
		sqlite3_bind_text(q, i + 1, text[i], -1, SQLITE_STATIC);
	sqlite3_bind_int(q, 6, head->exit_code);
	store_bind_digest(q, 7, &head->candidate_id);
	store_bind_digest(q, 8, &head->plan_digest);
	sqlite3_bind_int64(q, 9, head->start_ms);
	sqlite3_bind_text(q, 10, folder, -1, SQLITE_STATIC);
	store_bind_str(q, 11, head_json);
	int bad = store_finish(s, q, err) || history_judged(s, head, err);
	if (!bad && suspended)
		bad = on_slot(s, "DELETE FROM lines WHERE key >= ?1 AND key < ?2 AND NOT settled", s->slot, err);
	else if (!bad)
		bad = forget_slot(s, s->slot, err);
	return bad || store_flush(s, err) ? -1 : 0;
}
