/* Where AWS is called: the region and the endpoints of every target that a provider of AWS's plays, from the
 * target's own settings, its ARN, or the operator's environment and profile.  Files of the
 * operator are read, nothing is called. */
#ifndef RUN_AWSPLACE_H
#define RUN_AWSPLACE_H

#include "run/run.h"

/* Fill in endpoint.aws and endpoint.place.  Two different regions, one that is none, settings that make no
 * sense, and no region at all for a target that this run calls are located errors. */
void awsplace_resolve(struct run *r, struct diags *d);
/* For the record: target → place; NULL when none is AWS's. */
const json_t *awsplace_record(const struct run *r);

#endif
