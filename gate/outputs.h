/* Where reports go: -o FILE (format by extension), --format for standard output.  Every file is
 * tried for writing before anything is spent. */
#ifndef GATE_OUTPUTS_H
#define GATE_OUTPUTS_H

#include "gate/cmd.h"
#include "report/report.h"

struct output {
	const char *path; /* "-" is standard output */
	const struct reporter_ops *reporter;
};

struct outputs {
	VEC(struct output) list;
	const struct reporter_ops *screen; /* what standard output shows */
	bool quiet, verbose;
};

/* `files` as given by -o, `format` by --format (NULL: console). */
int outputs_init(struct outputs *o, const struct gate *g, const struct opt_list *files,
		 const char *format, bool quiet, bool verbose, struct err *err) MUST_USE;
/* Write them all from the record in `folder` or, without one, from the head alone with `it`. */
int outputs_write(const struct outputs *o, const struct gate *g, const struct record *head,
		  struct outcomes *it, const char *folder, struct err *err) MUST_USE;

#endif
