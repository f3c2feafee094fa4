#include "crypto/sha1.h"

#include "base/arena.h"
#include "base/b64.h"

#include <openssl/evp.h>

enum { SHA1_BYTES = 20 };

const char *sha1_hex(struct str bytes, char out[SHA1_HEX])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (!EVP_Digest(bytes.n ? bytes.p : "", bytes.n, digest, &n, EVP_sha1(), NULL) || n != SHA1_BYTES)
		die_oom();
	hex_encode(out, digest, SHA1_BYTES);
	return out;
}
