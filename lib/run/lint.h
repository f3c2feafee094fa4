/* What `gate check` looks for beyond what a run needs: cases that say the same twice, credentials
 * in anything committed, personal data in datasets and prompts.  Reads; never changes the plan.
 * A suite's `allow: [pii, secrets, duplicates]` names what its datasets hold on purpose. */
#ifndef RUN_LINT_H
#define RUN_LINT_H

#include "run/run.h"

/* After run_prepare.  Credentials are errors in *d, the rest warnings; texts are shown masked. */
int lint(const struct run *r, struct diags *d, struct err *err) MUST_USE;

#endif
