/* URLs: what is taken holds nothing that could mean something else to another parser. */
#include "wire/url.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct url u, again;
	struct buf b;
	struct str text = { .p = (const char *)data, .n = size };
	buf_init(&b, 4 * size + 4);
	url_encode(&b, text, "/");
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] <= 0x20 || (unsigned char)b.p[i] >= 0x7f)
			__builtin_trap();
	buf_release(&b);
	if (!url_parse(&u, text, &a, &err)) {
		const char *back = arena_fmt(&a, "%s://%s%.*s%s:%u%s%.*s", u.tls ? "https" : "http",
					     u.ipv6 ? "[" : "", STR_ARGS(u.host), u.ipv6 ? "]" : "",
					     u.port, u.path.p[0] == '/' ? "" : "/", STR_ARGS(u.path));
		if (!u.host.n || !u.port || str_chr(u.host, '@', 0) >= 0 ||
		    url_parse(&again, str_c(back), &a, &err) || !str_eq(u.host, again.host) ||
		    u.port != again.port || u.tls != again.tls)
			__builtin_trap();
		(void)url_host_net(u.host);
	}
	arena_release(&a);
	return 0;
}
