/* gate compare --run: both commits measured in one run, their calls alternating, so that a slow or a bad
 * spell hits both.  The record it leaves has the older side as its baseline. */
#ifndef GATE_COMPARERUN_H
#define GATE_COMPARERUN_H

#include "gate/common.h"
#include "record/record_read.h"

struct comparerun {
	struct common common; /* commit and baseline are set from what follows */
	const char *before, *after;
	int64_t timeout_ms, budget_micro; /* 0: no ceiling */
	bool fresh, allow_exec;
};

/* Returns the exit code of the measurement with *f open, or -1; 2 when mistakes were shown. */
int comparerun_play(struct record_file *f, const struct gate *g, const struct comparerun *c,
		    struct err *err) MUST_USE;

#endif
