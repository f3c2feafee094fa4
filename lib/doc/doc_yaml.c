/* YAML through libyaml's events.  An alias shares the tree of its anchor; sizes and depths of
 * anchored trees are kept so that the caps hold for what a walker would see. */
#include "base/limits.h"
#include "base/map.h"
#include "doc/doc_read.h"
#include "doc/doc_scalar.h"
#include "doc/yaml_words.h"

#include <yaml.h>

struct anchor {
	json_t *value; /* borrowed; NULL while it is being read */
	size_t nodes;
	unsigned height;
};

struct yaml_reader {
	struct doc_reader *r;
	yaml_parser_t parser;
	yaml_event_t event;
	bool loaded;        /* `event` holds one */
	size_t chars, bytes; /* a place both as libyaml counts and as we do */
	struct map anchors;
	unsigned height; /* of the value read last */
};

/* libyaml counts characters; events come in order, so one cursor converts them. */
static size_t offset_of(struct yaml_reader *y, yaml_mark_t mark)
{
	struct str s = y->r->doc->text;
	if (mark.index < y->chars)
		y->chars = y->bytes = 0;
	while (y->chars < mark.index && y->bytes < s.n) {
		y->bytes++;
		while (y->bytes < s.n && ((unsigned char)s.p[y->bytes] & 0xc0) == 0x80)
			y->bytes++;
		y->chars++;
	}
	return y->bytes;
}

static PRINTF_LIKE(3, 4) void mistake(struct yaml_reader *y, size_t at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *msg = arena_vfmt(y->r->arena, fmt, ap);
	va_end(ap);
	diag_add(y->r->diags, srcmap_pos(y->r->doc->map, at), "yaml-syntax", "%s", msg);
}

static void parser_mistake(struct yaml_reader *y)
{
	const yaml_parser_t *p = &y->parser;
	struct str s = y->r->doc->text;
	size_t at = p->error == YAML_READER_ERROR ? p->problem_offset : offset_of(y, p->problem_mark);
	const struct yaml_words *w = yaml_words(p->problem, p->context, at < s.n ? s.p[at] : '\0');
	y->r->stop = true;
	if (p->error == YAML_READER_ERROR || !p->context ||
	    p->context_mark.line == p->problem_mark.line) {
		mistake(y, at, "%s", w->msg);
	} else {
		struct pos from = srcmap_pos(y->r->doc->map, offset_of(y, p->context_mark));
		mistake(y, at, "%s; what it belongs to starts on line %u, column %u", w->msg,
			from.line, from.col);
	}
	if (w->hint)
		diag_hint(y->r->diags, "%s", w->hint);
}

static bool next(struct yaml_reader *y)
{
	if (y->loaded)
		yaml_event_delete(&y->event);
	y->loaded = false;
	if (y->r->stop)
		return false;
	if (!yaml_parser_parse(&y->parser, &y->event)) {
		parser_mistake(y);
		return false;
	}
	y->loaded = true;
	return true;
}

static struct str scalar_text(const yaml_event_t *e)
{
	return (struct str){ .p = (const char *)e->data.scalar.value, .n = e->data.scalar.length };
}

static json_t *plain(struct yaml_reader *y, struct str s, size_t at)
{
	enum scalar_problem why;
	json_t *j = scalar_resolve(s, &why);
	int shown = (int)(s.n > 60 ? 60 : s.n);
	if (why == SCALAR_NOT_FINITE)
		mistake(y, at, "'%.*s' is no finite number, and JSON cannot hold it", shown, s.p);
	else if (why == SCALAR_TOO_LARGE)
		mistake(y, at, "number '%.*s' is too large to be held exactly", shown, s.p);
	if (why)
		diag_hint(y->r->diags, "quote it if it is text");
	return j ? j : json_null();
}

/* Is the tag absent or the core schema's `name`?  A foreign tag is a mistake. */
static bool tag_known(struct yaml_reader *y, const yaml_char_t *tag, size_t at)
{
	static const char *const core[] = { "str", "int", "float", "bool", "null", "map", "seq" };
	static const char prefix[] = "tag:yaml.org,2002:";
	const char *t = (const char *)tag;
	if (!t || !strcmp(t, "!"))
		return true;
	if (!strncmp(t, prefix, sizeof(prefix) - 1))
		for (size_t i = 0; i < ARRAY_LEN(core); i++)
			if (!strcmp(t + sizeof(prefix) - 1, core[i]))
				return true;
	mistake(y, at, "tag '%.80s' is not read here", t);
	diag_hint(y->r->diags, "remove the tag; only YAML's core types are known");
	return false;
}

static bool tag_fits(const char *tag, const json_t *j)
{
	if (!strcmp(tag, "int"))
		return json_is_integer(j);
	if (!strcmp(tag, "float"))
		return json_is_number(j);
	if (!strcmp(tag, "bool"))
		return json_is_boolean(j);
	return !strcmp(tag, "null") && json_is_null(j);
}

