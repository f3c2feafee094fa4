/* Text as numbers, hex and base64: what is read and written again reads the same. */
#include "base/arena.h"
#include "base/b64.h"
#include "base/buf.h"
#include "base/num.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_number(struct str text)
{
	char shown[NUM_TEXT];
	double x, again;

	if (!num_parse(text, &x))
		return;
	must(isfinite(x));
	must(num_parse(str_c(num_fmt(x, shown)), &again));
	must(again == x);
}

static void check_b64(struct str text)
{
	struct arena a = { 0 };
	struct buf out;
	struct str bytes, again;

	buf_init(&out, 2 * text.n + 16);
	if (b64_decode(&a, text, &bytes)) {
		b64_encode(&out, bytes);
		must(b64_decode(&a, buf_str(&out), &again));
		must(str_eq(bytes, again));
	}
	buf_release(&out);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .p = (const char *)data, .n = size };
	unsigned char half[64];
	char shown[129];

	check_number(text);
	check_b64(text);
	if (size <= 128 && size % 2 == 0 && hex_decode(text, half, size / 2)) {
		hex_encode(shown, half, size / 2);
		must(str_ieq(str_c(shown), text));
	}
	return 0;
}
