/* Any text as a Mustache template and as its own partial, strict and lenient. */
#include "doc/mustache.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str itself(void *ctx, struct str name)
{
	const struct str *text = ctx;
	return name.n == 1 ? *text : (struct str){ .p = NULL };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct mustache_partials partials = { itself, &text };
	struct template_error e = { 0 };
	if (size > 4096)
		return 0;
	json_t *vars = json_loads("{\"a\":\"<{{a}}>\",\"b\":[1,{\"c\":2}],\"o\":{\"a\":{\"c\":null}},"
				  "\"t\":true,\"f\":false,\"x\":0}", 0, NULL);
	for (int mode = MUSTACHE_STRICT; mode <= MUSTACHE_LENIENT; mode++) {
		struct arena a = ARENA_INIT;
		struct mustache *m;
		struct template_vars names;
		struct buf out;
		buf_init(&out, 1 << 16);
		if (!mustache_compile(&m, text, (enum mustache_mode)mode, &a, &e)) {
			mustache_vars(m, &names, &a);
			(void)!mustache_render(m, vars, &partials, &out, &e);
		}
		if (e.offset > size)
			abort();
		buf_release(&out);
		arena_release(&a);
	}
	json_decref(vars);
	return 0;
}
