/* struct replies: where an answer may come from instead of a call: the store, or a folder given by
 * --replay; and where new ones go: the store, and a folder given by --record.  The folder holds
 * replies.jsonl, one line {"call": digest, "reply": {…}} each, ordered by digest.  A reply that is
 * reused keeps the times measured when it was called. */
#ifndef RUN_REPLIES_H
#define RUN_REPLIES_H

#include "base/sink.h"
#include "store/store.h"

struct replay_entry {
	struct digest call;
	size_t offset, length;
};

struct replies {
	struct store *store;
	struct arena *arena;
	/* --replay */
	struct str text;
	VEC(struct replay_entry) entry;
	bool replay;
	/* --record */
	const char *record_path;
	struct buf recorded;
	VEC(struct replay_entry) line;
};

/* fresh: what the store had before is not taken. */
int replies_open(struct replies *r, struct store *store, bool fresh, const char *folder,
		 bool replay, struct arena *a, struct err *err) MUST_USE;
/* `call` is the call's digest, `key` what the store knows it by (run/programid.h).
 * 1 with *out (initialised by the caller) filled, 0: call; with --replay 1 and a failure when it is not
 * there; -1. */
int replies_get(struct replies *r, const struct digest *call, const struct digest *key, struct reply *out,
		struct arena *a, struct err *err) MUST_USE;
int replies_put(struct replies *r, const struct digest *call, const struct digest *key,
		const struct reply *reply, struct err *err) MUST_USE;
/* Write --record's file. */
int replies_close(struct replies *r, struct err *err) MUST_USE;

#endif
