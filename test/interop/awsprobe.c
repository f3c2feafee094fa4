/* Our AWS wire for others to judge (aws.cjs): a line in, a line out.
 *   awsprobe sign     a request, its key and its place as JSON → the Authorization header
 *   awsprobe decode   a stream in base64 → its messages, as read in pieces of 7 bytes */
#include "base/b64.h"
#include "base/limits.h"
#include "doc/jsonx.h"
#include "wire/eventstream.h"
#include "wire/sigv4.h"

#include <stdio.h>
#include <stdlib.h>

static void sign(struct arena *a, struct str line, struct buf *out)
{
	const char *why;
	const json_t *j = json_lenient(a, line, &why), *h;
	struct err err = ERR_INIT;
	struct sigv4 s;
	struct wire_req req = { .method = arena_cstr(a, json_get_str(j, "method")),
				.url = json_get_str(j, "url"),
				.body = json_get_str(j, "body") };
	struct sigv4_key key = { .id = json_get_str(j, "id"),
				 .secret = { .value = json_get_str(j, "secret") },
				 .token = { .value = json_get_str(j, "token") } };
	struct sigv4_scope scope = { .service = arena_cstr(a, json_get_str(j, "service")),
				     .region = arena_cstr(a, json_get_str(j, "region")),
				     .wall_ms = json_integer_value(json_object_get(j, "ms")) };
	size_t i;
	json_array_foreach(json_object_get(j, "headers"), i, h)
		*vec_push(&req.header, a) = (struct wire_header){ json_str(json_array_get(h, 0)),
								  json_str(json_array_get(h, 1)) };
	if (sigv4_sign(&s, &req, &key, &scope, a, &err))
		buf_addf(out, "refused: %s", err.msg);
	else
		buf_add(out, s.header[s.nheader - 1].value);
}

static void add_hex(struct buf *out, struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		buf_addf(out, "%02x", (unsigned char)bytes.p[i]);
}

static int note(void *ctx, const struct eventstream_message *m)
{
	struct buf *out = ctx;
	for (size_t i = 0; i < m->nheader; i++) {
		const struct eventstream_header *h = &m->header[i];
		add_hex(out, h->name);
		buf_addf(out, ":%d=", (int)h->type);
		if (h->value.p)
			add_hex(out, h->value);
		else
			buf_add_int(out, h->number);
		buf_addc(out, ' ');
	}
	buf_addc(out, '|');
	add_hex(out, m->payload);
	buf_addc(out, ' ');
	return 0;
}

static void decode(struct arena *a, struct str line, struct buf *out)
{
	struct eventstream s;
	struct str raw;
	enum eventstream_result r = EVENTSTREAM_OK;
	if (!b64_decode(a, line, &raw)) {
		buf_adds(out, "no base64");
		return;
	}
	eventstream_init(&s, MIB, note, out);
	for (size_t at = 0; at < raw.n; at += 7)
		r = eventstream_feed(&s, str_sub(raw, at, at + 7));
	const char *cut = eventstream_pending(&s) ? "cut" : "ok";
	buf_adds(out, r ? "bad" : cut);
	eventstream_release(&s);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	bool signs = argc == 2 && !strcmp(argv[1], "sign");
	if (!signs && (argc != 2 || strcmp(argv[1], "decode") != 0))
		return 2;
	for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
		struct arena a = ARENA_INIT;
		struct buf out;
		struct str text = str_trim((struct str){ .p = line, .n = (size_t)n });
		buf_init(&out, 64 * MIB);
		(signs ? sign : decode)(&a, text, &out);
		puts(buf_cstr(&out));
		buf_release(&out);
		arena_release(&a);
	}
	free(line);
	return 0;
}
