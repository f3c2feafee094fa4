/* Any bytes as a row of a case's history: a digit of repeats, ids up to an empty line, then marks.  Nothing
 * is counted that is not there: at most a sample for each byte, and the same again when it is read again. */
#include "base/arena.h"
#include "store/marks.h"
#include "store/tally.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t seen(const struct tally *t)
{
	uint64_t n = 0;
	for (size_t m = 0; m < t->metric.n; m++)
		for (size_t i = 0; i < t->metric.v[m].of.n; i++) {
			const struct tally_count *c = &t->metric.v[m].of.v[i];
			n += (uint64_t)c->pass + c->fail + c->unscored;
		}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct tally t;
	struct str s = { .p = (const char *)data, .n = size };
	if (!size)
		return 0;
	size_t repeats = (size_t)(data[0] - '0');
	ptrdiff_t gap = str_find(s, STR("\n\n"), 1);
	size_t end = gap < 0 ? size : (size_t)gap + 1;
	struct str ids = str_sub(s, 1, end), marks = str_sub(s, end + 1, size);
	tally_init(&t, &a);
	tally_add(&t, 1, ids, repeats, marks, 5);
	uint64_t once = seen(&t);
	tally_add(&t, 1, ids, repeats, marks, 6);
	tally_add(&t, 2, ids, repeats, marks, 7);
	if (once > marks.n || seen(&t) != 3 * once)
		abort();
	arena_release(&a);
	return 0;
}
