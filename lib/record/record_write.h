/* From records to bytes: one outcome as one line of outcomes.jsonl, the head as record.json.
 * Both formats have published schemas (docs/schema/record.schema.json, outcome.schema.json).
 * Numbers are written so that they read back bit for bit.  Everything that may differ between two runs
 * of the same thing stands under "times". */
#ifndef RECORD_RECORD_WRITE_H
#define RECORD_RECORD_WRITE_H

#include "base/buf.h"
#include "record/record.h"

/* Append the outcome's line, LF included. */
void record_write_outcome(struct buf *out, const struct record *head, const struct outcome *o);
/* Append the head as indented JSON, LF at the end. */
void record_write_head(struct buf *out, const struct record *head);
/* Append one finding as it stands in the head. */
void record_write_finding(struct buf *out, const struct finding *f);

#endif
