/* struct reporter_ops: a view of a record.  A reporter gets the head, an iterator over the
 * outcomes and a sink; it never runs, decides, reads a clock or touches the world, so any report
 * can be rebuilt from the record later.  Model text is hostile: it passes the typed writer of the
 * format.  Adding one: a file report_<name>.c and a line in reporters.def. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/err.h"
#include "base/sink.h"
#include "record/record.h"

struct report_opts {
	bool color, utf8;   /* of the terminal that will show it; files: false, true */
	unsigned width;     /* columns; 0 = a log, as wide as needed */
	bool quiet;         /* failures only */
	bool verbose;
	const char *folder; /* where the record lies, for "more in …"; or NULL */
};

struct reporter_ops {
	const char *name, *help;
	const char *extension; /* ".json"; the longest match of a file's name wins */
	int (*write)(struct sink *out, const struct record *head, struct outcomes *it,
		     const struct report_opts *o, struct err *err);
};

/* By name, or by a file's name; NULL when none fits. */
const struct reporter_ops *reporter_find(struct str name);
const struct reporter_ops *reporter_for_file(const char *path);
/* All of them, NULL-terminated. */
const struct reporter_ops *const *reporter_all(void);

#endif