static json_t *scalar(struct yaml_reader *y, size_t at)
{
	const yaml_event_t *e = &y->event;
	const char *tag = (const char *)e->data.scalar.tag;
	struct str s = scalar_text(e);
	if (!tag_known(y, e->data.scalar.tag, at))
		return json_null();
	if (e->data.scalar.plain_implicit && !tag)
		return plain(y, s, at);
	const char *name = tag ? strrchr(tag, ':') : NULL;
	if (!name || !strcmp(name + 1, "str"))
		return json_from_str(s);
	json_t *j = plain(y, s, at);
	if (!tag_fits(name + 1, j))
		mistake(y, at, "'%.*s' is no %s, as its tag says", (int)(s.n > 60 ? 60 : s.n), s.p,
			name + 1);
	return j;
}

static struct anchor *anchor_put(struct yaml_reader *y, const yaml_char_t *name)
{
	if (!name)
		return NULL;
	struct anchor *a = arena_new(y->r->arena, struct anchor);
	map_put(&y->anchors, str_c((const char *)name), a);
	return a;
}

static json_t *alias(struct yaml_reader *y, unsigned depth, size_t at)
{
	const char *name = (const char *)y->event.data.alias.anchor;
	const struct anchor *a = map_get(&y->anchors, str_c(name));
	if (!a || !a->value) {
		mistake(y, at, a ? "alias '*%s' stands inside of what it names" :
				   "alias '*%s' names no anchor above it", name);
		diag_hint(y->r->diags, "quote a value that starts with '*'");
		return json_null();
	}
	y->height = a->height;
	if (!doc_reader_count(y->r, a->nodes - 1, at) ||
	    !doc_reader_depth(y->r, depth + a->height - 1, at))
		return json_null();
	return json_incref(a->value);
}

static json_t *value(struct yaml_reader *y, unsigned depth, size_t at);

static json_t *sequence(struct yaml_reader *y, unsigned depth, size_t at)
{
	json_t *array = json_array();
	unsigned height = 0;
	srcmap_self(y->r->doc->map, array, at);
	while (next(y) && y->event.type != YAML_SEQUENCE_END_EVENT) {
		size_t item = offset_of(y, y->event.start_mark);
		json_t *v = value(y, depth + 1, item);
		srcmap_item(y->r->doc->map, array, json_array_size(array), item);
		if (json_array_append_new(array, v))
			die_oom();
		if (y->height > height)
			height = y->height;
	}
	y->height = height + 1;
	return array;
}

/* Copy what `from` has and `into` lacks, with its places. */
static void merge_one(struct yaml_reader *y, json_t *into, json_t *from)
{
	struct srcmap *map = y->r->doc->map;
	for (void *it = json_object_iter(from); it; it = json_object_iter_next(from, it)) {
		const char *key = json_object_iter_key(it);
		if (json_object_get(into, key))
			continue;
		const struct srcmap_entry *e = srcmap_find(map, from, key, 0);
		size_t key_at = e ? e->key_at : 0, value_at = e ? e->value_at : 0;
		if (json_object_set_nocheck(into, key, json_object_iter_value(it)))
			die_oom();
		srcmap_member(map, into, key, key_at, value_at);
	}
}

/* The value of `<<`: a mapping or a list of them, earlier ones first. */
static void merge(struct yaml_reader *y, json_t *into, json_t *from, size_t at)
{
	size_t n = json_is_array(from) ? json_array_size(from) : 1;
	for (size_t i = 0; i < n && !y->r->stop; i++) {
		json_t *one = json_is_array(from) ? json_array_get(from, i) : from;
		if (!json_is_object(one)) {
			mistake(y, at, "'<<' needs a mapping, or a list of mappings, to merge");
			return;
		}
		merge_one(y, into, one);
	}
}

/* The text of the key at hand; NULL after a mistake.  *merges: it is a plain `<<`. */
static char *read_key(struct yaml_reader *y, size_t at, bool *merges)
{
	const yaml_event_t *e = &y->event;
	struct str s = { .p = NULL };
	*merges = false;
	if (e->type == YAML_SCALAR_EVENT) {
		s = scalar_text(e);
		*merges = e->data.scalar.plain_implicit && str_eqc(s, "<<");
		tag_known(y, e->data.scalar.tag, at);
		struct anchor *a = anchor_put(y, e->data.scalar.anchor);
		if (a) {
			a->value = arena_json(y->r->arena, scalar(y, at));
			a->nodes = a->height = 1;
		}
	} else if (e->type == YAML_ALIAS_EVENT) {
		const struct anchor *a = map_get(&y->anchors, str_c((char *)e->data.alias.anchor));
		s = json_str(a ? a->value : NULL);
	}
	if (!s.p || memchr(s.p, 0, s.n)) {
		mistake(y, at, s.p ? "a key cannot hold U+0000" :
				     "a key must be text, found a list, a mapping or an alias");
		y->r->stop = true;
		return NULL;
	}
	return arena_cstr(y->r->arena, s);
}

