/* Canonical JSON by RFC 8785 (JCS): members ordered by the UTF-16 code units of their names,
 * numbers as ECMAScript writes them, no white space.  What is hashed and signed is this text.
 * Integers are written as the double they name, as the RFC has it: one past 2^53 that is no
 * double loses digits here exactly as it does in every other JCS writer. */
#ifndef DOC_CANON_H
#define DOC_CANON_H

#include "base/buf.h"
#include "base/num.h"

#include <jansson.h>

void canon_write(struct buf *out, const json_t *j);
/* ECMAScript's Number::toString for a finite x. */
const char *canon_number(double x, char out[NUM_TEXT]);

#endif
