#include "doc/csv.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/jsonx.h"

/* Reads one row of text from `i` on; counts lines as it goes. */
struct csv_scan {
	struct str s;
	size_t i;
	unsigned line;
	char delimiter;
	const char *file;
	struct arena *arena;
};

static bool at_line_end(const struct csv_scan *c)
{
	return c->i >= c->s.n || c->s.p[c->i] == '\n' ||
	       (c->s.p[c->i] == '\r' && (c->i + 1 == c->s.n || c->s.p[c->i + 1] == '\n'));
}

static int fail(const struct csv_scan *c, size_t row, const char *what, unsigned line,
		struct err *err)
{
	size_t from = c->i < c->s.n ? c->i : c->s.n;
	while (from && c->s.p[from - 1] != '\n')
		from--;
	struct pos at = { .file = c->file, .line = line };
	if (line == c->line)
		at.col = (unsigned)utf8_count(str_sub(c->s, from, c->i)) + 1;
	return err_at(err, at, "row %zu: %s", row + 1, what);
}

/* The end of a quoted field; its quotes halved when there are any. */
static int quoted(struct csv_scan *c, struct str *out, size_t row, struct err *err)
{
	size_t from = ++c->i, doubled = 0;
	unsigned line = c->line;
	for (;; c->i++) {
		if (c->i >= c->s.n)
			return fail(c, row, "a quoted field is never closed", line, err);
		if (c->s.p[c->i] == '\n')
			c->line++;
		if (c->s.p[c->i] != '"')
			continue;
		if (c->i + 1 >= c->s.n || c->s.p[c->i + 1] != '"')
			break;
		doubled++;
		c->i++;
	}
	*out = str_sub(c->s, from, c->i++);
	if (doubled) {
		char *text = arena_alloc(c->arena, out->n + 1);
		size_t n = 0;
		for (size_t i = 0; i < out->n; i++) {
			text[n++] = out->p[i];
			i += out->p[i] == '"';
		}
		*out = (struct str){ .p = text, .n = n };
	}
	if (!at_line_end(c) && c->s.p[c->i] != c->delimiter)
		return fail(c, row, "text follows a closed quote; double the quotes inside of a field",
			    c->line, err);
	return 0;
}

static int bare(struct csv_scan *c, struct str *out, size_t row, struct err *err)
{
	size_t from = c->i;
	for (; !at_line_end(c) && c->s.p[c->i] != c->delimiter; c->i++)
		if (c->s.p[c->i] == '"')
			return fail(c, row, "a quote stands inside of a field that does not start with one",
				    c->line, err);
	*out = str_sub(c->s, from, c->i);
	return 0;
}

static int scan_row(struct csv_scan *c, struct csv_row *row, struct err *err)
{
	VEC(struct str) field = { .n = 0 };
	size_t start = c->i;
	for (;;) {
		struct str f;
		bool has_quote = c->i < c->s.n && c->s.p[c->i] == '"';
		if (has_quote ? quoted(c, &f, row->number, err) : bare(c, &f, row->number, err))
			return -1;
		if (c->i - start > ROW_BYTES_MAX)
			return fail(c, row->number, "too long; is a quote missing?", row->line, err);
		if (utf8_bad(f) >= 0)
			return fail(c, row->number, "bytes that are not UTF-8", c->line, err);
		*vec_push(&field, c->arena) = f;
		if (at_line_end(c))
			break;
		c->i++;
	}
	row->offset = start;
	row->length = c->i - start;
	row->field = field.v;
	row->n = field.n;
	return 0;
}

static void skip_line_end(struct csv_scan *c)
{
	if (c->i < c->s.n && c->s.p[c->i] == '\r')
		c->i++;
	if (c->i < c->s.n && c->s.p[c->i] == '\n') {
		c->i++;
		c->line++;
	}
}

