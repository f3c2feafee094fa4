/* Any text as a template: first byte the syntax, the rest the text; variables are fixed. */
#include "doc/template.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char vars_text[] =
	"{\"a\":\"Ann {{b}}\",\"n\":3,\"f\":-1.5,\"t\":true,\"z\":null,\"xs\":[3,1,\"b\"],"
	"\"ns\":[2,1],\"o\":{\"k\":{\"m\":[1]}},\"ps\":[{\"k\":1},{\"k\":2}],\"e\":\"\"}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct template_error e = { 0 };
	struct template_vars names;
	struct template *t;
	struct buf out;
	const json_t *value;
	if (!size)
		return 0;
	json_t *vars = json_loads(vars_text, 0, NULL);
	struct str text = { (const char *)data + 1, size - 1 };
	buf_init(&out, 1 << 20);
	if (template_compile(&t, text, data[0] % 3, &a, &e)) {
		if (e.offset > text.n || !e.msg[0])
			abort();
	} else {
		template_vars(t, &names, &a);
		if (template_render(t, vars, &out, &e) && (e.offset > text.n || !e.msg[0]))
			abort();
		if (template_value(t, vars, &a, &value, &e) == 0 && !value)
			abort();
	}
	(void)template_pos("f", text, e.offset);
	if (data[0] % 3 == TEMPLATE_JINJA && template_is_plain(text) && !out.over &&
	    !str_eq(buf_str(&out), text) && text.n < 1 << 20)
		abort();
	buf_release(&out);
	json_decref(vars);
	arena_release(&a);
	return 0;
}
