/* Writes application/vnd.amazon.eventstream messages, for the tests of the decoder and for the
 * test server.  Its headers are strings, as all of AWS's are in answers. */
#ifndef TEST_EVENTFRAME_H
#define TEST_EVENTFRAME_H

#include "base/buf.h"
#include "base/crc.h"

struct eventframe_header {
	const char *name, *value;
};

static inline void eventframe_u32(struct buf *out, uint32_t x)
{
	char b[4] = { (char)(x >> 24), (char)(x >> 16), (char)(x >> 8), (char)x };
	buf_add(out, (struct str){ .p = b, .n = sizeof(b) });
}

/* Append one message with its headers' block as given. */
static inline void eventframe_raw(struct buf *out, struct str headers, struct str payload)
{
	size_t begin = out->n;
	eventframe_u32(out, (uint32_t)(16 + headers.n + payload.n));
	eventframe_u32(out, (uint32_t)headers.n);
	eventframe_u32(out, crc_32(str_sub(buf_str(out), begin, out->n)));
	buf_add(out, headers);
	buf_add(out, payload);
	eventframe_u32(out, crc_32(str_sub(buf_str(out), begin, out->n)));
}

static inline void eventframe_add(struct buf *out, const struct eventframe_header *h, size_t n,
				  struct str payload)
{
	struct buf headers;
	buf_init(&headers, (size_t)1 << 20);
	for (size_t i = 0; i < n; i++) {
		size_t size = strlen(h[i].value);
		buf_addc(&headers, (char)strlen(h[i].name));
		buf_adds(&headers, h[i].name);
		buf_addc(&headers, 7);
		buf_addc(&headers, (char)(size >> 8));
		buf_addc(&headers, (char)size);
		buf_adds(&headers, h[i].value);
	}
	eventframe_raw(out, buf_str(&headers), payload);
	buf_release(&headers);
}

/* kind is "event" or "exception". */
static inline void eventframe_json(struct buf *out, const char *kind, const char *type,
				   struct str json)
{
	const struct eventframe_header h[] = {
		{ kind[1] == 'v' ? ":event-type" : ":exception-type", type },
		{ ":content-type", "application/json" },
		{ ":message-type", kind },
	};
	eventframe_add(out, h, 3, json);
}

static inline void eventframe_error(struct buf *out, const char *code, const char *message)
{
	const struct eventframe_header h[] = {
		{ ":message-type", "error" },
		{ ":error-code", code },
		{ ":error-message", message },
	};
	eventframe_add(out, h, 3, STR(""));
}

#endif
