/* mdw: Markdown as GitHub and GitLab render it.  Foreign text only ever stands in code: there no
 * mention, link, image, reference or HTML comes alive.  A fence is longer than any run of backticks
 * inside, a table's pipes are escaped, a line never begins with foreign text.  Everything is
 * appended to a buf that the caller owns. */
#ifndef REPORT_MDW_H
#define REPORT_MDW_H

#include "base/buf.h"

/* Foreign text as a code span of one line, for paragraphs, lists and table cells; what is longer
 * than `max` bytes is cut and says so. */
void mdw_code(struct buf *out, struct str s, size_t max);
/* The same inside of raw HTML, as <summary> is. */
void mdw_html_code(struct buf *out, struct str s, size_t max);

#endif
