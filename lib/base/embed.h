/* Files the binary carries: schemas, manual pages, the fixtures of `gate init`.  The build puts
 * their bytes into read-only data (Makefile, EMBED); this is how they are found again by name.
 * Views returned here live as long as the program and are never freed or written to.
 *
 *   docs/schema/gate.schema.json  is  "schema/gate.schema.json"
 *   docs/man/gate-run.1           is  "man/gate-run.1", as plain text of 78 columns (lib/mdoc.awk)
 *   docs/thresholds.md            is  "thresholds.md"; docs/scorers/judge.md is "scorers/judge.md"
 *   fixtures/init/…               is  "init/…"
 *   lib/<module>/data/…           is  "<module>/…"
 */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/str.h"

/* The bytes under exactly this name; false, and *bytes untouched, when there is none. */
bool embed_find(const char *name, struct str *bytes);

/* The names in bytewise order: the one at `at`, or NULL past the last. */
const char *embed_name(size_t at);

#endif
