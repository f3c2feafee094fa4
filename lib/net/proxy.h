/* struct proxy: HTTPS_PROXY and NO_PROXY, and nothing else, read once. */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "base/arena.h"
#include "base/secret.h"
#include "base/str.h"

struct proxy {
	const char *url;   /* with its password; NULL = none */
	const char *shown; /* without user and password */
	struct str bypass; /* NO_PROXY */
};

void proxy_read(struct proxy *p, const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
		struct redactor *redactor, struct arena *a);
/* Does a connection to this https host go through the proxy?  NO_PROXY: names match themselves and
 * every name below them, with or without a leading dot; "*" is everything. */
bool proxy_applies(const struct proxy *p, struct str host);

#endif
