/* Rewrites an ECMAScript pattern where PCRE2 would read it otherwise: \s (Unicode white space
 * and line ends), long property names, \z \Z \A and such (plain letters or errors there), the
 * dot (four line ends).  For regex.c only. */
#ifndef DOC_REGEX_ECMA_H
#define DOC_REGEX_ECMA_H

#include "base/buf.h"
#include "base/str.h"

void regex_from_ecma(struct buf *out, struct str pattern);

#endif
