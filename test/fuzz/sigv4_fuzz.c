/* AWS signatures: no url, header, key or region makes a header that could end its line, shows the
 * secret, or gives the canonical request another number of lines than its parts have.  Flags, then url,
 * region, key id, token and headers (name, value, name …), each ended by a NUL. */
#include "wire/sigv4.h"

#include <stdint.h>
#include <stdlib.h>

#define SECRET "canary+secret/0123456789abcdefghijklmnop"

static struct str field(struct str *rest)
{
	struct str f = { .p = "", .n = 0 };
	str_cut(rest, '\0', &f);
	return f;
}

static void check_header(struct wire_header h)
{
	for (size_t i = 0; i < h.value.n; i++)
		if (h.value.p[i] < 0x20 || h.value.p[i] > 0x7e)
			__builtin_trap();
	if (!h.value.n || str_find(h.value, STR("canary"), 0) >= 0)
		__builtin_trap();
}

static size_t count(struct str s, char c)
{
	size_t n = 0;
	for (ptrdiff_t at = -1; (at = str_chr(s, c, (size_t)(at + 1))) >= 0;)
		n++;
	return n;
}

static void check(const struct sigv4 *s)
{
	for (size_t i = 0; i < s->nheader; i++)
		check_header(s->header[i]);
	struct str auth = s->header[s->nheader - 1].value;
	ptrdiff_t from = str_find(auth, STR("SignedHeaders="), 0);
	/* method, path, query, headers, blank, names, hash */
	if (from < 0 || count(s->canonical, '\n') != 6 + count(str_sub(auth, (size_t)from, auth.n), ';'))
		__builtin_trap();
	if (str_find(s->canonical, STR("canary"), 0) >= 0 || count(s->canonical, '\r') ||
	    count(s->to_sign, '\n') != 3)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { .p = (const char *)data, .n = size };
	if (!size || str_find(all, STR("canary"), 0) >= 0)
		return 0; /* the secret that is looked for */
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct sigv4 s;
	struct str rest = str_sub(all, 1, all.n);
	struct wire_req req = { .method = data[0] & 0x80 ? "POST" : "GET", .url = field(&rest) };
	struct str region = field(&rest);
	struct sigv4_key key = { .id = field(&rest), .secret = { .value = STR(SECRET) } };
	struct str token = field(&rest);
	if (token.n)
		key.token.value = token;
	while (rest.n) {
		struct str name = field(&rest);
		*vec_push(&req.header, &a) = (struct wire_header){ .name = name, .value = field(&rest) };
	}
	struct sigv4_scope scope = { .service = "bedrock",
				     .region = arena_cstr(&a, region),
				     .wall_ms = 1440938160000,
				     .flags = data[0] & 15u };
	if (!sigv4_sign(&s, &req, &key, &scope, &a, &err))
		check(&s);
	else if (strstr(err.msg, "canary") || strchr(err.msg, '\n'))
		__builtin_trap();
	arena_release(&a);
	return 0;
}
