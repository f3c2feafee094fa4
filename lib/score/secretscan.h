/* Credentials in text: known shapes by prefix, length and alphabet; PEM private keys; JSON Web
 * Tokens; and an assignment to a telling name whose value looks random.  Pure, linear in the text but
 * for bounded look-ahead; offsets are bytes. */
#ifndef SCORE_SECRETSCAN_H
#define SCORE_SECRETSCAN_H

#include "base/str.h"

#include <stddef.h>

struct secret_hit {
	const char *kind; /* for people: "AWS access key" */
	size_t from, to;
};

/* The next hit at or after byte `from`. */
bool secret_next(struct str s, size_t from, struct secret_hit *out);

#endif
