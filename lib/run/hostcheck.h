/* Each target that this run calls against the policy's trust.hosts, before anything is spent: a host that is not
 * listed would fail every call.  Its request is made, never sent. */
#ifndef RUN_HOSTCHECK_H
#define RUN_HOSTCHECK_H

#include "run/run.h"

/* After the cases are chosen.  An error where calls are about to be made, else a warning: the endpoints that an
 * operator sets may be set where gate runs, and not here. */
void hostcheck(struct run *r, struct diags *d);

#endif
