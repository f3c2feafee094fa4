/* One sample for a person: prompt, answer, every score with its reason, usage and times.  All of it
 * is foreign text and goes through textw. */
#ifndef REPORT_CASEVIEW_H
#define REPORT_CASEVIEW_H

#include "report/textw.h"

void caseview_write(struct textw *w, const struct record *r, const struct outcome *o);

#endif
