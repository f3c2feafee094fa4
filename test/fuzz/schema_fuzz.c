/* A schema and a value, a line end between: any answer but a crash, the same with and without
 * a report, and a report wherever the answer is no. */
#include "doc/jsonx.h"
#include "doc/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check(const json_t *schema, const json_t *value, enum schema_draft draft, struct arena *a)
{
	struct err err = ERR_INIT;
	struct schema *s;
	struct schema_opts opts = { .draft = draft, .assert_format = true };
	struct schema_report rep = { .arena = a };
	if (schema_compile(&s, schema, &opts, a, &err)) {
		must(err.kind == ERR_ARTIFACT && err.msg[0]);
		return;
	}
	bool quick = schema_valid(s, value, NULL, a), told = schema_valid(s, value, &rep, a);
	/* Only the search for every failure may reach the limit that the quick answer does not. */
	must(quick == told || (rep.list.n && !strcmp(rep.list.v[0].keyword, "limit")));
	must(told == (rep.list.n == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct str all = { .p = (const char *)data, .n = size };
	ptrdiff_t cut = str_chr(all, '\n', 0);
	if (cut < 0)
		return 0;
	const json_t *schema = json_lenient(&a, str_sub(all, 0, (size_t)cut), NULL);
	const json_t *value = json_lenient(&a, str_sub(all, (size_t)cut + 1, size), NULL);
	if (schema && value) {
		check(schema, value, SCHEMA_DRAFT_2020, &a);
		check(schema, value, SCHEMA_DRAFT_7, &a);
	}
	arena_release(&a);
	return 0;
}
