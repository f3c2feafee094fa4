/* What a program of provider exec writes. */
#include "codecfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct buf whole, pieces;
	const char *why;
	if (size < 3)
		return 0;
	struct str raw = { .p = (const char *)data + 2, .n = size - 2 };
	const char *config = data[0] & 1 ? "{\"output\":\"json\"}" : "{\"output\":\"text\"}";
	struct endpoint e = { .name = "f", .provider = provider_find(STR("exec")),
			      .config = json_lenient(&a, str_c(config), &why) };
	struct call call = { .endpoint = &e };
	codecfuzz_decode(&call, raw, 0, "", raw.n, &whole);
	codecfuzz_decode(&call, raw, 0, "", data[1] % 13 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	arena_release(&a);
	return 0;
}
