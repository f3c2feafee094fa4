/* From bytes to records: the head out of record.json, outcomes one line at a time.  What was
 * edited by hand is found: the outcomes must have the digest and the count that the head
 * names (ERR_TRUST). */
#ifndef RECORD_RECORD_READ_H
#define RECORD_RECORD_READ_H

#include "record/record.h"

int record_read_head(struct record *out, struct str text, const char *file, struct arena *a,
		     struct err *err) MUST_USE;

/* One line without its LF. */
int record_read_outcome(struct outcome *out, const struct record *head, struct str line,
			struct arena *a, struct err *err) MUST_USE;

/* A record on disk: PATH is record.json, or the folder that holds it; outcomes.jsonl lies
 * beside it.  The outcomes' digest is verified here, in one pass. */
struct record_file {
	struct record head;
	struct outcomes outcomes; /* streams the file; needs the arena given to open */
	const char *folder;
};
int record_open(struct record_file *out, const char *path, struct arena *a, struct err *err)
	MUST_USE;
/* The same of a record that this process has just written: not verified again. */
int record_open_own(struct record_file *out, const char *path, struct arena *a, struct err *err)
	MUST_USE;

#endif
