/* Server-sent events: whatever comes in pieces must read as it does in one. */
#include "wire/sse.h"

#include <stdint.h>
#include <stdlib.h>

enum { EVENT_MAX = 64 };

static int note(void *ctx, const struct sse_event *ev)
{
	struct buf *out = ctx;
	buf_add_json(out, ev->event);
	buf_add_json(out, ev->id);
	buf_add_json(out, ev->data);
	return 0;
}

static void decode(struct str raw, size_t piece, struct buf *out)
{
	struct sse s;
	enum sse_result r = SSE_OK;
	buf_init(out, 1 << 24);
	sse_init(&s, EVENT_MAX, note, out);
	for (size_t at = 0; at < raw.n && !r; at += piece)
		r = sse_feed(&s, str_sub(raw, at, at + piece));
	buf_addf(out, " %d", r);
	sse_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;
	if (size < 2)
		return 0;
	struct str raw = { .p = (const char *)data + 1, .n = size - 1 };
	decode(raw, raw.n, &whole);
	decode(raw, data[0] % 7 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
