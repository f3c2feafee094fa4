/* Answers of provider bedrock: any bytes, in any split, give one and the same reply.  With the highest bit of
 * the first byte set the rest is lines "TYPE PAYLOAD", "!" before an exception's, which are put into
 * messages whose checksums hold: else few inputs would get past those. */
#include "base/b64.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "test/server/eventframe.h"

#include <stdio.h>

#include <stdint.h>
#include <stdlib.h>

/* `by` below 5: InvokeModel of a family, else Converse. */
static void decode(struct str raw, const struct wire_status *st, unsigned by, size_t piece, struct buf *out)
{
	static const char *const model[] = { "anthropic.c", "us.amazon.nova-l", "meta.llama3", "mistral.m", "x" };
	const struct provider_ops *p = provider_find(STR("bedrock"));
	struct arena a = ARENA_INIT;
	struct endpoint endpoint = { .name = "f", .provider = p, .stream = true };
	endpoint.model = str_c(model[by % ARRAY_LEN(model)]);
	if (by < ARRAY_LEN(model))
		endpoint.config = arena_json(&a, json_pack("{s:s}", "api", "invoke"));
	struct call call = { .endpoint = &endpoint };
	struct reply *r = arena_new(&a, struct reply);
	void *state = arena_alloc(&a, p->state_size);
	unsigned all = 0, events;
	int stop;
	reply_init(r, &a);
	stop = p->begin(state, r, st, &call);
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

/* For InvokeModel the payload is the model's own, in base64. */
static void framed(struct buf *out, struct str lines, bool invoke)
{
	struct buf chunk;
	struct str line, type;
	buf_init(out, 1 << 24);
	while (str_cut(&lines, '\n', &line)) {
		char name[64];
		bool exception = line.n && line.p[0] == '!';
		line = str_sub(line, exception, line.n);
		if (!str_cut(&line, ' ', &type))
			type = STR("");
		snprintf(name, sizeof(name), "%.*s", STR_ARGS(type));
		buf_init(&chunk, 1 << 24);
		buf_adds(&chunk, "{\"bytes\":\"");
		b64_encode(&chunk, line);
		buf_adds(&chunk, "\"}");
		eventframe_json(out, exception ? "exception" : "event", name,
				invoke && !exception ? buf_str(&chunk) : line);
		buf_release(&chunk);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int codes[] = { 200, 200, 200, 400, 424, 429 };
	struct buf whole, pieces, frames;
	if (size < 3)
		return 0;
	struct str raw = { .p = (const char *)data + 2, .n = size - 2 };
	unsigned by = data[0] & 0x40 ? data[1] / 13u % 5 : 5;
	buf_init(&frames, 0);
	if (data[0] & 0x80) {
		framed(&frames, raw, by < 5);
		raw = buf_str(&frames);
	}
	struct wire_header h = { .name = STR("content-type"),
				 .value = data[0] & 0x81 ? STR("application/vnd.amazon.eventstream") :
							STR("application/json") };
	struct wire_status st = { .code = codes[(data[0] >> 1 & 0x1f) % ARRAY_LEN(codes)], .header = &h, .nheader = 1 };
	decode(raw, &st, by, raw.n, &whole);
	decode(raw, &st, by, data[1] % 13 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&frames);
	return 0;
}
