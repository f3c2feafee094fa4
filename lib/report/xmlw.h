/* struct xmlw: XML 1.0 straight into a sink, with constant memory.  Every text passes through
 * xmlw_escape: markup is escaped, what XML forbids or a terminal obeys becomes visible, and no line
 * begins with foreign text.  Element and attribute names are ours and borrowed. */
#ifndef REPORT_XMLW_H
#define REPORT_XMLW_H

#include "base/buf.h"
#include "base/sink.h"

enum { XMLW_DEPTH = 8 };

struct xmlw {
	struct sink *out;
	const char *open[XMLW_DEPTH];
	unsigned depth;
	bool in_tag;  /* attributes may follow */
	bool in_text; /* the innermost element has text: no indentation before its end */
};

/* The XML declaration. */
void xmlw_begin(struct xmlw *w, struct sink *out);
void xmlw_open(struct xmlw *w, const char *name);
void xmlw_attr(struct xmlw *w, const char *name, struct str value);
void xmlw_attr_n(struct xmlw *w, const char *name, size_t value);
/* Seconds as a plain decimal number, whatever the size. */
void xmlw_attr_seconds(struct xmlw *w, const char *name, double seconds);
void xmlw_text(struct xmlw *w, struct str s);
void xmlw_close(struct xmlw *w);

/* Any bytes as character data that is good in attributes and in content. */
void xmlw_escape(struct buf *out, struct str s);

#endif
