/* A sample's trajectory as lines for people: who said what, which tool was called with what and
 * gave what back.  The lines hold foreign text as it is: whoever prints them makes it harmless. */
#ifndef REPORT_TALKVIEW_H
#define REPORT_TALKVIEW_H

#include "base/buf.h"
#include "base/str.h"

#include <jansson.h>

/* Append a line (or more, where texts have them) for each step, at most step_max bytes of each text; 0 = all
 * of them.  Nothing for a trajectory that says no more than question and answer do. */
void talkview_write(struct buf *out, const json_t *trajectory, size_t step_max);

#endif
