#include "crypto/sha256.h"

#include "base/arena.h"

#include <openssl/evp.h>

void sha256(struct digest *out, struct str bytes)
{
	struct sha256 s;
	sha256_init(&s);
	sha256_update(&s, bytes);
	sha256_final(&s, out);
}

void sha256_init(struct sha256 *s)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!ctx || !EVP_DigestInit_ex(ctx, EVP_sha256(), NULL))
		die_oom();
	s->evp = ctx;
}

void sha256_update(struct sha256 *s, struct str bytes)
{
	if (bytes.n && !EVP_DigestUpdate(s->evp, bytes.p, bytes.n))
		die_oom();
}

void sha256_final(struct sha256 *s, struct digest *out)
{
	unsigned n = 0;
	if (!EVP_DigestFinal_ex(s->evp, out->b, &n) || n != DIGEST_BYTES)
		die_oom();
	sha256_abort(s);
}

void sha256_abort(struct sha256 *s)
{
	EVP_MD_CTX_free(s->evp);
	s->evp = NULL;
}
