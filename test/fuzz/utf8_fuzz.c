/* Any bytes as UTF-8: every walk ends, agrees with the others, and what is good comes back whole. */
#include "base/str.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { .p = (const char *)data, .n = size };
	size_t at = 0, count = 0;
	ptrdiff_t first_bad = -1;

	while (at < size) {
		uint32_t cp;
		char again[4];
		bool good;
		size_t used = utf8_decode_strict(str_sub(all, at, size), &cp, &good);

		must(used >= 1 && used <= 4 && used <= size - at);
		if (good) {
			must(utf8_put(cp, again) == used);
			must(memcmp(again, all.p + at, used) == 0);
		} else if (first_bad < 0) {
			first_bad = (ptrdiff_t)at;
		}
		at += used;
		count++;
	}
	must(utf8_count(all) == count);
	must(utf8_bad(all) == first_bad);
	for (size_t n = 0; n <= size && n < 64; n++)
		must(utf8_prefix(all, n).n <= n);
	return 0;
}
