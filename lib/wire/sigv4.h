/* AWS Signature Version 4 in headers: a pure function from a request, a key, a place and a time to
 * the headers that authenticate it.  It reads no clock and no environment, sends nothing, and puts
 * no part of a key into an err.  Each stage of the computation is handed out for tests; the
 * canonical request holds the session token and goes into no log. */
#ifndef WIRE_SIGV4_H
#define WIRE_SIGV4_H

#include "base/digest.h"
#include "base/err.h"
#include "base/secret.h"
#include "wire/wire.h"

struct sigv4_key {
	struct str id;        /* access key id */
	struct secret secret; /* secret access key */
	struct secret token;  /* session token; absent for a lasting key */
};

enum {
	SIGV4_PATH_AS_IS = 1 << 0,  /* dot segments and double slashes are kept */
	SIGV4_ENCODE_ONCE = 1 << 1, /* S3 only: the path on the wire is the canonical one */
	SIGV4_BODY_HEADER = 1 << 2, /* also send x-amz-content-sha256 */
	SIGV4_TOKEN_LATE = 1 << 3,  /* the token's header goes out unsigned */
};

struct sigv4_scope {
	const char *service; /* signing name: "bedrock" for all of bedrock-* but AgentCore */
	const char *region;
	int64_t wall_ms;
	unsigned flags; /* none for every service but S3 */
};

enum { SIGV4_HEADERS_OUT = 4 };

struct sigv4 {
	struct str canonical, to_sign; /* the first two stages */
	char signature[DIGEST_HEX];
	struct wire_header header[SIGV4_HEADERS_OUT]; /* to add; the last is Authorization */
	size_t nheader;
};

/* Signs method, url, headers and body of req as they go on the wire, host and port as the url
 * writes them.  Signed are all headers of req but those that proxies and libcurl change
 * (user-agent, accept, expect …).  Refused: a header the signer itself adds, control bytes and
 * non-ASCII in a header, a key or region with foreign characters, and what is over
 * the ceilings SIGV4_*_MAX.  Everything in *out lives in `a`. */
int sigv4_sign(struct sigv4 *out, const struct wire_req *req, const struct sigv4_key *key,
	       const struct sigv4_scope *scope, struct arena *a, struct err *err) MUST_USE;

#endif
