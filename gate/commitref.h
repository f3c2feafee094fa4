/* Which record a person means who may name a commit as well: what recordref.h finds comes first, else
 * the newest finished run of that commit in the store.  Nothing is run and nothing created. */
#ifndef GATE_COMMITREF_H
#define GATE_COMMITREF_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

struct commitref_place {
	const char *store, *repo; /* repo NULL: the one around here */
	const char *config;	  /* gate.yaml's path in the tree; NULL: any */
	bool no_owner_check;
};

/* A path for record_open. */
int commitref_find(const char **path, const char *word, const struct commitref_place *place,
		   struct arena *a, struct err *err) MUST_USE;

#endif
