/* Any bytes as gate.policy.yaml: a policy, or at least one error; a stage without a blocking
 * threshold or demands never comes out. */
#include "base/arena.h"
#include "verdict/policy.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static void check_stage(const struct stage *s)
{
	bool blocking = false;
	for (size_t i = 0; i < s->nthreshold; i++)
		blocking |= s->threshold[i].blocking;
	demand(s->kind == STAGE_RUNNABLE ? s->nsuite && blocking : s->nneeds || s->approvals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct diags d;
	struct doc doc;
	struct policy p;
	if (size > 65536)
		return 0;
	diags_init(&d, &a);
	struct str text = { .p = (const char *)data, .n = size };
	if (policy_read(&p, &doc, text, "gate.policy.yaml", &a, &d)) {
		demand(d.errors > 0);
	} else {
		demand(!d.errors && p.nstage && p.confidence >= 0.5 && p.confidence < 1);
		for (size_t i = 0; i < p.nstage; i++)
			check_stage(&p.stage[i]);
	}
	arena_release(&a);
	return 0;
}
