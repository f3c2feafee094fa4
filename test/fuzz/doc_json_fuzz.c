/* Any bytes as JSON: our reader says yes exactly where Jansson does, but for what only one of
 * them caps, and both read the same tree.  A pointer names what it was made from. */
#include "base/limits.h"
#include "doc/doc.h"
#include "doc/pointer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_pointers(json_t *j)
{
	struct buf b;
	buf_init(&b, MIB);
	for (void *it = json_object_iter(j); it; it = json_object_iter_next(j, it)) {
		buf_reset(&b);
		pointer_add(&b, str_c(json_object_iter_key(it)));
		must(pointer_get(j, buf_str(&b)) == json_object_iter_value(it));
	}
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct diags diags;
	struct doc doc;
	const char *why;
	struct str text = { .p = (const char *)data, .n = size };
	struct str bare = str_starts(text, STR("\xef\xbb\xbf")) ? str_sub(text, 3, size) : text;
	diags_init(&diags, &a);
	/* Jansson takes a raw NUL behind a number for white space. */
	bool nul = text.n && memchr(text.p, 0, text.n);
	json_t *other = nul ? NULL : json_loadb(bare.n ? bare.p : "", bare.n,
						 JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (doc_parse(&doc, text, DOC_JSON, "x.json", &a, &diags)) {
		must(diags.errors > 0);
		must(!other || !strcmp(diags.list.v[0].rule, "document-too-deep") ||
		     strstr(diags.list.v[0].msg, "UTF-16") != NULL);
	} else {
		must(other && json_equal(doc.root, other));
		check_pointers(doc.root);
	}
	if (other)
		must(json_lenient(&a, text, &why) != NULL);
	else if (!json_lenient(&a, text, &why))
		must(why && *why);
	json_decref(other);
	arena_release(&a);
	return 0;
}
