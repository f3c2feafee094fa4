/* The progress of a run on standard error: one moving line on a terminal, which leaves no trace where
 * the report follows on the same screen; one plain line per finished suite (and every few seconds)
 * elsewhere; nothing with --quiet. */
#ifndef GATE_PROGRESS_H
#define GATE_PROGRESS_H

#include "gate/cmd.h"
#include "run/run.h"

struct progress_view {
	struct progress progress;
	const struct gate *gate;
	bool quiet, line_open, passing; /* passing: finished suites leave no line */
	int64_t start_ns, shown_ns;
};

void progress_init(struct progress_view *v, const struct gate *g, bool quiet);
/* Leave the terminal clean. */
void progress_end(struct progress_view *v);

#endif
