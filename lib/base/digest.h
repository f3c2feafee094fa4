/* struct digest: a SHA-256 value, and its lower-case hex text.  crypto/sha256.h computes it. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/b64.h"

#include <stdbool.h>

enum { DIGEST_BYTES = 32, DIGEST_HEX = 2 * DIGEST_BYTES + 1 };

struct digest {
	unsigned char b[DIGEST_BYTES];
};

static inline const char *digest_hex(const struct digest *d, char out[DIGEST_HEX])
{
	hex_encode(out, d->b, DIGEST_BYTES);
	return out;
}

static inline bool digest_eq(const struct digest *a, const struct digest *b)
{
	return memcmp(a->b, b->b, DIGEST_BYTES) == 0;
}

#endif
