/* Any bytes as JSON Lines: rows go forward, and each is read or has a located error. */
#include "doc/jsonl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct jsonl r;
	struct jsonl_row row = JSONL_ROW_INIT;
	struct str text = { .p = (const char *)data, .n = size };
	size_t rows = 0, last = 0;
	jsonl_init(&r, text, "x.jsonl");
	while (jsonl_next(&r, &row)) {
		struct err err = ERR_INIT;
		must(row.number == rows++ && row.length && row.offset >= last);
		last = row.offset + row.length;
		must(last <= size);
		if (!jsonl_parse(text, &row, "x.jsonl", &a, &err))
			must(err.at.line == row.line && err.at.col >= 1);
	}
	arena_release(&a);
	return 0;
}
