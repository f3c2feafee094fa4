#include "suite/matrix.h"

#include "base/embed.h"
#include "doc/schema.h"

/* Lists of the file, and the member of a target that each replaces. */
static const struct {
	const char *list, *key;
} dims[OVERLAY_MEMBERS] = {
	{ "prompts", "prompt" },
	{ "models", "model" },
	{ "params", "params" },
};

static bool check_shape(const struct doc *doc, struct arena *a, struct diags *d)
{
	struct str text = { .p = NULL };
	struct doc parsed;
	struct schema *schema;
	struct err err = ERR_INIT;
	embed_find("schema/gate.matrix.schema.json", &text);
	if (doc_parse(&parsed, text, DOC_JSON, "gate.matrix.schema.json", a, d) ||
	    schema_compile(&schema, parsed.root, NULL, a, &err)) {
		diag_add(d, (struct pos){ .file = doc->file }, "bug", "gate's own matrix schema does not compile: %s",
			 err.msg);
		return false;
	}
	return schema_check_doc(schema, doc, d, "matrix");
}

/* --- names --- */

static const char *plain_name(const json_t *value, const char *key, size_t index, struct arena *a)
{
	struct str system = json_get_str(value, "system"), user = json_get_str(value, "user");
	struct str id = json_get_str(value, "id"), region = json_get_str(value, "region");
	if (json_is_string(value))
		return arena_cstr(a, json_str(value));
	if (!strcmp(key, "prompt") && (system.p || user.p))
		return arena_fmt(a, "%.*s%s%.*s", STR_ARGS(system), system.p && user.p ? " + " : "", STR_ARGS(user));
	if (!strcmp(key, "model") && id.p)
		return arena_fmt(a, "%.*s%s%.*s", STR_ARGS(id), region.p ? " in " : "", STR_ARGS(region));
	return arena_fmt(a, "%s %zu", key, index + 1);
}

/* Two of one name are told apart by their places in the list. */
static const char *item_name(const json_t *list, const char *key, size_t index, struct arena *a)
{
	const char *name = plain_name(json_array_get(list, index), key, index, a);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (i != index && !strcmp(plain_name(json_array_get(list, i), key, i, a), name))
			return arena_fmt(a, "%s (%s %zu)", name, key, index + 1);
	return name;
}

/* --- combinations --- */

static size_t count(const json_t *root)
{
	size_t n = 1;
	for (size_t i = 0; i < OVERLAY_MEMBERS; i++) {
		size_t size = json_array_size(json_object_get(root, dims[i].list));
		n *= size ? size : 1;
	}
	return n;
}

/* The last list turns fastest. */
static void combine(struct overlay *o, const json_t *root, size_t at, struct arena *a)
{
	o->name = "";
	for (size_t i = OVERLAY_MEMBERS; i-- > 0;) {
		const json_t *list = json_object_get(root, dims[i].list);
		size_t size = json_array_size(list);
		if (!size)
			continue;
		o->member[i] = (struct overlay_member){ .key = dims[i].key, .array = list, .index = at % size };
		at /= size;
		o->name = arena_fmt(a, "%s%s%s", item_name(list, dims[i].key, o->member[i].index, a),
				    *o->name ? " · " : "", o->name);
	}
}

static const char *const *suite_names(const json_t *root, size_t *n, struct arena *a)
{
	const json_t *list = json_object_get(root, "suites");
	*n = json_array_size(list);
	const char **name = arena_array(a, const char *, *n);
	for (size_t i = 0; i < *n; i++)
		name[i] = arena_cstr(a, json_str(json_array_get(list, i)));
	return name;
}

int matrix_read(struct matrix *out, struct str text, const char *file, struct arena *a, struct diags *d)
{
	struct doc *doc = arena_new(a, struct doc);
	struct overlay base = { .doc = doc };
	*out = (struct matrix){ .file = file };
	if (doc_parse(doc, text, doc_syntax_of(file), file, a, d) || !check_shape(doc, a, d))
		return -1;
	size_t n = count(doc->root);
	if (n < 2 || n > MATRIX_MAX) {
		diag_add(d, doc_pos_of(doc, doc->root), "matrix", "prompts × models × params make %zu combination%s",
			 n, n == 1 ? "" : "s");
		diag_hint(d, "a matrix has 2 to %d of them", MATRIX_MAX);
		return -1;
	}
	base.target = arena_cstr(a, json_get_str(doc->root, "target"));
	base.suite = suite_names(doc->root, &base.nsuite, a);
	for (out->n = 0; out->n < n; out->n++) {
		out->combination[out->n] = base;
		combine(&out->combination[out->n], doc->root, out->n, a);
	}
	return 0;
}
