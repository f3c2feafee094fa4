/* Answers of one provider: any bytes, in any split, give one and the same reply. */
#ifndef FUZZ_CODECFUZZ_H
#define FUZZ_CODECFUZZ_H

#include "doc/jsonx.h"
#include "provider/provider.h"

#include <stdint.h>
#include <stdlib.h>

static inline void codecfuzz_decode(const struct call *call, struct str raw, int code, const char *type,
				    size_t piece, struct buf *out)
{
	const struct provider_ops *p = call->endpoint->provider;
	struct arena a = ARENA_INIT;
	struct wire_header h = { .name = STR("content-type"), .value = str_c(type) };
	struct wire_status st = { .code = code, .header = &h, .nheader = 1 };
	struct reply *r = arena_new(&a, struct reply);
	void *state = arena_alloc(&a, p->state_size);
	unsigned all = 0, events;
	int stop;
	reply_init(r, &a);
	stop = p->begin(state, r, &st, call);
	for (size_t at = 0; at < raw.n && !stop; at += piece) {
		stop = p->feed(state, r, str_sub(raw, at, at + piece), &events);
		all |= events;
	}
	if (!stop)
		p->finish(state, r);
	buf_init(out, 1 << 26);
	reply_write(out, r);
	/* What was said before a failure may be noticed sooner or later; an answer may not differ. */
	buf_addf(out, " %u", r->fail ? 0 : all);
	arena_release(&a);
}

static inline int codecfuzz_call(const struct call *call, const uint8_t *data, size_t size)
{
	static const int codes[] = { 200, 200, 200, 400, 429, 500 };
	struct buf whole, pieces;
	if (size < 3)
		return 0;
	struct str raw = { .p = (const char *)data + 2, .n = size - 2 };
	const char *type = data[0] & 1 ? "text/event-stream" : "application/json";
	int code = codes[(data[0] >> 1) % ARRAY_LEN(codes)];
	codecfuzz_decode(call, raw, code, type, raw.n, &whole);
	codecfuzz_decode(call, raw, code, type, data[1] % 13 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}

static inline int codecfuzz(const struct endpoint *e, const uint8_t *data, size_t size)
{
	struct call call = { .endpoint = e };
	return codecfuzz_call(&call, data, size);
}

#endif
