/* What the store's history says of cases, for people: the list of flaky ones, and how one case did in the
 * last runs.  Case ids are foreign text and are made harmless here. */
#ifndef GATE_FLAKY_H
#define GATE_FLAKY_H

#include "gate/cmd.h"
#include "report/textw.h"
#include "store/history.h"

/* The flaky cases of the store, of one suite or (NULL) of all, at most `limit`. */
int flaky_list(const struct gate *g, const char *store, const char *suite, size_t limit, bool json,
	       struct err *err) MUST_USE;
/* The history of a case below its view; nothing where the store has none or cannot be read. */
void flaky_case(const struct gate *g, struct textw *w, struct store *s, const struct record *r,
		const struct outcome *o);

#endif
