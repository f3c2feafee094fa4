/* What a group of record.failures says in one line each: what it makes of a threshold's gap, and
 * where its samples are alike.  Plain text with foreign parts in it: the caller escapes it. */
#ifndef REPORT_FAILVIEW_H
#define REPORT_FAILVIEW_H

#include "base/arena.h"
#include "base/buf.h"
#include "record/record.h"

/* "answers/correct: does not contain '…'": which group. */
void failview_name(struct buf *out, const json_t *group);
/* "correct.mean lacks 0.185 (37 cases): these cost 0.285, 154 % of it"; nothing for no share. */
void failview_gap(struct buf *out, const struct record *r, const json_t *share);
/* The gap that the group stands by; NULL when no threshold on its metric missed. */
const json_t *failview_first(const json_t *group);
/* "37 of 57 in category=refunds, which is 26 % of the suite; 5 of 5 answers begin 'I am not'". */
void failview_where(struct buf *out, const json_t *group);

#endif
