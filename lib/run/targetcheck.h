/* Each target's settings against its provider's own schema, and what a call cannot do without: what
 * a provider would ignore or refuse is an error with its place, before anything is spent. */
#ifndef RUN_TARGETCHECK_H
#define RUN_TARGETCHECK_H

#include "run/run.h"

/* After the providers are bound. */
void targetcheck(const struct run *r, struct diags *d);

#endif
