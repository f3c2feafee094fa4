/* struct textw: plain text for terminals and logs.  Everything that came from an artifact, a
 * model, a server or a record goes through text_safe first: control characters, bidirectional
 * overrides, tags and bad UTF-8 become visible, what a CI runner would take for a command is broken
 * up, and where the terminal cannot show UTF-8 the rest becomes ASCII.  It owns no text. */
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
/* Hostile text that starts in column `from` and goes on over lines that begin with `indent` blanks,
 * as wide as the terminal; on one line where there is no terminal. */
void textw_wrap(struct textw *w, struct str s, unsigned from, unsigned indent);
/* Hostile text of many lines, each behind `indent` blanks and a bar. */
void textw_block(struct textw *w, struct str s, unsigned indent);
/* Our own text, or what text_safe has made harmless, without colour codes in it. */
void textw_put(struct textw *w, enum paint p, const char *s);
/* The same, filled with blanks to `columns`; negative: set at the right. */
void textw_cell(struct textw *w, enum paint p, const char *s, int columns);

/* JSON text in which no CI runner finds a command, and every reader the same document. */
void textw_put_json(struct sink *out, struct str json);

/* Hostile bytes as harmless ones on one line, into out; as ASCII alone when !utf8. */
void text_safe(struct buf *out, struct str s, bool utf8);
/* One code point of it, for the writers of other formats. */
bool text_steers(uint32_t c);
/* Does "##vso[", "##teamcity[" or "##[" begin at the first byte? */
bool text_is_ci_mark(struct str s);
/* Columns that s takes on a terminal: wide characters count twice, combining ones not. */
unsigned text_width(struct str s);
/* The longest prefix that is at most `columns` wide. */
struct str text_fit(struct str s, unsigned columns);

#endif
