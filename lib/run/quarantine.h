/* What people are told of cases in quarantine: each run notes who keeps which cases out until when and
 * why, and that little is left where most of a suite is out; `gate check` also warns of what ends
 * soon, has ended or has no owner.  Whether a case counts is decided by plan_quarantined alone. */
#ifndef RUN_QUARANTINE_H
#define RUN_QUARANTINE_H

#include "run/run.h"

enum { QUARANTINE_WARNINGS = 20 };

/* Append to the record's notes; reads datasets that have a quarantine again. */
int quarantine_notes(const struct run *r, json_t *notes, struct err *err) MUST_USE;
/* Warnings on one case; *told counts them over a suite, and the first QUARANTINE_WARNINGS are told. */
void quarantine_warn(const struct run *r, const struct tcase *c, size_t *told, struct diags *d);

#endif
