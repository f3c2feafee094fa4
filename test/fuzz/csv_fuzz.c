/* Any bytes as CSV: it ends, and a row read again by its offset is the row that was streamed. */
#include "doc/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct csv c;
	struct csv_row row;
	int rc = -1;
	size_t last = 0;
	struct str text = { .p = (const char *)data, .n = size };
	if (!csv_open(&c, text, 0, "x.csv", &a, &err))
		while ((rc = csv_next(&c, &row, &a, &err)) == 1) {
			struct csv_row again = { .offset = row.offset, .line = row.line };
			must(row.offset >= last && row.n == c.ncol);
			last = row.offset + 1;
			must(!csv_at(&c, &again, &a, &err) && again.length == row.length);
			for (size_t i = 0; i < row.n; i++)
				must(str_eq(row.field[i], again.field[i]));
			must(json_object_size(csv_object(&c, &row, &a)) == c.ncol);
		}
	must(!rc || (err.at.line >= 1 && err.msg[0]));
	arena_release(&a);
	return 0;
}
