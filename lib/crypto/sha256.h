/* SHA-256, whole or piece by piece.  The only door to OpenSSL's digests: a struct sha256 owns an
 * EVP context between sha256_init and sha256_final (or sha256_abort), so each init needs one of
 * the two.  Nothing here can fail in a way a caller could mend: no memory ends the process. */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include "base/digest.h"
#include "base/str.h"

struct sha256 {
	void *evp;
};

/* The digest of `bytes`; an absent string counts as empty. */
void sha256(struct digest *out, struct str bytes);

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, struct str bytes);
void sha256_final(struct sha256 *s, struct digest *out);
/* Give the context back without a digest; does nothing after sha256_final. */
void sha256_abort(struct sha256 *s);

#endif
