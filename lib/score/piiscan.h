/* Personal data in text, by shape and checksum: email, card (Luhn and issuer), IBAN (length and
 * mod 97), US social security number (with its impossible groups), phone, IPv4 and IPv6.  Pure, linear
 * in the text but for bounded look-ahead; offsets are bytes. */
#ifndef SCORE_PIISCAN_H
#define SCORE_PIISCAN_H

#include "base/str.h"

#include <stddef.h>

enum pii_kind { PII_EMAIL, PII_CARD, PII_IBAN, PII_SSN, PII_PHONE, PII_IP, PII_KINDS };
const char *pii_kind_name(enum pii_kind k);

struct pii_hit {
	enum pii_kind kind;
	size_t from, to;
};

/* The next hit of that kind at or after byte `from`. */
bool pii_next(struct str s, enum pii_kind kind, size_t from, struct pii_hit *out);

#endif
