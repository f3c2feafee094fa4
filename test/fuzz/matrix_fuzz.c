/* Any bytes as a matrix file: no crash; what is accepted has 2 to 64 combinations, each named. */
#include "suite/matrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct diags d;
	struct matrix m;
	diags_init(&d, &a);
	struct str text = { .p = (const char *)data, .n = size };
	if (matrix_read(&m, text, "matrix.yaml", &a, &d)) {
		must(d.errors > 0);
	} else {
		must(m.n >= 2 && m.n <= MATRIX_MAX);
		for (size_t i = 0; i < m.n; i++)
			must(m.combination[i].name && *m.combination[i].target);
	}
	arena_release(&a);
	return 0;
}
