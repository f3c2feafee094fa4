/* AWS's event stream: whatever comes in pieces must read as it does in one.  The first byte is the
 * size of the pieces; with its highest bit set the rest is put into a frame whose checksums hold, its
 * first byte telling how much of it is headers: else few inputs would get past the checksums. */
#include "test/server/eventframe.h"
#include "wire/eventstream.h"

#include <stdint.h>
#include <stdlib.h>

enum { MESSAGE_MAX = 4096 };

static int note(void *ctx, const struct eventstream_message *m)
{
	struct buf *out = ctx;
	for (size_t i = 0; i < m->nheader; i++) {
		buf_add_json(out, m->header[i].name);
		buf_add_json(out, m->header[i].value);
		buf_add_int(out, m->header[i].number);
	}
	buf_add_json(out, m->message_type);
	buf_add_json(out, m->payload);
	return 0;
}

static void decode(struct str raw, size_t piece, struct buf *out)
{
	struct eventstream s;
	enum eventstream_result r = EVENTSTREAM_OK;
	buf_init(out, 1 << 24);
	eventstream_init(&s, MESSAGE_MAX, note, out);
	for (size_t at = 0; at < raw.n; at += piece)
		r = eventstream_feed(&s, str_sub(raw, at, at + piece));
	buf_addf(out, " %d", r);
	if (!r)
		buf_addf(out, " %d", eventstream_pending(&s));
	eventstream_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces, framed;
	if (size < 2)
		return 0;
	struct str raw = { .p = (const char *)data + 1, .n = size - 1 };
	buf_init(&framed, size + 64);
	if (data[0] & 0x80) {
		struct str rest = str_sub(raw, 1, raw.n);
		eventframe_raw(&framed, str_sub(rest, 0, data[1]), str_sub(rest, data[1], rest.n));
		raw = buf_str(&framed);
	}
	decode(raw, raw.n, &whole);
	decode(raw, data[0] % 7 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&framed);
	return 0;
}
