/* Equality and inclusion of JSON values as people mean them: 1 and 1.0 are the same number and
 * members have no order (Jansson's own equality tells integers from reals).  Pure; depth is
 * bounded by the parser's. */
#ifndef DOC_JSONSAME_H
#define DOC_JSONSAME_H

#include <jansson.h>
#include <stdbool.h>

bool json_same(const json_t *x, const json_t *y);
/* Does `whole` hold what `part` says: each member of an object in it, however deep, and the same
 * value everywhere else?  Lists must be the same. */
bool json_covers(const json_t *whole, const json_t *part);

#endif