static struct csv_scan scan_of(const struct csv *c, struct arena *a)
{
	return (struct csv_scan){ .s = c->text,
				  .i = c->next,
				  .line = c->line,
				  .delimiter = c->delimiter,
				  .file = c->file,
				  .arena = a };
}

static int check_header(const struct csv *c, struct err *err)
{
	struct pos at = { .file = c->file, .line = 1, .col = 1 };
	for (size_t i = 0; i < c->ncol; i++) {
		if (!c->name[i].n || memchr(c->name[i].p, 0, c->name[i].n))
			return err_at(err, at, "column %zu has no name; the first line names the columns",
				      i + 1);
		for (size_t k = 0; k < i; k++)
			if (str_eq(c->name[i], c->name[k]))
				return err_at(err, at, "column name '%.*s' is here twice",
					      STR_ARGS(c->name[i]));
	}
	return 0;
}

int csv_open(struct csv *out, struct str text, char delimiter, const char *file, struct arena *a,
	     struct err *err)
{
	struct csv c = { .text = text, .file = file, .delimiter = delimiter ? delimiter : ',', .line = 1 };
	struct csv_row row = { .line = 1 };
	if (str_starts(text, STR("\xef\xbb\xbf")))
		c.next = 3;
	if (strchr("\"\r\n", c.delimiter))
		return err_set(err, ERR_ARTIFACT, "a quote or a line end cannot be the delimiter");
	struct csv_scan s = scan_of(&c, a);
	if (s.i >= text.n)
		return err_at(err, (struct pos){ .file = file, .line = 1, .col = 1 },
			      "this file is empty, expected a line with the names of the columns");
	if (scan_row(&s, &row, err))
		return -1;
	skip_line_end(&s);
	if (row.n > CSV_COLUMNS_MAX)
		return err_at(err, (struct pos){ .file = file, .line = 1, .col = 1 },
			      "%zu columns are too many, at most %d are read", row.n, CSV_COLUMNS_MAX);
	c.next = s.i;
	c.line = s.line;
	c.name = row.field;
	c.ncol = row.n;
	if (check_header(&c, err))
		return -1;
	*out = c;
	return 0;
}

static int check_width(const struct csv *c, const struct csv_row *row, struct err *err)
{
	if (row->n == c->ncol)
		return 0;
	return err_at(err, (struct pos){ .file = c->file, .line = row->line, .col = 1 },
		      "row %zu has %zu fields, expected %zu as in the first line", row->number + 1,
		      row->n, c->ncol);
}

int csv_next(struct csv *c, struct csv_row *row, struct arena *a, struct err *err)
{
	struct csv_scan s = scan_of(c, a);
	/* Lines without a byte are no rows, unless one empty field is what a row is. */
	while (s.i < s.s.n && at_line_end(&s) && c->ncol > 1)
		skip_line_end(&s);
	if (s.i >= s.s.n)
		return 0;
	struct csv_row r = { .line = s.line, .number = c->rows };
	if (scan_row(&s, &r, err) || check_width(c, &r, err))
		return -1;
	skip_line_end(&s);
	c->next = s.i;
	c->line = s.line;
	c->rows++;
	*row = r;
	return 1;
}

int csv_at(const struct csv *c, struct csv_row *row, struct arena *a, struct err *err)
{
	struct csv_scan s = scan_of(c, a);
	s.i = row->offset;
	s.line = row->line;
	struct csv_row r = { .line = row->line, .number = row->number };
	if (scan_row(&s, &r, err) || check_width(c, &r, err))
		return -1;
	*row = r;
	return 0;
}

json_t *csv_object(const struct csv *c, const struct csv_row *row, struct arena *a)
{
	json_t *object = arena_json(a, json_object());
	for (size_t i = 0; i < c->ncol && i < row->n; i++)
		if (json_object_setn_new_nocheck(object, c->name[i].p, c->name[i].n,
						 json_from_str(row->field[i])))
			die_oom();
	return object;
}
