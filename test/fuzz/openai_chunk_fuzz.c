/* The quick reader of stream chunks takes nothing that the full reader reads otherwise. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/openai_chunk.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
	if (!x)
		abort();
}

static void same_count(const json_t *usage, const char *key, int64_t got)
{
	const json_t *j = json_object_get(usage, key);
	must(got == (j ? json_integer_value(j) : -1));
}

static void compare(const struct openai_chunk *c, const struct buf *content, const json_t *root)
{
	const json_t *choices = json_object_get(root, "choices");
	const json_t *choice = json_array_get(choices, 0);
	const json_t *delta = json_object_get(choice, "delta");
	must(json_is_object(root) && !json_object_get(root, "error"));
	must(json_array_size(choices) == c->choice);
	must(str_eq(json_get_str(root, "id"), c->id) && str_eq(json_get_str(root, "model"), c->model));
	must(str_eq(json_get_str(choice, "finish_reason"), c->finish));
	must(str_eq(json_get_str(delta, "content"), buf_str(content)));
	must(!json_is_object(json_object_get(root, "usage")) == !c->usage);
	if (!c->usage)
		return;
	same_count(json_object_get(root, "usage"), "prompt_tokens", c->tokens_in);
	same_count(json_object_get(root, "usage"), "completion_tokens", c->tokens_out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct buf content;
	struct openai_chunk c;
	struct str text = { .p = (const char *)data, .n = size };
	const char *why;
	buf_init(&content, MIB);
	if (openai_chunk_read(&c, text, &content)) {
		const json_t *root = json_lenient(&a, text, &why);
		must(root != NULL);
		compare(&c, &content, root);
	}
	buf_release(&content);
	arena_release(&a);
	return 0;
}
