#include "doc/doc.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "doc/doc_read.h"
#include "doc/pointer.h"

enum doc_syntax doc_syntax_of(const char *file)
{
	struct str s = str_c(file);
	return str_ends(s, STR(".json")) || str_ends(s, STR(".jsonc")) ? DOC_JSON : DOC_YAML;
}

static const char *syntax_rule(enum doc_syntax syntax)
{
	return syntax == DOC_JSON ? "json-syntax" : "yaml-syntax";
}

/* 0 when the bytes are text that the readers can take. */
static int check_text(struct str text, enum doc_syntax syntax, const char *file, struct diags *d,
		      const struct srcmap *map)
{
	const struct pos top = { .file = file, .line = 1, .col = 1 };
	const char *rule = syntax_rule(syntax);
	if (text.n > DOC_BYTES_MAX) {
		diag_add(d, top, "document-too-large", "this document has %zu bytes, at most %zu are read",
			 text.n, DOC_BYTES_MAX);
		return -1;
	}
	if (str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff")) ||
	    (text.n > 1 && (!text.p[0] != !text.p[1]))) {
		diag_add(d, top, rule, "this file is UTF-16 or UTF-32, expected UTF-8");
		diag_hint(d, "save it as UTF-8, for example with iconv -t UTF-8");
		return -1;
	}
	ptrdiff_t bad = utf8_bad(text);
	if (bad >= 0) {
		diag_add(d, srcmap_pos(map, (size_t)bad), rule, "byte 0x%02x is not UTF-8",
			 (unsigned char)text.p[bad]);
		diag_hint(d, "save the file as UTF-8");
		return -1;
	}
	return 0;
}

int doc_parse(struct doc *out, struct str text, enum doc_syntax syntax, const char *file,
	      struct arena *a, struct diags *d)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.n);
	struct doc doc = {
		.file = arena_cstr(a, str_c(file)),
		.text = arena_str(a, text.n <= DOC_BYTES_MAX ? text : str_sub(text, 0, 0)),
		.syntax = syntax,
	};
	doc.map = srcmap_new(doc.text, doc.file, a);
	if (str_ends(str_c(file), STR(".jsonc"))) {
		diag_add(d, (struct pos){ .file = doc.file }, "json-syntax",
			 "JSON with comments is not read; expected JSON or YAML");
		diag_hint(d, "rename the file to .yaml and write its comments with #");
		return -1;
	}
	if (check_text(text, syntax, doc.file, d, doc.map))
		return -1;
	struct doc_reader r = { .doc = &doc, .arena = a, .diags = d, .errors_before = d->errors };
	json_t *root = syntax == DOC_JSON ? doc_json_read(&r) : doc_yaml_read(&r);
	if (root)
		doc.root = arena_json(a, root);
	if (!root || d->errors != r.errors_before)
		return -1;
	*out = doc;
	return 0;
}

bool doc_reader_count(struct doc_reader *r, size_t n, size_t at)
{
	r->nodes += n;
	if (r->nodes <= DOC_NODES_MAX)
		return true;
	if (!r->stop)
		diag_add(r->diags, srcmap_pos(r->doc->map, at), "document-too-large",
			 "this document has more than %zu values, aliases expanded", DOC_NODES_MAX);
	r->stop = true;
	return false;
}

bool doc_reader_depth(struct doc_reader *r, unsigned depth, size_t at)
{
	if (depth <= DOC_DEPTH_MAX)
		return true;
	if (!r->stop)
		diag_add(r->diags, srcmap_pos(r->doc->map, at), "document-too-deep",
			 "values are nested more than %d deep", DOC_DEPTH_MAX);
	r->stop = true;
	return false;
}

void doc_reader_member(struct doc_reader *r, json_t *object, const char *key, size_t key_at,
		       json_t *value, size_t value_at)
{
	if (json_object_get(object, key)) {
		const struct srcmap_entry *e = srcmap_find(r->doc->map, object, key, 0);
		struct pos first = srcmap_pos(r->doc->map, e ? e->key_at : 0);
		diag_add(r->diags, srcmap_pos(r->doc->map, key_at), "duplicate-key",
			 "key '%s' is here twice, first on line %u, column %u", key, first.line,
			 first.col);
		diag_hint(r->diags, "remove one of the two");
		json_decref(value);
		return;
	}
	if (json_object_set_new_nocheck(object, key, value))
		die_oom();
	srcmap_member(r->doc->map, object, key, key_at, value_at);
}

