/* Answers of provider openai with `api: responses`. */
#include "codecfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct endpoint e = { .name = "f", .model = STR("m"), .stream = true,
			      .provider = provider_find(STR("openai")) };
	json_t *config = json_pack("{s:s}", "api", "responses");
	e.config = config;
	int result = codecfuzz(&e, data, size);
	json_decref(config);
	return result;
}
