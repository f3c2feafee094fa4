/* Any bytes as YAML: no crash, a mistake wherever the answer is no, places inside of the text,
 * and the tree read back from its own JSON is the same. */
#include "base/limits.h"
#include "doc/canon.h"
#include "doc/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_place(struct pos p)
{
	must(p.line >= 1 && p.col >= 1);
}

static void walk(const struct doc *d, json_t *j, size_t *budget)
{
	if (!*budget)
		return;
	--*budget;
	check_place(doc_pos_of(d, j));
	for (void *it = json_object_iter(j); it; it = json_object_iter_next(j, it)) {
		const char *key = json_object_iter_key(it);
		json_t *v = json_object_iter_value(it);
		check_place(doc_pos_member(d, j, key));
		check_place(doc_pos_key(d, j, key));
		for (size_t i = 0; i <= json_string_length(v) && i < 40; i++)
			check_place(doc_pos_inside(d, j, key, 0, i));
		walk(d, v, budget);
	}
	for (size_t i = 0; i < json_array_size(j); i++) {
		check_place(doc_pos_item(d, j, i));
		check_place(doc_pos_inside(d, j, NULL, i, 3));
		walk(d, json_array_get(j, i), budget);
	}
}

static void check_again(const struct doc *d, struct arena *a)
{
	struct diags diags;
	struct doc again;
	struct buf json, canon[2];
	diags_init(&diags, a);
	buf_init(&json, MIB);
	json_write(&json, d->root);
	buf_init(&canon[0], MIB);
	buf_init(&canon[1], MIB);
	if (!json.over) {
		must(!doc_parse(&again, buf_str(&json), DOC_JSON, "again.json", a, &diags));
		canon_write(&canon[0], d->root);
		canon_write(&canon[1], again.root);
		must(str_eq(buf_str(&canon[0]), buf_str(&canon[1])));
	}
	buf_release(&json);
	buf_release(&canon[0]);
	buf_release(&canon[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct diags diags;
	struct doc doc;
	size_t budget = 2000;
	diags_init(&diags, &a);
	struct str text = { .p = (const char *)data, .n = size };
	if (doc_parse(&doc, text, DOC_YAML, "x.yaml", &a, &diags)) {
		must(diags.errors > 0);
		check_place(diags.list.v[0].at);
	} else {
		must(!diags.errors);
		walk(&doc, doc.root, &budget);
		check_again(&doc, &a);
	}
	arena_release(&a);
	return 0;
}
