#include "doc/jsonl.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/doc.h"

void jsonl_init(struct jsonl *r, struct str text, const char *file)
{
	*r = (struct jsonl){ .text = text, .file = file };
	if (str_starts(text, STR("\xef\xbb\xbf")))
		r->next = 3;
}

static bool blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

bool jsonl_next(struct jsonl *r, struct jsonl_row *row)
{
	while (r->next < r->text.n) {
		const char *from = r->text.p + r->next;
		size_t left = r->text.n - r->next;
		const char *end = memchr(from, '\n', left);
		struct str line = { .p = from, .n = end ? (size_t)(end - from) : left };
		size_t offset = r->next;
		r->next += line.n + (end != NULL);
		r->line++;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (blank(line))
			continue;
		row->offset = offset;
		row->length = line.n;
		row->line = r->line;
		row->number++;
		return true;
	}
	return false;
}

/* Read again with the reader that knows places, only for its words. */
static int explain(struct str s, const struct jsonl_row *row, const char *file, const char *why,
		   struct err *err)
{
	struct arena a = ARENA_INIT;
	struct diags d;
	struct doc doc;
	struct pos at = { .file = file, .line = row->line, .col = 1 };
	diags_init(&d, &a);
	if (doc_parse(&doc, s, DOC_JSON, "", &a, &d) && d.list.n) {
		at.col = d.list.v[0].at.col;
		err_at(err, at, "%s", d.list.v[0].msg);
	} else {
		err_at(err, at, "the row is no JSON: %s", why);
	}
	arena_release(&a);
	return -1;
}

json_t *jsonl_parse(struct str text, const struct jsonl_row *row, const char *file, struct arena *a,
		    struct err *err)
{
	struct str s = str_sub(text, row->offset, row->offset + row->length);
	const char *why = "";
	struct pos at = { .file = file, .line = row->line, .col = 1 };
	if (s.n > ROW_BYTES_MAX) {
		err_at(err, at, "the row has %zu bytes, at most %zu are read", s.n,
		       ROW_BYTES_MAX);
		return NULL;
	}
	ptrdiff_t bad = utf8_bad(s);
	if (bad >= 0) {
		at.col = (unsigned)utf8_count(str_sub(s, 0, (size_t)bad)) + 1;
		err_at(err, at, "byte 0x%02x is not UTF-8",
		       (unsigned char)s.p[bad]);
		return NULL;
	}
	json_t *j = json_lenient_unique(a, s, &why);
	if (!j)
		explain(s, row, file, why, err);
	return j;
}
