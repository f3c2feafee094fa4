/* Answers of provider http: JSON, server-sent events, JSON lines, text, as several targets read them. */
#include "codecfuzz.h"

static const char by_path[] =
	"{\"answer\":\"$.a.t\",\"contexts\":\"$.a.c\",\"tool_calls\":\"a.f\",\"trajectory\":\"s\",\"usage\":{\"in\":\"u.i\","
	"\"out\":\"u.o\"},\"model\":\"$.m\",\"request_id\":\"id\",\"finish\":\"a.e\",\"blocked\":\"b\",\"refused\":\"r\","
	"\"error\":\"error\",\"stream\":{\"delta\":\"$.d\",\"done\":\"[DONE]\",\"done_path\":\"z\"}}";
static const char by_search[] =
	"{\"answer\":\"$..t\",\"contexts\":\"$.c[?@.x > 1]\",\"tool_calls\":\"$.f[*]\",\"stream\":{\"events\":[\"t\",\"u\"],"
	"\"done_event\":\"e\"}}";
static const char *const configs[] = { by_path, by_search, "{\"stream\":true}", "{}" };
static const char *const types[] = { "application/json", "text/event-stream", "application/x-ndjson", "text/plain" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int codes[] = { 200, 200, 200, 403, 500 };
	struct arena a = ARENA_INIT;
	struct buf whole, pieces;
	const char *why;
	if (size < 4)
		return 0;
	struct str raw = { .p = (const char *)data + 3, .n = size - 3 };
	const char *config = configs[data[0] % ARRAY_LEN(configs)], *type = types[data[0] / 4 % ARRAY_LEN(types)];
	int code = codes[data[1] % ARRAY_LEN(codes)];
	struct endpoint e = { .name = "f", .stream = data[0] & 128, .provider = provider_find(STR("http")),
			      .config = json_lenient(&a, str_c(config), &why) };
	struct call call = { .endpoint = &e };
	codecfuzz_decode(&call, raw, code, type, raw.n, &whole);
	codecfuzz_decode(&call, raw, code, type, data[2] % 13 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	arena_release(&a);
	return 0;
}