static json_t *mapping(struct yaml_reader *y, unsigned depth, size_t at)
{
	json_t *object = json_object(), *merged = json_array();
	size_t merge_at = 0;
	unsigned height = 0;
	srcmap_self(y->r->doc->map, object, at);
	while (next(y) && y->event.type != YAML_MAPPING_END_EVENT) {
		bool merges;
		size_t key_at = offset_of(y, y->event.start_mark);
		const char *key = read_key(y, key_at, &merges);
		if (!key || !next(y))
			break;
		size_t value_at = offset_of(y, y->event.start_mark);
		json_t *v = value(y, depth + 1, value_at);
		if (y->height > height)
			height = y->height;
		if (!merges) {
			doc_reader_member(y->r, object, key, key_at, v, value_at);
			continue;
		}
		if (json_array_size(merged)) {
			mistake(y, key_at, "key '<<' is here twice");
			diag_hint(y->r->diags, "merge several with '<<: [*a, *b]'");
		}
		merge_at = value_at;
		json_array_append_new(merged, v);
	}
	/* Own keys win, wherever '<<' stands: it is applied last. */
	if (json_array_size(merged))
		merge(y, object, json_array_get(merged, 0), merge_at);
	json_decref(merged);
	y->height = height + 1;
	return object;
}

static json_t *container(struct yaml_reader *y, unsigned depth, size_t at, bool list)
{
	const yaml_char_t *tag = list ? y->event.data.sequence_start.tag : y->event.data.mapping_start.tag;
	const yaml_char_t *name = list ? y->event.data.sequence_start.anchor :
					 y->event.data.mapping_start.anchor;
	struct anchor *a = anchor_put(y, name);
	size_t before = y->r->nodes - 1;
	if (tag_known(y, tag, at) && tag && strcmp((const char *)tag, "!") &&
	    strcmp(strrchr((const char *)tag, ':'), list ? ":seq" : ":map"))
		mistake(y, at, "this %s has the tag of another type", list ? "list" : "mapping");
	json_t *j = list ? sequence(y, depth, at) : mapping(y, depth, at);
	if (a) {
		a->value = arena_json(y->r->arena, json_incref(j));
		a->nodes = y->r->nodes - before;
		a->height = y->height;
	}
	return j;
}

/* The value whose first event is at hand.  Always a value, so that reading goes on. */
static json_t *value(struct yaml_reader *y, unsigned depth, size_t at)
{
	y->height = 1;
	if (!doc_reader_count(y->r, 1, at) || !doc_reader_depth(y->r, depth, at))
		return json_null();
	if (y->event.type == YAML_ALIAS_EVENT)
		return alias(y, depth, at);
	if (y->event.type == YAML_SEQUENCE_START_EVENT || y->event.type == YAML_MAPPING_START_EVENT)
		return container(y, depth, at, y->event.type == YAML_SEQUENCE_START_EVENT);
	json_t *j = scalar(y, at);
	struct anchor *a = anchor_put(y, y->event.data.scalar.anchor);
	if (a) {
		a->value = arena_json(y->r->arena, json_incref(j));
		a->nodes = a->height = 1;
	}
	return j;
}

static json_t *document(struct yaml_reader *y)
{
	/* Stream start, then either its end or the document. */
	if (!next(y) || !next(y))
		return NULL;
	if (y->event.type == YAML_STREAM_END_EVENT) {
		mistake(y, 0, "this file is empty, expected YAML");
		return NULL;
	}
	if (!next(y))
		return NULL;
	size_t at = offset_of(y, y->event.start_mark);
	srcmap_self(y->r->doc->map, NULL, at);
	json_t *root = value(y, 1, at);
	if (next(y) && next(y) && y->event.type == YAML_DOCUMENT_START_EVENT) {
		mistake(y, offset_of(y, y->event.start_mark), "a second document starts here");
		diag_hint(y->r->diags, "keep one document in a file; remove this '---'");
	}
	return root;
}

json_t *doc_yaml_read(struct doc_reader *r)
{
	struct yaml_reader y = { .r = r };
	map_init(&y.anchors, r->arena);
	if (!yaml_parser_initialize(&y.parser))
		die_oom();
	yaml_parser_set_encoding(&y.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y.parser, (const unsigned char *)(r->doc->text.p ? r->doc->text.p : ""),
				     r->doc->text.n);
	json_t *root = document(&y);
	if (y.loaded)
		yaml_event_delete(&y.event);
	yaml_parser_delete(&y.parser);
	return root;
}
