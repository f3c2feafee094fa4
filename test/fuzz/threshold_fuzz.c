/* The threshold grammar takes any bytes, points inside them, and reads what it took alike. */
#include "base/arena.h"
#include "verdict/threshold.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct threshold_fault f = { .offset = 0 };
	struct threshold t, again;
	struct str text = { .p = (const char *)data, .n = size };
	if (size > 65536)
		return 0;
	if (threshold_parse(&t, text, &a, &f)) {
		demand(f.offset <= size && f.msg[0]);
	} else {
		demand(t.metric[0] && t.agg_text[0] && isfinite(t.bound.value) && t.bound.text[0]);
		demand(t.bound_off < size && t.op_off < t.bound_off && t.agg_off < t.op_off);
		demand(threshold_parse(&again, text, &a, &f) == 0);
		demand(again.bound.value == t.bound.value && again.op == t.op);
	}
	arena_release(&a);
	return 0;
}
