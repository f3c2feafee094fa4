/* HMAC-SHA256 (RFC 2104), whole.  Key and message are borrowed views; the caller wipes what it
 * keeps of them.  Nothing here can fail in a way a caller could mend: no memory ends the process. */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include "base/digest.h"
#include "base/str.h"

/* An absent key or message counts as empty. */
void hmac_sha256(struct digest *out, struct str key, struct str message);

#endif
