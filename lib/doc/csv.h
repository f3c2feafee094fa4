/* CSV by RFC 4180: a header and rows of as many fields, quoted fields with doubled quotes and
 * line ends inside, LF or CRLF, a BOM at the start, any one-byte delimiter.  The reader
 * borrows the text and holds one row.  A row can be read again from its offset and the header
 * alone. */
#ifndef DOC_CSV_H
#define DOC_CSV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <jansson.h>
#include <stdint.h>

struct csv {
	struct str text;
	const char *file;
	char delimiter;
	size_t next;      /* byte offset of the next row */
	unsigned line;    /* line on which it starts, from 1 */
	size_t rows;      /* data rows handed out */
	struct str *name; /* the header's fields */
	size_t ncol;
};

struct csv_row {
	size_t offset, length; /* in the text, without the line end */
	unsigned line;
	size_t number; /* from 0, the header not counted */
	struct str *field;
	size_t n;
};

/* Reads the header: names must be there, different, and valid UTF-8.  delimiter 0 means ','. */
int csv_open(struct csv *c, struct str text, char delimiter, const char *file, struct arena *a,
	     struct err *err) MUST_USE;
/* 1 and a row whose fields live in `a`, 0 at the end, -1 with a located error. */
int csv_next(struct csv *c, struct csv_row *row, struct arena *a, struct err *err) MUST_USE;
/* Read the row at row->offset again (row->line and number are kept). */
int csv_at(const struct csv *c, struct csv_row *row, struct arena *a, struct err *err) MUST_USE;
/* The row as an object of strings in the header's order. */
json_t *csv_object(const struct csv *c, const struct csv_row *row, struct arena *a);

#endif
