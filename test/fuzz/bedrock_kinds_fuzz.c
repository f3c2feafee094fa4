/* Answers of Bedrock's kinds: any bytes, in any split, give one and the same reply.  The first byte picks the
 * kind, the second the form and the pieces.  Form 2 is text: pairs of lines, an event's type (or "!type", an
 * exception) and its payload, which are framed here. */
#include "base/limits.h"
#include "doc/jsonx.h"
#include "provider/provider.h"
#include "test/server/eventframe.h"

#include <stdint.h>
#include <stdlib.h>

static const struct {
	const char *kind, *config;
} kinds[] = {
	{ "retrieve", "{\"retrieval\":{\"knowledge_base\":\"k\"}}" },
	{ "retrieve-and-generate", "{\"retrieval\":{\"knowledge_base\":\"k\"}}" },
	{ "flow", "{\"flow\":{\"id\":\"f\",\"alias\":\"a\"}}" },
	{ "agent", "{\"agent\":{\"id\":\"f\",\"alias\":\"a\"}}" },
	{ "agentcore", "{\"runtime\":{\"arn\":\"arn:r\"}}" },
	{ "agentcore", "{\"runtime\":{\"arn\":\"arn:r\",\"answer\":\"$..text\",\"contexts\":\"$.docs\",\"tool_calls\":\"$.calls\","
		       "\"tokens_in\":\"$.in\"}}" },
	{ "guardrail", "{\"guardrail\":{\"id\":\"g\",\"version\":\"1\"}}" },
	{ "guardrail", "{\"guardrail\":{\"id\":\"g\",\"version\":\"1\",\"scores\":true}}" },
	{ "guardrail", "{\"checks\":{\"content_filter\":[\"HATE\"],\"sensitive_information\":[\"EMAIL\"]}}" },
};

static void decode(size_t which, struct str raw, int code, const char *type, size_t piece, struct buf *out)
{
	const struct provider_ops *p = provider_kind(provider_find(STR("bedrock")), str_c(kinds[which].kind));
	struct arena a = ARENA_INIT;
	const char *why;
	struct endpoint e = { .name = "f", .provider = p, .stream = true,
			      .config = json_lenient(&a, str_c(kinds[which].config), &why) };
	struct message m = { .role = ROLE_USER, .text = STR("question") };
	struct call call = { .endpoint = &e, .message = &m, .nmessage = 1 };
	struct wire_header h = { .name = STR("content-type"), .value = str_c(type) };
	struct wire_status st = { .code = code, .header = &h, .nheader = 1 };
	struct reply *r = arena_new(&a, struct reply);
	void *state = arena_alloc(&a, p->state_size);
	unsigned all = 0, events;
	reply_init(r, &a);
	int stop = p->begin(state, r, &st, &call);
	for (size_t at = 0; at < raw.n && !stop; at += piece) {
		stop = p->feed(state, r, str_sub(raw, at, at + piece), &events);
		all |= events;
	}
	if (!stop)
		p->finish(state, r);
	buf_init(out, 1 << 26);
	reply_write(out, r);
	buf_addf(out, " %u %d", r->fail ? 0 : all, r->retryable);
	arena_release(&a);
}

static void frame(struct buf *out, struct str text)
{
	struct str type, payload;
	char name[64];
	while (str_line(&text, &type)) {
		bool thrown = type.n && type.p[0] == '!';
		type = str_sub(type, thrown ? 1 : 0, 60);
		if (!str_line(&text, &payload))
			payload = STR("");
		memcpy(name, type.p, type.n);
		name[type.n] = '\0';
		eventframe_json(out, thrown ? "exception" : "event", name, payload);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "application/json", "application/vnd.amazon.eventstream",
					     "application/vnd.amazon.eventstream", "text/event-stream" };
	struct buf whole, pieces, framed;
	if (size < 2)
		return 0;
	struct str raw = { .p = (const char *)data + 2, .n = size - 2 };
	size_t which = data[0] % ARRAY_LEN(kinds), form = data[1] & 3;
	int code = data[1] & 4 ? 424 : 200;
	buf_init(&framed, 1 << 24);
	if (form == 2) {
		frame(&framed, raw);
		raw = buf_str(&framed);
	}
	decode(which, raw, code, types[form], raw.n, &whole);
	decode(which, raw, code, types[form], (data[1] >> 3) % 13 + 1u, &pieces);
	if (!str_eq(buf_str(&whole), buf_str(&pieces)))
		__builtin_trap();
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&framed);
	return 0;
}
