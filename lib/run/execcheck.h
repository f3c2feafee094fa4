/* execcheck: may the targets of this run start programs?  Only by the policy's word, and that word counts
 * only when the change under judgement could not give it to itself (docs/adr/0008). */
#ifndef RUN_EXECCHECK_H
#define RUN_EXECCHECK_H

#include "run/caller.h"
#include "run/run.h"

/* Whatever is refused is a diag at the target's provider or command. */
void execcheck(const struct run *r, struct diags *d);
/* What the record says of programs: they belong to the machine, and no candidate id covers them. */
void execcheck_notes(const struct run *r, json_t *notes);
/* What programs get of this machine's environment: PATH and what the policy names.  Values are taught to
 * the redactor. */
void execcheck_programs(struct run *r, struct caller_programs *out);
/* Does any target of this run start programs? */
bool execcheck_any(const struct run *r);

#endif
