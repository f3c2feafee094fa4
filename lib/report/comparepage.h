/* struct comparepage: what the parts of compare's view for people share while one is written: harmless
 * copies of foreign text, lines that go on below where the terminal ends, cells of a table.  For
 * lib/report/compareview_console.c and the frontier only; it owns an arena that ends with the page. */
#ifndef REPORT_COMPAREPAGE_H
#define REPORT_COMPAREPAGE_H

#include "report/compareview.h"
#include "report/textw.h"

struct comparepage {
	struct textw w;
	const struct compare *c;
	const char *dots, *arrow, *minus;
	struct arena arena;
};

struct comparepage_part {
	enum paint paint;
	const char *text;
	int columns; /* at least */
};

/* Harmless copies. */
const char *comparepage_safe(struct comparepage *p, const char *s);
const char *comparepage_safe_str(struct comparepage *p, struct str s);
void comparepage_end(struct comparepage *p);
void comparepage_widen(int *width, const char *s);
/* Parts of a line, which go on below where it is full. */
void comparepage_parts(struct comparepage *p, const struct comparepage_part *v, size_t n);
/* Cells two blanks apart, negative widths set at the right; trailing blanks are not written. */
void comparepage_cells(struct comparepage *p, const char *const *text, const int *width,
		       const enum paint *paint, size_t n);
/* A mark, and foreign text wrapped behind it. */
void comparepage_note(struct comparepage *p, enum paint paint, const char *mark, const char *text);
/* The frontier of one suite. */
void comparepage_front(struct comparepage *p, const struct pareto *t);

#endif