static struct pos place(const struct doc *d, const struct srcmap_entry *e)
{
	return e ? srcmap_pos(d->map, e->value_at) : (struct pos){ .file = d->file };
}

static const struct srcmap_entry *root_entry(const struct doc *d)
{
	return srcmap_find_self(d->map, NULL);
}

/* Is the container one that `other` brought? */
static bool is_foreign(const struct doc *d, const json_t *container)
{
	return d->other && container && !srcmap_find_self(d->map, container) &&
	       srcmap_find_self(d->other->map, container);
}

const struct doc_graft *doc_graft_find(const struct doc *d, const json_t *object, const char *key)
{
	for (size_t i = 0; key && i < d->ngraft; i++)
		if (d->graft[i].object == object && !strcmp(d->graft[i].key, key))
			return &d->graft[i];
	return NULL;
}

const struct doc *doc_home(const struct doc *d, const json_t *container)
{
	return is_foreign(d, container) ? d->other : d;
}

json_t *doc_copy_object(const struct doc *d, const json_t *object, struct arena *a)
{
	json_t *copy = arena_json(a, json_copy((json_t *)(uintptr_t)object)), *value;
	const struct srcmap_entry *self = srcmap_find_self(d->map, object);
	const char *key;
	if (self)
		srcmap_self(d->map, copy, self->value_at);
	json_object_foreach (copy, key, value) {
		const struct srcmap_entry *e = srcmap_find(d->map, object, key, 0);
		if (e)
			srcmap_member(d->map, copy, key, e->key_at, e->value_at);
	}
	return copy;
}

struct pos doc_pos_of(const struct doc *d, const json_t *container)
{
	d = doc_home(d, container);
	const struct srcmap_entry *e = container ? srcmap_find_self(d->map, container) : NULL;
	return place(d, e ? e : root_entry(d));
}

struct pos doc_pos_member(const struct doc *d, const json_t *object, const char *key)
{
	const struct doc_graft *g = doc_graft_find(d, object, key);
	if (g)
		return doc_pos_item(d->other, g->array, g->index);
	d = doc_home(d, object);
	const struct srcmap_entry *e = object ? srcmap_find(d->map, object, key, 0) : NULL;
	return e ? place(d, e) : doc_pos_of(d, object);
}

struct pos doc_pos_item(const struct doc *d, const json_t *array, size_t index)
{
	d = doc_home(d, array);
	const struct srcmap_entry *e = array ? srcmap_find(d->map, array, NULL, index) : NULL;
	return e ? place(d, e) : doc_pos_of(d, array);
}

struct pos doc_pos_key(const struct doc *d, const json_t *object, const char *key)
{
	const struct doc_graft *g = doc_graft_find(d, object, key);
	if (g)
		return doc_pos_item(d->other, g->array, g->index);
	d = doc_home(d, object);
	const struct srcmap_entry *e = object ? srcmap_find(d->map, object, key, 0) : NULL;
	return e ? srcmap_pos(d->map, e->key_at) : doc_pos_of(d, object);
}

struct pos doc_pos_pointer(const struct doc *d, struct str pointer)
{
	struct arena a = ARENA_INIT;
	const json_t *j = d->root;
	/* The root of a part of a document stands where the document has it. */
	struct pos at = doc_pos_of(d, d->root);
	struct str token;
	size_t i;
	while (j && pointer_next(&pointer, &token, &a)) {
		const json_t *next = NULL;
		if (json_is_object(j) && (next = json_object_getn(j, token.p, token.n)))
			at = doc_pos_member(d, j, token.p);
		else if (json_is_array(j) && pointer_index(token, json_array_size(j), &i) &&
			 (next = json_array_get(j, i)))
			at = doc_pos_item(d, j, i);
		j = next;
	}
	arena_release(&a);
	return at;
}
