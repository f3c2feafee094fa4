/* Embeddings of provider openai. */
#include "codecfuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct endpoint e = { .name = "f", .model = STR("m"), .provider = provider_find(STR("openai")) };
	struct message texts[2] = { { .role = ROLE_USER, .text = STR("a") }, { .role = ROLE_USER, .text = STR("b") } };
	struct call call = { .kind = CALL_EMBED, .endpoint = &e, .message = texts, .nmessage = 2 };
	return codecfuzz_call(&call, data, size);
}
