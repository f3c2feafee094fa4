/* The canonical request of AWS Signature Version 4: one text for all the ways in which the same
 * request can be written.  A stage of sigv4.h, which owns the rules of use; it borrows everything and
 * puts its texts into the caller's arena. */
#ifndef WIRE_SIGV4_CANON_H
#define WIRE_SIGV4_CANON_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/wire.h"

struct sigv4_canon {
	const struct wire_req *req;
	const struct wire_header *added; /* by the signer, and signed */
	size_t nadded;
	struct str body_hash;
	unsigned flags; /* SIGV4_* */
	/* out */
	struct str text, signed_names; /* "a;b;c" */
};

int sigv4_canonical(struct sigv4_canon *c, struct arena *a, struct err *err) MUST_USE;

#endif
