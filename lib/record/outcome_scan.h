/* struct outcome_scan: reads lines of outcomes.jsonl for deciding, without a tree: where a sample
 * belongs, its status, weight, tags, its cells' states and values, when its call began and whether it
 * was reused.  Reasons, answers, usage and the rest
 * stay empty.  It may refuse anything, and reads nothing that record_read_outcome reads
 * otherwise: a line that it refuses is read by that. */
#ifndef RECORD_OUTCOME_SCAN_H
#define RECORD_OUTCOME_SCAN_H

#include "record/record.h"

struct outcome_scan;

/* `head` must outlive it. */
struct outcome_scan *outcome_scan_new(const struct record *head, struct arena *a);
/* Texts point into the line or, with escapes in them, into the arena. */
bool outcome_scan_line(struct outcome_scan *s, struct outcome *out, struct str line, struct arena *a)
	MUST_USE;

#endif
