/* gate compare --matrix: every combination of prompts, models and parameters that a committed file names,
 * each measured as a run of its own.  All are prepared before the first call, so that a mistake in
 * any of them costs nothing. */
#ifndef GATE_MATRIXRUN_H
#define GATE_MATRIXRUN_H

#include "gate/common.h"
#include "record/record_read.h"
#include "suite/matrix.h"

struct matrixrun {
	struct common common; /* commit, worktree, config, filter … */
	const char *file;     /* path in the tree */
	int64_t timeout_ms, budget_micro; /* 0: no ceiling; of all combinations together */
	bool fresh, allow_exec;
};

/* What was measured, in the order of the matrix. */
struct matrixrun_out {
	struct record_file *record[MATRIX_MAX];
	const char *name[MATRIX_MAX];
	size_t n;
};

/* Returns the worst exit code of the measurements with the records open, or -1; 2 when mistakes were shown;
 * out->n == 0 when it was interrupted. */
int matrixrun_play(struct matrixrun_out *out, const struct gate *g, const struct matrixrun *m,
		   struct err *err) MUST_USE;

#endif
