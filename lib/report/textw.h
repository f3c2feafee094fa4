/* struct textw: plain text for terminals and logs.  Everything that came from an artifact, a
 * model or a server goes through textw_safe: control characters, bidirectional overrides, tags
 * and bad UTF-8 become visible, and no line of it can begin a CI command. */
#ifndef REPORT_TEXTW_H
#define REPORT_TEXTW_H

#include "base/sink.h"
#include "report/report.h"

enum paint { PAINT_NONE, PAINT_BOLD, PAINT_DIM, PAINT_GREEN, PAINT_RED, PAINT_YELLOW };

struct textw {
	struct sink *out;
	const struct report_opts *o;
};

/* Hostile text on one line, at most `columns` wide ("…" marks a cut); 0 = uncut. */
void textw_safe(struct textw *w, struct str s, unsigned columns);
/* Our own text, trusted and without colour codes in it. */
void textw_put(struct textw *w, enum paint p, const char *s);
/* The same, filled with blanks to `columns`; negative: set at the right. */
void textw_cell(struct textw *w, enum paint p, const char *s, int columns);
/* Hostile bytes as harmless ones, into out. */
void text_safe(struct buf *out, struct str s);
/* Columns that s takes on a terminal: wide characters count twice, combining ones not. */
unsigned text_width(struct str s);

#endif
