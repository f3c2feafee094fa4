#include "crypto/hmac.h"

#include "base/arena.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits.h>

void hmac_sha256(struct digest *out, struct str key, struct str message)
{
	const void *k = key.n ? key.p : "";
	const unsigned char *m = (const unsigned char *)(message.n ? message.p : "");
	unsigned n = 0;
	/* A key of 2 GiB is not memory that ran out, but no less hopeless. */
	if (key.n > INT_MAX || !HMAC(EVP_sha256(), k, (int)key.n, m, message.n, out->b, &n) ||
	    n != DIGEST_BYTES)
		die_oom();
}
