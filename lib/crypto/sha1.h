/* SHA-1, only for names that others chose by it (AWS's cache of SSO tokens): nothing is trusted
 * because of it. */
#ifndef CRYPTO_SHA1_H
#define CRYPTO_SHA1_H

#include "base/str.h"

enum { SHA1_HEX = 41 };

/* Lower-case hex of the digest, terminated; returns out. */
const char *sha1_hex(struct str bytes, char out[SHA1_HEX]);

#endif
