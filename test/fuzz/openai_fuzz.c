/* Answers of provider openai. */
#include "codecfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct endpoint e = { .name = "f", .model = STR("m"), .stream = true,
			      .provider = provider_find(STR("openai")) };
	return codecfuzz(&e, data, size);
}
