/* Which record a person means: a folder, its record.json, a run id of the store, the beginning of
 * one, or "last".  Nothing is created: a store that is not there is an error. */
#ifndef GATE_RECORDREF_H
#define GATE_RECORDREF_H

#include "base/arena.h"
#include "base/err.h"
#include "store/history.h"

/* A path for record_open. */
int recordref_find(const char **path, const char *word, const char *store, struct arena *a,
		   struct err *err) MUST_USE;
/* The store in that folder, which must be there. */
int recordref_store(struct store **out, const char *store, struct arena *a, struct err *err) MUST_USE;
/* The newest `limit` runs of the store in that folder. */
int recordref_history(struct store_run **run, size_t *n, const char *store, size_t limit,
		      struct arena *a, struct err *err) MUST_USE;
/* chdir for -C; NULL stays. */
int recordref_go(const char *dir, struct err *err) MUST_USE;

#endif
