/* JSON Lines: one value a line, blank lines allowed, LF or CRLF, a BOM at the start.  The
 * reader borrows the text; it hands out views of rows and parses one at a time, so a file of
 * any size costs one row of memory.  A row can be parsed again from its offset alone. */
#ifndef DOC_JSONL_H
#define DOC_JSONL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <jansson.h>
#include <stdint.h>

struct jsonl {
	struct str text;
	const char *file;
	size_t next;   /* byte offset of the next line */
	unsigned line; /* lines taken so far */
};

struct jsonl_row {
	size_t offset, length; /* in the text, without the line end */
	unsigned line;         /* from 1 */
	size_t number;         /* rows before this one; blank lines do not count */
};

void jsonl_init(struct jsonl *r, struct str text, const char *file);
/* Find the next row without parsing it; false at the end.  row->number goes on from its old
 * value: start with a zeroed row whose number is SIZE_MAX, or use JSONL_ROW_INIT. */
bool jsonl_next(struct jsonl *r, struct jsonl_row *row);
#define JSONL_ROW_INIT { .number = SIZE_MAX }
/* Parse one row; NULL with a located error.  Duplicate keys and bad UTF-8 are refused; what a
 * recorded answer may hold (lone surrogates, huge numbers) is read as json_lenient does. */
json_t *jsonl_parse(struct str text, const struct jsonl_row *row, const char *file, struct arena *a,
		    struct err *err);

#endif
